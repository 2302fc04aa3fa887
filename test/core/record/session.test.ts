/** Which records a session key may sign, by its certificate and its policy alone (PROTOCOL §10 Session keys). */
import { describe, expect, test } from "vitest";
import { SUITE_ES256 } from "../../../src/core/base/primitives.ts";
import type { Header } from "../../../src/core/record/header.ts";
import { keyId } from "../../../src/core/record/identity.ts";
import type { SessionKey } from "../../../src/core/record/kinds/session-key.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import {
  isBySession,
  sessionBefore,
  sessionOf,
  sessionOfRecord,
  sessionPolicyFaults,
  withSession,
} from "../../../src/core/record/session.ts";
import { keyOfInception, keyOfRotation, type SigningKey } from "../../../src/core/record/signing-key.ts";
import { SECOND_US, START_US, scenePolicy, scriptedLineage } from "../../support/scripted-authority.ts";
import { quickKeys } from "../../support/scripted-keys.ts";

const scheme = quickKeys();
const { sha256 } = scheme.primitives;
const policy = new Uint8Array(32).fill(7);
const bootId = new Uint8Array(16).fill(1);
const time = { earliestUs: START_US, latestUs: START_US, assurance: "simulated" as const, ageUs: 0 };
const sessionKey = scheme.keyOf("session");
const signerKey = keyId(SUITE_ES256, sessionKey.publicKey, sha256);
const certified: SessionKey["certified"] = {
  publicKey: sessionKey.publicKey,
  bootId,
  untilUs: START_US + 10 * SECOND_US,
};

/** A device's lineage with a certificate at seq 1; `rotate` follows at seq 2. */
function device(rotate: boolean = false) {
  const lineage = scriptedLineage(scheme, "device");
  const certificate = lineage.write("session-key", { certified }, { time, policy });
  const first = keyOfInception(lineage.inception, sha256);
  if (!first.ok) throw new Error("the inception certifies itself");
  let keys: readonly SigningKey[] = [first.value];
  if (rotate) {
    const next = keyOfRotation(lineage.rotate(0), first.value, sha256);
    if (!next.ok) throw new Error("the rotation was committed to");
    keys = [first.value, next.value];
  }
  return { lineage, known: { keys, sessions: [sessionOf(certificate, sha256)] }, certificate };
}

function fault(head: Partial<Header>, rotate = false) {
  const { lineage, known } = device(rotate);
  const body = { what: "backward" as const, fixUs: 0, expectedUs: 1, receivedBootUs: 2 };
  const record = lineage.write("time-fault", body, { time, policy, signerKey, ...head }) as AnyRecord;
  return { record, known };
}

const codes = (result: ReturnType<typeof sessionOfRecord>): readonly string[] =>
  result.ok ? [] : result.rejections.map(({ code }) => code);

describe("a record by a session key", () => {
  test("is by the key of the last certificate before it", () => {
    const { record, known } = fault({});
    expect(isBySession(record, known)).toBe(true);
    expect(sessionOfRecord(record, known)).toMatchObject({
      ok: true,
      value: { signer: { keyId: signerKey } },
    });
  });

  test("stands after its certificate, not at its place, and before any rotation", () => {
    expect(codes(sessionOfRecord(fault({ seq: 1 }).record, device().known))).toEqual(["session-position"]);
    const rotated = fault({}, true);
    expect(codes(sessionOfRecord(rotated.record, rotated.known))).toEqual(["session-position"]);
  });

  test("has every fault of it told at once", () => {
    const { lineage, known } = device();
    const forged = lineage.write(
      "withdrawal",
      { offer: policy, reason: "x" },
      { signerKey, time: null, policy: null },
    );
    expect(codes(sessionOfRecord(forged as AnyRecord, known))).toEqual([
      "session-kind",
      "session-time",
      "session-policy",
    ]);
  });

  test("whose header names a key of the device itself is not one, whatever a certificate says", () => {
    const { lineage, certificate } = device();
    const own = { certified: { publicKey: lineage.key.publicKey, bootId, untilUs: START_US + SECOND_US } };
    const twice = sessionOf({ ...certificate, body: own }, sha256);
    const first = keyOfInception(lineage.inception, sha256);
    if (!first.ok) throw new Error("the inception certifies itself");
    const known = { keys: [first.value], sessions: [twice] };
    expect(isBySession(lineage.inception as AnyRecord, known)).toBe(false);
  });

  test("states the boot of its certificate where its kind states one", () => {
    const { lineage, known } = device();
    const emission = { lowerHz: 1, upperHz: 2, eirpCentiDbm: 0, dutyCycles: [] };
    const body = { artifact: policy, renewal: policy, emission, deadlineBootUs: 1 };
    const actuation = (boot: Uint8Array) =>
      lineage.write("actuation", { ...body, bootId: boot }, { signerKey, time, policy }) as AnyRecord;
    expect(codes(sessionOfRecord(actuation(bootId), known))).toEqual([]);
    expect(codes(sessionOfRecord(actuation(new Uint8Array(16)), known))).toEqual(["session-boot"]);
  });
});

describe("the policy", () => {
  const certificate = device().certificate;
  const { record } = fault({});

  test("that has no session keys lets none be", () => {
    expect(sessionPolicyFaults(record, certificate, scenePolicy)).toMatchObject([{ code: "session-policy" }]);
  });

  test("says for how long, to the microsecond, and for what", () => {
    const under = (forUs: number, kinds: readonly ("time-fault" | "renewal")[]) =>
      sessionPolicyFaults(record, certificate, { ...scenePolicy, sessionKeys: { forUs, kinds } });
    expect(under(10 * SECOND_US, ["time-fault"])).toEqual([]);
    expect(under(10 * SECOND_US - 1, ["renewal"])).toMatchObject([
      {
        code: "session-too-long",
        measured: { forUs: 10 * SECOND_US },
        required: { forUsMax: 10 * SECOND_US - 1 },
      },
      { code: "session-kind", measured: { kind: "time-fault" }, required: { kind: "renewal" } },
    ]);
  });
});

describe("certificates", () => {
  const { lineage } = device();
  const at = (seq: number, epoch = 0) =>
    sessionOf(lineage.write("session-key", { certified: null }, { seq, epoch }), sha256);

  test("stand in the order of their places, however they come, the latest kept", () => {
    const all = [at(9), at(3), at(1, 1), at(5)].reduce<ReturnType<typeof withSession>>(
      (known, each) => withSession(known, each, 3),
      [],
    );
    expect(all.map(({ certificate: { header } }) => [header.epoch, header.seq])).toEqual([
      [0, 5],
      [0, 9],
      [1, 1],
    ]);
    expect(sessionBefore(all, { epoch: 0, seq: 9 })?.certificate.header.seq).toBe(5);
    expect(sessionBefore(all, { epoch: 0, seq: 5 })).toBeUndefined();
  });

  test("of one place: the first that was heard stays", () => {
    const { certificate } = device();
    const [first, other] = [sessionOf(certificate, sha256), at(certificate.header.seq)];
    expect(withSession([first], other, 3)).toEqual([first]);
  });
});
