/** What the final audit forgives: the records that a fault explains, of the time that it explains, and nothing else. */
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { newChronicle } from "../../src/sim/chronicle.ts";
import { newForgiveness } from "../../src/sim/forgiveness.ts";
import { newHarms } from "../../src/sim/harms.ts";
import type { Host } from "../../src/sim/host.ts";
import { newRogueRecords } from "../../src/sim/rogue-records.ts";
import { scenePolicy, scriptedLineage } from "../support/scripted-authority.ts";
import { quickKeys } from "../support/scripted-keys.ts";

const HOST = "holder-0";

function audited() {
  const clock = { nowUs: 0 };
  const [chronicle, rogues, harms] = [newChronicle(), newRogueRecords(), newHarms(() => clock.nowUs)];
  const lineage = scriptedLineage(quickKeys(), HOST);
  const forgives = newForgiveness({ chronicle, rogues, harms });
  const host = { spec: { name: HOST } } as Host;
  const writeAt = (atUs: number): string => {
    const record = lineage.write("policy", scenePolicy) as AnyRecord;
    chronicle.append(HOST, record, atUs);
    return toHex(record.id);
  };
  return { clock, chronicle, rogues, harms, host, lineage, writeAt, forgives };
}

describe("a failed check", () => {
  test("of an honest host that nothing happened to is never forgiven", () => {
    const { writeAt, forgives } = audited();
    const subject = writeAt(1);
    for (const code of ["renewal-expiry", "lineage-fork"] as const)
      expect(forgives({ code, subject }, [])).toBe(false);
  });

  test("is forgiven to who was deceived while it wrote, where time or place decides", () => {
    const { clock, harms, host, writeAt, forgives } = audited();
    const before = writeAt(5);
    clock.nowUs = 10;
    harms.misled(host, 100);
    const [during, after] = [writeAt(50), writeAt(110)];
    expect(forgives({ code: "emission-time", subject: before }, [])).toBe(false);
    expect(forgives({ code: "emission-time", subject: during }, [])).toBe(true);
    expect(forgives({ code: "lineage-link", subject: during }, [])).toBe(false);
    expect(forgives({ code: "emission-time", subject: after }, [])).toBe(false);
  });

  test("is forgiven to a disk that lost records, where the log is compared with what peers have", () => {
    const { chronicle, writeAt, forgives } = audited();
    const subject = writeAt(1);
    // Rot took what it had asked for; a peer has it, beside the lower position at which it gave the lease up again.
    const codes = [
      "lineage-fork",
      "consumer-after-end",
      "termination-once",
      "renewal-after-end",
      "reference",
    ] as const;
    for (const code of codes) expect(forgives({ code, subject }, [])).toBe(false);
    chronicle.lose(HOST, 0);
    for (const code of codes) expect(forgives({ code, subject }, [])).toBe(true);
    expect(forgives({ code: "renewal-expiry", subject }, [])).toBe(false);
  });

  test("is forgiven to a disk that lost what a settlement rests on (seed 100037), and not what it says wrongly", () => {
    const { chronicle, writeAt, forgives } = audited();
    const check = { code: "artifact-rederived" as const, subject: writeAt(1) };
    const rests = { ...check, measured: { missing: 1 } };
    expect(forgives(rests, [])).toBe(false);
    chronicle.lose(HOST, 0);
    expect(forgives(rests, [])).toBe(true);
    expect(forgives({ ...check, measured: { artifact: "another" } }, [])).toBe(false);
  });

  test("is forgiven to who lost its latest records and then rolled its key (seed 110000), and not a wrong signature", () => {
    const { chronicle, writeAt, forgives } = audited();
    const check = { code: "record-signature" as const, subject: writeAt(1) };
    const byKeyBefore = { ...check, measured: { code: "signer-unknown" } };
    expect(forgives(byKeyBefore, [])).toBe(false);
    chronicle.lose(HOST, 0);
    expect(forgives(byKeyBefore, [])).toBe(true);
    expect(forgives({ ...check, measured: { code: "signature-invalid" } }, [])).toBe(false);
  });

  test("is forgiven to the dishonest, and not to those who deal with them", () => {
    const { rogues, writeAt, forgives } = audited();
    const rogue = scriptedLineage(quickKeys(), "rogue").write("policy", scenePolicy) as AnyRecord;
    rogues.take("rogue", rogue);
    const subject = writeAt(1);
    expect(forgives({ code: "artifact-rederived", subject: toHex(rogue.id) }, [])).toBe(true);
    expect(forgives({ code: "artifact-rederived", subject }, ["rogue", HOST])).toBe(false);
    expect(forgives({ code: "artifact-once", subject: "00" }, ["rogue", HOST])).toBe(true);
  });
});
