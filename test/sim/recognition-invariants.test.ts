/** Nobody settles across two roots outside of what its own recognises of the other (PROTOCOL §6 C). */
import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import type { Recognition } from "../../src/core/record/kinds/recognition.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { recognitionInvariants } from "../../src/sim/invariants/recognition-invariants.ts";
import { newLedger } from "../../src/sim/ledger.ts";
import { newRegister } from "../../src/sim/register.ts";
import { recordFrom } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";
import { watchedWorld } from "../support/watched-world.ts";

type Told = {
  readonly change?: Partial<Recognition>;
  /** By whose snapshots the recognitions are listed; nobody's where it is left out. */
  readonly listedBy?: "its author" | "somebody else";
  readonly isOneRoot?: boolean;
  /** Whose settlement alone is looked at; both where it is left out. */
  readonly of?: "holder" | "consumer";
  /** Whose root alone recognises the other; both where it is left out. */
  readonly by?: "holder" | "consumer";
};

/** A pair that settled across two roots, and what the register says of the recognitions that its context names. */
function judged({ change = {}, listedBy, isOneRoot = false, of, by }: Told): void {
  const scene = isOneRoot ? twoAgents() : twoAgents({ twoRoots: { consumers: {}, holder: {} } });
  scene.settle();
  const records = scene.hosts.flatMap(({ disk }) =>
    disk.map(({ bytes }): AnyRecord => recordFrom(bytes, scene.scheme.primitives)),
  );
  const register = newRegister();
  for (const each of records) if (each.kind === "credential") register.issued(each);
  const offer = records.find(({ kind }) => kind === "offer");
  const rootOfHolder = register.rootOf(toHex(offer?.header.credential ?? new Uint8Array()));
  for (const each of records) {
    const side = toHex(each.header.lineage) === rootOfHolder ? "holder" : "consumer";
    if (each.kind === "recognition" && (by === undefined || by === side))
      register.recognised({ ...each, body: { ...each.body, ...change } });
    const revoked = records.flatMap(({ kind, id, header }) => {
      const isItsAuthor = equalBytes(header.lineage, each.header.lineage);
      return kind === "recognition" && listedBy === (isItsAuthor ? "its author" : "somebody else")
        ? [id]
        : [];
    });
    if (each.kind === "status-snapshot") register.proclaimed({ ...each, body: { ...each.body, revoked } });
  }
  const ledger = newLedger(0);
  const [invariant] = recognitionInvariants(watchedWorld({ register, ledger }));
  for (const host of scene.hosts)
    for (const { kind, bytes } of host.disk) {
      if (kind !== "own") continue;
      const record = recordFrom(bytes, scene.scheme.primitives);
      if (record.kind !== "settlement") ledger.take(host.script.name, record, 0);
    }
  for (const host of scene.hosts) {
    const side = host === scene.hosts[0] ? "holder" : "consumer";
    if (of !== undefined && of !== side) continue;
    for (const { kind, bytes } of host.disk) {
      const record = recordFrom(bytes, scene.scheme.primitives);
      if (kind === "own" && record.kind === "settlement")
        invariant?.appended?.(host.script.name, record, "agent");
    }
  }
}

describe("a settlement across two roots", () => {
  test("inside of what both recognise is none of its business, nor one within a root", () => {
    expect(() => judged({})).not.toThrow();
    expect(() => judged({ isOneRoot: true })).not.toThrow();
  });

  test.each([
    ["of a band that it does not reach", { scope: [] }],
    ["that had ended", { untilUs: 1 }],
    ["that has not begun", { fromUs: 1_999_999_999_999_999 }],
    ["of another root", { root: new Uint8Array(32) }],
  ] as const)("under a recognition %s is a breach", (_, change) => {
    expect(() => judged({ change })).toThrow(/outside of what its own recognises/);
  });

  test("each side answers for its own root alone", () => {
    for (const side of ["holder", "consumer"] as const) {
      const other = side === "holder" ? "consumer" : "holder";
      expect(() => judged({ of: side, by: side })).not.toThrow();
      expect(() => judged({ of: side, by: other })).toThrow(/outside of what its own recognises/);
    }
  });

  test("under one that its author's snapshot lists is a breach; what others list of it is nobody's business", () => {
    expect(() => judged({ listedBy: "its author" })).toThrow(/outside of what its own recognises/);
    expect(() => judged({ listedBy: "somebody else" })).not.toThrow();
  });
});
