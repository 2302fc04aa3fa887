/** Nobody settles across two roots outside of what they recognise of each other (PROTOCOL §6 C). */
import { describe, expect, test } from "vitest";
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
  readonly isListed?: boolean;
  readonly isOneRoot?: boolean;
};

/** A pair that settled across two roots, and what the register says of the recognitions that its context names. */
function judged({ change = {}, isListed = false, isOneRoot = false }: Told): void {
  const scene = isOneRoot ? twoAgents() : twoAgents({ twoRoots: { consumers: {}, holder: {} } });
  scene.settle();
  const records = scene.hosts.flatMap(({ disk }) =>
    disk.map(({ bytes }): AnyRecord => recordFrom(bytes, scene.scheme.primitives)),
  );
  const register = newRegister();
  for (const each of records) {
    if (each.kind === "credential") register.issued(each);
    if (each.kind === "recognition") register.recognised({ ...each, body: { ...each.body, ...change } });
    const ids = records.flatMap(({ kind, id }) => (isListed && kind === "recognition" ? [id] : []));
    if (each.kind === "status-snapshot")
      register.proclaimed({ ...each, body: { ...each.body, revoked: ids } });
  }
  const ledger = newLedger(0);
  const [invariant] = recognitionInvariants(watchedWorld({ register, ledger }));
  for (const host of scene.hosts)
    for (const { kind, bytes } of host.disk) {
      if (kind !== "own") continue;
      const record = recordFrom(bytes, scene.scheme.primitives);
      if (record.kind !== "settlement") ledger.take(host.script.name, record, 0);
    }
  for (const record of records.filter(({ kind }) => kind === "settlement"))
    invariant?.appended?.("host", record, "agent");
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
    expect(() => judged({ change })).toThrow(/outside of what they recognise/);
  });

  test("under one that its own snapshots list is a breach", () => {
    expect(() => judged({ isListed: true })).toThrow(/outside of what they recognise/);
  });
});
