/** The client of a key under a PCR policy, against a simulated TPM whose insides are looked at. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryKeyStore } from "../../../hardware/tpm/client/key-store.ts";
import { openTpm } from "../../../hardware/tpm/client/tpm-client.ts";
import * as commands from "../../../hardware/tpm/codec/commands.ts";
import { ALG, HIERARCHY, SESSION } from "../../../hardware/tpm/codec/constants.ts";
import { encodeCommand } from "../../../hardware/tpm/codec/frame.ts";
import * as policy from "../../../hardware/tpm/codec/policy-commands.ts";
import { dispatch } from "../../../hardware/tpm/simulator/dispatch.ts";
import { type Machine, machine, powerOn } from "../../../hardware/tpm/simulator/machine.ts";
import { keyPair, signDigest } from "../../../hardware/tpm/simulator/p256.ts";
import { isOnCurve, isSignedDigest } from "../../../hardware/tpm/simulator/p256-verify.ts";
import { memoryPermanentStore } from "../../../hardware/tpm/simulator/permanent.ts";
import type { Connect } from "../../../hardware/tpm/transport/transport.ts";
import { approvePcrs } from "../../../src/adapters/attestation/pcr-approval.ts";
import { ascii } from "../../../src/core/base/bytes.ts";
import type { Tpm } from "../../../src/ports/tpm.ts";
import { nodePrimitives, realClock, tpmContext } from "../../conformance/tpm-context.ts";
import { testKey } from "../../core/attestation/evidence.ts";

const { sha256 } = nodePrimitives;
const NOTHING = new Uint8Array(0);
const PCRS = [0, 7];
const SIGN_AT = 6;

type Rig = { readonly tpm: Machine; readonly connect: Connect; before: (code: number) => void };

/** `before` is called with the code of each command before it is executed. */
function newRig(): Rig {
  const tpm = machine(realClock, tpmContext("pcr-policy").entropy, memoryPermanentStore());
  const rig: Rig = {
    tpm,
    before: () => {},
    connect: async () => ({
      async exchange(command) {
        rig.before(new DataView(command.buffer, command.byteOffset).getUint32(SIGN_AT));
        return dispatch(tpm, command);
      },
      close: async () => {},
    }),
  };
  return rig;
}

const approver = testKey();
const shared = { folder: "" };
beforeAll(() => {
  shared.folder = mkdtempSync(join(tmpdir(), "spectrum-pcr-"));
  const values = PCRS.map((pcr) => ({ pcr, digest: new Uint8Array(32) }));
  writeFileSync(join(shared.folder, "approval.json"), approvePcrs(approver.secret, values));
});
afterAll(() => rmSync(shared.folder, { recursive: true, force: true }));

function openOn({ connect }: Rig, approvals: string = shared.folder): Promise<Tpm> {
  const { clock, log } = tpmContext("pcr-policy");
  return openTpm({
    connect,
    clock,
    log,
    keys: memoryKeyStore(),
    ownsPower: true,
    level: "software",
    counterIndex: 0x01807301,
    pcrPolicy: { approver: approver.point, pcrs: PCRS, approvals },
  });
}

function extend({ tpm }: Rig, pcr: number): void {
  const digests = [{ hash: ALG.SHA256, digest: sha256(ascii("somebody else")) }];
  dispatch(tpm, encodeCommand(commands.pcrExtend, [pcr], { digests }));
}

/** Loaded objects and sessions. */
function loaded({ tpm }: Rig): readonly number[] {
  return [tpm.slots, tpm.sessions].map((all) => all.filter((each) => each !== null).length);
}

const ONLY_KEYS = [2, 0];

describe("a key under a PCR policy", () => {
  test("leaves its two keys and no session, whether it signs or not", async () => {
    const rig = newRig();
    const tpm = await openOn(rig);
    expect(loaded(rig)).toEqual(ONLY_KEYS);
    await tpm.signer.sign(ascii("approved"));
    expect(loaded(rig)).toEqual(ONLY_KEYS);
    extend(rig, 7);
    await expect(tpm.signer.sign(ascii("not approved"))).rejects.toMatchObject({
      code: "tpm-pcrs-unapproved",
    });
    expect(loaded(rig)).toEqual(ONLY_KEYS);
    powerOn(rig.tpm);
    await tpm.signer.sign(ascii("after a reset"));
    expect(loaded(rig)).toEqual(ONLY_KEYS);
    await tpm.close();
    expect(loaded(rig)).toEqual([0, 0]);
  });

  test("begins anew when any PCR changes between the policy and the signature", async () => {
    const rig = newRig();
    const tpm = await openOn(rig);
    let signatures = 0;
    rig.before = (code) => {
      if (code === commands.sign.code && ++signatures <= 3) extend(rig, 10);
    };
    const signature = await tpm.signer.sign(ascii("in the end"));
    expect(nodePrimitives.verifySignature(1, tpm.signer.publicKey, ascii("in the end"), signature)).toBe(
      true,
    );
    expect(signatures).toBe(4);
    expect(loaded(rig)).toEqual(ONLY_KEYS);
  });

  test("gives up on PCRs that never rest, and says that a later call may go through", async () => {
    const rig = newRig();
    const tpm = await openOn(rig);
    rig.before = (code) => {
      if (code === commands.sign.code) extend(rig, 10);
    };
    await expect(tpm.signer.sign(ascii("never"))).rejects.toMatchObject({
      code: "tpm-failed",
      retryable: true,
    });
    expect(loaded(rig)).toEqual(ONLY_KEYS);
    rig.before = () => {};
    await tpm.signer.sign(ascii("at rest"));
  });

  test("verifies an approval once for each state, not for each signature", async () => {
    const rig = newRig();
    const tpm = await openOn(rig);
    let verified = 0;
    rig.before = (code) => {
      if (code === policy.verifySignature.code) verified++;
    };
    for (let i = 0; i < 3; i++) await tpm.signer.sign(ascii(`message ${i}`));
    expect(verified).toBe(1);
  });

  test("is not in the way of what a client that died has left", async () => {
    const rig = newRig();
    dispatch(rig.tpm, encodeCommand(commands.startup, [], { type: 0 }));
    const start = {
      nonce: new Uint8Array(16),
      salt: NOTHING,
      type: SESSION.POLICY,
      symmetric: ALG.NULL,
      hash: ALG.SHA256,
    };
    for (let i = 0; i < 3; i++) {
      dispatch(rig.tpm, encodeCommand(policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], start));
    }
    expect(loaded(rig)).toEqual([0, 3]);
    const tpm = await openOn(rig);
    await tpm.signer.sign(ascii("all the same"));
    expect(loaded(rig)).toEqual(ONLY_KEYS);
  });

  test.each([
    ["a file", () => join(shared.folder, "approval.json"), null],
    ["a folder", () => shared.folder, null],
    ["nothing yet", () => join(shared.folder, "absent"), "ENOENT"],
  ])("finds approvals where the profile names %s", async (_, path, trouble) => {
    const tpm = await openOn(newRig(), path());
    const signing = tpm.signer.sign(ascii("found"));
    if (trouble === null) expect(await signing).toHaveLength(64);
    else await expect(signing).rejects.toThrow(trouble);
  });
});

describe("the simulated TPM's ECDSA", () => {
  const key = keyPair(ascii("a key"));

  test("sees what it signed itself, and nothing else", () => {
    for (let i = 0; i < 20; i++) {
      const digest = sha256(ascii(`message ${i}`));
      const { r, s } = signDigest(key.secret, digest);
      expect(isSignedDigest(key, digest, { r, s })).toBe(true);
      expect(isSignedDigest(key, sha256(digest), { r, s })).toBe(false);
      expect(isSignedDigest(key, digest, { r: s, s: r })).toBe(false);
      expect(isSignedDigest(keyPair(ascii("another")), digest, { r, s })).toBe(false);
    }
  });

  test("refuses numbers that are no scalars, and points beside the curve", () => {
    const digest = sha256(ascii("message"));
    const { r, s } = signDigest(key.secret, digest);
    for (const bad of [NOTHING, new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      expect(isSignedDigest(key, digest, { r: bad, s })).toBe(false);
      expect(isSignedDigest(key, digest, { r, s: bad })).toBe(false);
    }
    expect([isOnCurve(key), isOnCurve({ x: key.x, y: key.x })]).toEqual([true, false]);
  });
});
