/** What every TPM driver keeps whose signing key is bound to approved PCR values (hardware/tpm/pcr-options.ts). */
import { createPublicKey } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decoded } from "../../hardware/tpm/codec/field.ts";
import { eccPublic } from "../../hardware/tpm/codec/structures.ts";
import { makeCredential } from "../../src/adapters/attestation/make-credential.ts";
import { approvePcrs } from "../../src/adapters/attestation/pcr-approval.ts";
import { checkCertification } from "../../src/core/attestation/certification.ts";
import { approverName, type PcrValue, renewablePolicy } from "../../src/core/attestation/pcr-policy.ts";
import { ascii, toHex } from "../../src/core/base/bytes.ts";
import type { DriverEntry, OptionValues } from "../../src/ports/driver.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { type TestKey, testKey } from "../core/attestation/evidence.ts";
import type { TpmBench } from "./tpm.ts";
import { nodePrimitives, seededEntropy, tpmContext } from "./tpm-context.ts";

const { sha256 } = nodePrimitives;
const PCRS = [1, 16];
const [PCR_STILL, PCR_MEASURED, PCR_OTHER] = [1, 16, 23];
/** More than a TPM has slots for sessions or objects. */
const MANY = 7;
const UNAPPROVED = { port: "signer", code: "tpm-pcrs-unapproved", retryable: false };

/** `bench` is how to set one up, or why it cannot be: then the tests show as skipped by that name. */
export function pcrPolicyConformance(
  entry: DriverEntry<Tpm>,
  bench: (() => Promise<TpmBench>) | string,
): void {
  describe(`tpm driver ${entry.id} with its key under a PCR policy`, () => {
    if (typeof bench === "string") {
      test.skip(`skipped: ${bench}`, () => {});
      return;
    }
    const rig = newRig(entry);
    beforeAll(async () => {
      rig.bench = await bench();
      rig.tpm = await rig.open();
    });
    afterAll(async () => {
      await rig.tpm?.close();
      await rig.bench?.stop();
      rmSync(rig.folder, { recursive: true, force: true });
    });
    approvalTests(rig);
    forgeryTests(rig);
    renewalTests(rig);
    powerTests(rig);
    openingTests(rig);
  });
}

type Rig = {
  readonly folder: string;
  readonly approver: TestKey;
  bench: TpmBench | null;
  tpm: Tpm | null;
  open(change?: OptionValues): Promise<Tpm>;
};

function newRig(entry: DriverEntry<Tpm>): Rig {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-approvals-"));
  const approver = testKey();
  mkdirSync(join(folder, "approvals"));
  writeKey(join(folder, "approver.pem"), approver);
  const policy = {
    pcrs: PCRS.join(),
    "pcr-approver": join(folder, "approver.pem"),
    "pcr-approvals": join(folder, "approvals"),
  };
  const rig: Rig = {
    folder,
    approver,
    bench: null,
    tpm: null,
    async open(change = policy) {
      if (rig.bench === null) throw new Error("the bench was not set up");
      const open = rig.bench.open ?? (await entry.load());
      return open(tpmContext("pcr-policy"), { ...rig.bench.options, ...change });
    },
  };
  return rig;
}

function writeKey(path: string, { secret }: TestKey): void {
  writeFileSync(path, createPublicKey(secret).export({ type: "spki", format: "pem" }));
}

function tpmOf(rig: Rig): Tpm {
  if (rig.tpm === null) throw new Error("the TPM was not opened");
  return rig.tpm;
}

async function held(rig: Rig, pcrs: readonly number[] = PCRS): Promise<readonly PcrValue[]> {
  const values: PcrValue[] = [];
  for (const pcr of pcrs) values.push({ pcr, digest: await tpmOf(rig).readPcr(pcr) });
  return values;
}

function handIn(rig: Rig, name: string, text: string): void {
  writeFileSync(join(rig.folder, "approvals", name), text);
}

/** That the key signs, with this very public key, more often than there are slots. */
async function signs(tpm: Tpm, key: Uint8Array): Promise<void> {
  for (let i = 0; i < MANY; i++) {
    const message = ascii(`message ${i}`);
    const signature = await tpm.signer.sign(message);
    expect(nodePrimitives.verifySignature(1, key, message, signature)).toBe(true);
  }
}

/** The words of the refusal, the same each time, more often than there are slots. */
async function refusal(tpm: Tpm): Promise<string> {
  const words = new Set<string>();
  for (let i = 0; i < MANY; i++) {
    const error: unknown = await tpm.signer.sign(ascii("refused")).catch((reason: unknown) => reason);
    expect(error).toMatchObject(UNAPPROVED);
    words.add((error as Error).message);
  }
  expect(words.size).toBe(1);
  return [...words].join();
}

function approvalTests(rig: Rig): void {
  test("shows and certifies a key that only a policy opens, and a verifier accepts it", () => {
    const { identity, signer } = tpmOf(rig);
    const { akName, akPublic, signingPublic, certification } = identity;
    const claim = { akName, akPublic, signingPublic, signingKey: signer.publicKey, ...certification };
    const checked = checkCertification(claim, nodePrimitives);
    expect(checked.ok ? [] : checked.rejections).toEqual([]);
    const key = decoded(eccPublic, signingPublic);
    // sign, noDA, sensitiveDataOrigin, fixedParent, fixedTPM; neither userWithAuth nor adminWithPolicy.
    expect(key?.attributes).toBe(0x40432);
    expect(key?.authPolicy).toEqual(renewablePolicy(approverName(rig.approver.point, sha256), PCRS, sha256));
  });

  test("signs nothing before anybody approved, and says what the PCRs hold", async () => {
    const [still, measured] = await held(rig);
    const words = await refusal(tpmOf(rig));
    expect(words).toContain(`PCR ${PCR_STILL} holds ${toHex(still?.digest ?? ascii(""))}`);
    expect(words).toContain(`PCR ${PCR_MEASURED} holds ${toHex(measured?.digest ?? ascii(""))}`);
    expect(words).toContain(`no approval of them by ${toHex(approverName(rig.approver.point, sha256))}`);
  });

  test("signs as soon as what the PCRs hold is approved", async () => {
    const { signer } = tpmOf(rig);
    handIn(rig, "first.json", approvePcrs(rig.approver.secret, await held(rig)));
    await signs(tpmOf(rig), signer.publicKey);
  });

  test("signs on when a PCR changes that the policy does not name", async () => {
    await tpmOf(rig).extendPcr(PCR_OTHER, sha256(ascii("something else")));
    await signs(tpmOf(rig), tpmOf(rig).signer.publicKey);
  });

  test("signs nothing after a PCR of the policy changed, and says which, what it holds and what is approved", async () => {
    const before = toHex(await tpmOf(rig).readPcr(PCR_MEASURED));
    await tpmOf(rig).extendPcr(PCR_MEASURED, sha256(ascii("an update")));
    const after = toHex(await tpmOf(rig).readPcr(PCR_MEASURED));
    const words = await refusal(tpmOf(rig));
    expect(words).toContain(`PCR ${PCR_MEASURED} holds ${after}, approved is ${before}`);
    expect(words).not.toContain(`PCR ${PCR_STILL} holds`);
    expect(words).toContain("first.json");
  });

  test("does meanwhile what needs no signature", async () => {
    const tpm = tpmOf(rig);
    const secret = ascii("for this TPM");
    const { ekPublic, akName } = tpm.identity;
    const made = makeCredential({ ekPublic, akName, secret }, seededEntropy("meanwhile"));
    if (!made.ok) throw new Error(JSON.stringify(made.rejections));
    expect(await tpm.activateCredential(made.value)).toEqual(secret);
    expect((await tpm.quote(secret, PCRS)).signature).toHaveLength(64);
  });
}

function forgeryTests(rig: Rig): void {
  type Forgery = (values: readonly PcrValue[]) => Promise<string> | string;
  const good = (values: readonly PcrValue[]): string => approvePcrs(rig.approver.secret, values);
  const changed = (text: string, field: string, change: (hex: string) => string): string => {
    const fields = JSON.parse(text);
    return JSON.stringify({ ...fields, [field]: change(fields[field]) });
  };
  const flipped = (at: number) => (hex: string) =>
    `${hex.slice(0, at)}${hex[at] === "0" ? "1" : "0"}${hex.slice(at + 1)}`;
  const cases: readonly (readonly [string, string, Forgery])[] = [
    ["by another key", "pcr-approval-approver", (values) => approvePcrs(testKey().secret, values)],
    [
      "by another key under the approver's name",
      "the signature is not the approver's",
      (values) => {
        const name = toHex(approverName(rig.approver.point, sha256));
        return changed(approvePcrs(testKey().secret, values), "approver", () => name);
      },
    ],
    [
      "of fewer PCRs",
      "pcr-approval-selection",
      async () => approvePcrs(rig.approver.secret, await held(rig, [PCR_MEASURED])),
    ],
    [
      "of more PCRs",
      "pcr-approval-selection",
      async () => approvePcrs(rig.approver.secret, await held(rig, [...PCRS, PCR_OTHER])),
    ],
    ["cut short", "pcr-approval-malformed", (values) => good(values).slice(0, -20)],
    [
      "with a flipped r",
      "the signature is not the approver's",
      (values) => changed(good(values), "signature", flipped(5)),
    ],
    [
      "with a flipped s",
      "the signature is not the approver's",
      (values) => changed(good(values), "signature", flipped(127)),
    ],
    [
      "with a signature of zeros",
      "the signature is not the approver's",
      (values) => changed(good(values), "signature", () => "0".repeat(128)),
    ],
    [
      "of the values before, written over with the new ones",
      "the signature is not the approver's",
      (values) => {
        const old = good(values.map(({ pcr }) => ({ pcr, digest: new Uint8Array(32) })));
        const { pcrs } = JSON.parse(good(values));
        return JSON.stringify({ ...JSON.parse(old), pcrs });
      },
    ],
  ];
  test.each(cases)("an approval %s is refused, and the refusal says why", async (_, why, forge) => {
    handIn(rig, "forged.json", await forge(await held(rig)));
    const words = await refusal(tpmOf(rig));
    expect(words).toContain("forged.json");
    expect(words).toContain(why);
  });
}

function renewalTests(rig: Rig): void {
  test("signs again with the same key when the new values are approved, whatever else lies there", async () => {
    const { signer } = tpmOf(rig);
    handIn(rig, "updated.json", approvePcrs(rig.approver.secret, await held(rig)));
    await signs(tpmOf(rig), signer.publicKey);
  });

  test("takes concurrent calls, and PCRs that change between them", async () => {
    const tpm = tpmOf(rig);
    const message = ascii("concurrent");
    const extended = sha256(message);
    const calls = Array.from({ length: MANY }, async () => {
      const signing = tpm.signer.sign(message);
      await tpm.extendPcr(PCR_OTHER, extended);
      return signing;
    });
    for (const signature of await Promise.all(calls)) {
      expect(nodePrimitives.verifySignature(1, tpm.signer.publicKey, message, signature)).toBe(true);
    }
  });
}

function powerTests(rig: Rig): void {
  test("after a loss of power the first approval holds again, for the same key", async (context) => {
    const bench = rig.bench;
    if (bench?.powerCut == null) return context.skip("the bench cannot cut the power");
    const tpm = tpmOf(rig);
    const { publicKey } = tpm.signer;
    for (let i = 0; i < 3; i++) {
      await bench.powerCut();
      await expect(tpm.signer.sign(ascii("away"))).rejects.toMatchObject({
        code: "tpm-lost",
        retryable: true,
      });
      await bench.powerOn();
      await signs(tpm, publicKey);
    }
    await tpm.extendPcr(PCR_MEASURED, sha256(ascii("an update that nobody approved")));
    expect(await refusal(tpm)).toContain(`PCR ${PCR_MEASURED} holds`);
    await bench.powerCut();
    await expect(tpm.readClock()).rejects.toMatchObject({ code: "tpm-lost" });
    await bench.powerOn();
    await signs(tpm, publicKey);
  });
}

function openingTests(rig: Rig): void {
  test("opened again: the same key, which signs", async () => {
    const before = tpmOf(rig);
    await before.close();
    rig.tpm = await rig.open();
    expect(rig.tpm.signer.publicKey).toEqual(before.signer.publicKey);
    await signs(rig.tpm, before.signer.publicKey);
  });

  test("refuses to open the key under no policy, of other PCRs, or of another approver", async () => {
    await tpmOf(rig).close();
    const stranger = join(rig.folder, "stranger.pem");
    writeKey(stranger, testKey());
    const own = { "pcr-approver": join(rig.folder, "approver.pem"), "pcr-approvals": rig.folder };
    const others: readonly OptionValues[] = [
      {},
      { ...own, pcrs: "1" },
      { ...own, pcrs: PCRS.join(), "pcr-approver": stranger },
    ];
    for (const options of others) {
      await expect(rig.open(options)).rejects.toMatchObject({ code: "tpm-key-policy", retryable: false });
    }
    rig.tpm = await rig.open();
    await signs(rig.tpm, rig.tpm.signer.publicKey);
  });
}
