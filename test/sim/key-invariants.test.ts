/** One signer at a time: what the invariant of keys lets a host append, and what it lets nobody (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { keyInvariants } from "../../src/sim/invariants/key-invariants.ts";
import { scenePolicy, scriptedLineage } from "../support/scripted-authority.ts";
import { quickKeys } from "../support/scripted-keys.ts";
import { watchedWorld } from "../support/watched-world.ts";

const HOST = "holder-0";

function rolled() {
  const lineage = scriptedLineage(quickKeys(), HOST);
  const [invariant] = keyInvariants(watchedWorld());
  const append = (record: AnyRecord): void => invariant?.appended?.(HOST, record, "agent");
  const old = lineage.write("policy", scenePolicy) as AnyRecord;
  const before = lineage.inception.header.signerKey;
  const rotation = lineage.rotate(0) as AnyRecord;
  return { lineage, append, old, before, rotation, invariant };
}

describe("a lineage whose key was rolled", () => {
  test("goes on with the key that was committed to, again and again", () => {
    const { lineage, append } = rolled();
    lineage.write("policy", scenePolicy);
    lineage.rotate(0);
    lineage.write("policy", scenePolicy);
    expect(() => lineage.records.forEach(append)).not.toThrow();
  });

  test("has no record more of the key before", () => {
    const { lineage, append, before } = rolled();
    lineage.records.forEach(append);
    const late = lineage.write("policy", scenePolicy, { signerKey: before }) as AnyRecord;
    expect(() => append(late)).toThrow(/holder-0's policy is signed by/);
  });

  test("is not rolled by a key that nobody committed to", () => {
    const { lineage, append } = rolled();
    const [inception, , rotation] = lineage.records;
    const stolen = { ...rotation, header: { ...rotation?.header, signerKey: new Uint8Array(32).fill(9) } };
    append(inception as AnyRecord);
    expect(() => append(stolen as AnyRecord)).toThrow(/key-rotation is signed by 09090909/);
  });

  test("stands where it stood before the rotation, once its disk lost that one", () => {
    const { lineage, append, old, invariant } = rolled();
    lineage.records.forEach(append);
    invariant?.reread?.(HOST, [lineage.inception as AnyRecord], 1);
    expect(() => append(old)).not.toThrow();
  });
});
