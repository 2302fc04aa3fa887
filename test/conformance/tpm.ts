/** What every TPM driver must keep, whatever stands behind it (src/ports/tpm.ts). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCredential } from "../../src/adapters/attestation/make-credential.ts";
import { checkCertification } from "../../src/core/attestation/certification.ts";
import { parseEndorsementKey } from "../../src/core/attestation/endorsement-key.ts";
import { checkQuote } from "../../src/core/attestation/quote.ts";
import { parseTpmPublic, tpmName } from "../../src/core/attestation/tpm-public.ts";
import { ascii, concat } from "../../src/core/base/bytes.ts";
import type { DriverEntry, OpenDriver, OptionValues } from "../../src/ports/driver.ts";
import type { SealedCredential, Tpm, TpmLevel } from "../../src/ports/tpm.ts";
import { nodePrimitives, seededEntropy, tpmContext } from "./tpm-context.ts";

export type TpmBench = {
  readonly level: TpmLevel;
  readonly options: OptionValues;
  /** Opens in place of the entry's own loader, where the bench keeps a hand on the device; null otherwise. */
  readonly open: OpenDriver<Tpm> | null;
  /** Takes the power away without a shut-down; null where the bench cannot. */
  readonly powerCut: (() => Promise<void>) | null;
  readonly powerOn: () => Promise<void>;
  stop(): Promise<void>;
};

const PCR_DEBUG = 16;

/** `bench` is how to set one up, or why it cannot be: then the tests show as skipped by that name. */
export function tpmConformance(entry: DriverEntry<Tpm>, bench: (() => Promise<TpmBench>) | string): void {
  if (typeof bench === "string") {
    describe(`tpm driver ${entry.id}`, () => {
      test.skip(`skipped: ${bench}`, () => {});
    });
    return;
  }
  describe(`tpm driver ${entry.id}`, () => {
    const rig: Rig = { bench: null, tpm: null };
    beforeAll(async () => {
      rig.bench = await bench();
      rig.tpm = await openOn(entry, rig.bench);
    });
    afterAll(async () => {
      await rig.tpm?.close();
      await rig.bench?.stop();
    });
    identityTests(rig);
    signerTests(rig);
    evidenceTests(rig);
    activationTests(rig);
    counterTests(rig);
    lossTests(entry, rig);
    closeTests(entry, rig);
  });
}

type Rig = { bench: TpmBench | null; tpm: Tpm | null };

async function openOn(entry: DriverEntry<Tpm>, bench: TpmBench): Promise<Tpm> {
  const open = bench.open ?? (await entry.load());
  return open(tpmContext("conformance"), bench.options);
}

function benchOf(rig: Rig): TpmBench {
  if (rig.bench === null) throw new Error("the bench was not set up");
  return rig.bench;
}

function tpmOf(rig: Rig): Tpm {
  if (rig.tpm === null) throw new Error("the TPM was not opened");
  return rig.tpm;
}

function identityTests(rig: Rig): void {
  test("says what protects its keys", () => {
    expect(tpmOf(rig).identity.level).toBe(benchOf(rig).level);
  });

  test("names the attestation key by the hash of its public area", () => {
    const { akName, akPublic } = tpmOf(rig).identity;
    expect(akName).toEqual(tpmName(akPublic, nodePrimitives.sha256));
  });

  test("signs records with the key whose public area it shows", () => {
    const { identity, signer } = tpmOf(rig);
    const parsed = parseTpmPublic(identity.signingPublic, "signingPublic");
    expect(parsed.ok && parsed.value.key).toEqual(signer.publicKey);
    expect([signer.publicKey.length, signer.publicKey[0], signer.suite]).toEqual([65, 4, 1]);
  });

  test("holds a certification of the signing key that a verifier accepts", () => {
    const { identity, signer } = tpmOf(rig);
    const { akName, akPublic, signingPublic, certification } = identity;
    const claim = { akName, akPublic, signingPublic, signingKey: signer.publicKey, ...certification };
    const checked = checkCertification(claim, nodePrimitives);
    expect(checked.ok ? checked.value.attested.kind : checked.rejections).toBe("certify");
  });
}

function signerTests(rig: Rig): void {
  test("signs forty messages, each 64 bytes with low-S, and each verifies", async () => {
    const { signer } = tpmOf(rig);
    for (let i = 0; i < 40; i++) {
      const message = ascii(`message ${i} ${"x".repeat(i * 60)}`);
      const signature = await signer.sign(message);
      expect(nodePrimitives.verifySignature(1, signer.publicKey, message, signature)).toBe(true);
      expect(nodePrimitives.verifySignature(1, signer.publicKey, ascii("other"), signature)).toBe(false);
    }
  });

  test("takes concurrent calls, one command in flight", async () => {
    const tpm = tpmOf(rig);
    const messages = Array.from({ length: 16 }, (_, i) => ascii(`concurrent ${i}`));
    const [clock, ...signatures] = await Promise.all([
      tpm.readClock(),
      ...messages.map((message) => tpm.signer.sign(message)),
    ]);
    expect(clock.clockMs >= 0n).toBe(true);
    const good = messages.map((message, i) =>
      nodePrimitives.verifySignature(1, tpm.signer.publicKey, message, signatures[i] ?? new Uint8Array(0)),
    );
    expect(good).toEqual(messages.map(() => true));
  });

  test("refuses with tpm-busy rather than let calls queue without bound", async () => {
    const calls = Array.from({ length: 200 }, () => tpmOf(rig).readClock());
    const settled = await Promise.allSettled(calls);
    const busy = settled.filter((each) => each.status === "rejected");
    expect(busy.length).toBeGreaterThan(0);
    for (const each of busy) expect(each.reason).toMatchObject({ code: "tpm-busy", retryable: true });
    await expect(tpmOf(rig).readClock()).resolves.toBeDefined();
  });
}

function evidenceTests(rig: Rig): void {
  test("quotes PCRs for a challenge, and a verifier accepts it with the values read", async () => {
    const tpm = tpmOf(rig);
    const qualifying = new Uint8Array(64).fill(7);
    const pcrs = [0, 7, PCR_DEBUG];
    const quote = await tpm.quote(qualifying, pcrs);
    const values = [await tpm.readPcr(0), await tpm.readPcr(7), await tpm.readPcr(PCR_DEBUG)];
    const { akPublic } = tpm.identity;
    const checked = checkQuote({ akPublic, ...quote, qualifying, pcrs, values }, nodePrimitives);
    expect(checked.ok ? "accepted" : checked.rejections).toBe("accepted");
  });

  test("extends a PCR to SHA-256(old ‖ digest), and the quote changes with it", async () => {
    const tpm = tpmOf(rig);
    const before = await tpm.readPcr(PCR_DEBUG);
    const digest = new Uint8Array(32).fill(0x5a);
    await tpm.extendPcr(PCR_DEBUG, digest);
    const after = await tpm.readPcr(PCR_DEBUG);
    expect(after).toEqual(nodePrimitives.sha256(concat(before, digest)));
    const quote = await tpm.quote(digest, [PCR_DEBUG]);
    const claim = { akPublic: tpm.identity.akPublic, ...quote, qualifying: digest, pcrs: [PCR_DEBUG] };
    expect(checkQuote({ ...claim, values: [after] }, nodePrimitives).ok).toBe(true);
    const stale = checkQuote({ ...claim, values: [before] }, nodePrimitives);
    expect(stale.ok ? [] : stale.rejections.map((each) => each.code)).toEqual(["tpm-quote-pcr-digest"]);
  });

  test("reads a clock that does not go back while the power stays on", async () => {
    const first = await tpmOf(rig).readClock();
    const second = await tpmOf(rig).readClock();
    expect(second.clockMs >= first.clockMs).toBe(true);
    expect([second.resetCount, second.restartCount]).toEqual([first.resetCount, first.restartCount]);
  });
}

/** `secret` for this TPM's EK and the AK of `akName`. */
function sealedFor(tpm: Tpm, akName: Uint8Array, secret: Uint8Array, seed: string): SealedCredential {
  const made = makeCredential({ ekPublic: tpm.identity.ekPublic, akName, secret }, seededEntropy(seed));
  if (!made.ok) throw new Error(JSON.stringify(made.rejections));
  return made.value;
}

function activationTests(rig: Rig): void {
  test("shows an endorsement key of a default template", () => {
    const parsed = parseEndorsementKey(tpmOf(rig).identity.ekPublic, "ekPublic");
    expect(parsed.ok ? [] : parsed.rejections).toEqual([]);
  });

  test("activates twelve credentials made in software for its EK and AK, of one byte to a whole digest", async () => {
    const tpm = tpmOf(rig);
    for (let i = 0; i < 12; i++) {
      const secret = nodePrimitives.sha256(ascii(`secret ${i}`)).slice(0, Math.min(32, 1 + 3 * i));
      const sealed = sealedFor(tpm, tpm.identity.akName, secret, `credential ${i}`);
      expect(await tpm.activateCredential(sealed)).toEqual(secret);
    }
  });

  test("refuses one for another Name, and one damaged anywhere, more often than it has slots", async () => {
    const tpm = tpmOf(rig);
    const secret = ascii("for somebody else");
    const other = tpmName(tpm.identity.signingPublic, nodePrimitives.sha256);
    const good = sealedFor(tpm, tpm.identity.akName, secret, "damage");
    const { blob, secret: sent } = good;
    const bad = [
      sealedFor(tpm, other, secret, "another name"),
      { blob, secret: sent.slice(1) },
      { blob, secret: new Uint8Array(0) },
      { blob: new Uint8Array(0), secret: sent },
      { blob: blob.slice(0, 20), secret: sent },
      ...[0, 2, 33, 34, blob.length - 1].map((at) => ({ blob: flipped(blob, at), secret: sent })),
      ...[1, 5, sent.length - 1].map((at) => ({ blob, secret: flipped(sent, at) })),
    ];
    const refused = { port: "tpm", code: "tpm-credential-refused", retryable: false };
    for (const each of bad) await expect(tpm.activateCredential(each)).rejects.toMatchObject(refused);
    expect(await tpm.activateCredential(good)).toEqual(secret);
  });

  test("activates between signatures and quotes, each call alone", async () => {
    const tpm = tpmOf(rig);
    const secret = ascii("between");
    const sealed = sealedFor(tpm, tpm.identity.akName, secret, "between");
    const [first, signature, , second] = await Promise.all([
      tpm.activateCredential(sealed),
      tpm.signer.sign(secret),
      tpm.quote(secret, [0]),
      tpm.activateCredential(sealed),
    ]);
    expect([first, second]).toEqual([secret, secret]);
    expect(nodePrimitives.verifySignature(1, tpm.signer.publicKey, secret, signature)).toBe(true);
  });
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 0x01;
  return out;
}

function counterTests(rig: Rig): void {
  test("counts from 0n, and every increment gives a higher value than the last", async () => {
    const tpm = tpmOf(rig);
    const values = [await tpm.readCounter()];
    for (let i = 0; i < 3; i++) values.push(await tpm.incrementCounter());
    expect(values[0]).toBe(0n);
    for (let i = 1; i < values.length; i++) expect((values[i] ?? 0n) > (values[i - 1] ?? 0n)).toBe(true);
    expect(await tpm.readCounter()).toBe(values[3]);
  });

  test("gives concurrent increments different values", async () => {
    const tpm = tpmOf(rig);
    const values = await Promise.all([
      tpm.incrementCounter(),
      tpm.incrementCounter(),
      tpm.incrementCounter(),
    ]);
    expect(new Set(values).size).toBe(3);
  });
}

function lossTests(entry: DriverEntry<Tpm>, rig: Rig): void {
  test("rejects while the power is away, and comes back by itself with the same keys and counter", async (context) => {
    const { powerCut, powerOn } = benchOf(rig);
    if (powerCut === null) return context.skip(`the bench cannot cut the power of ${entry.id}`);
    const tpm = tpmOf(rig);
    const counter = await tpm.readCounter();
    const before = await tpm.readClock();
    await powerCut();
    await expect(tpm.readClock()).rejects.toMatchObject({ port: "tpm", code: "tpm-lost", retryable: true });
    const signing = tpm.signer.sign(ascii("away"));
    await expect(signing).rejects.toMatchObject({ port: "signer", code: "tpm-lost", retryable: true });
    await powerOn();
    const signature = await tpm.signer.sign(ascii("back"));
    expect(nodePrimitives.verifySignature(1, tpm.signer.publicKey, ascii("back"), signature)).toBe(true);
    expect(await tpm.readCounter()).toBe(counter);
    const after = await tpm.readClock();
    expect([after.resetCount, after.safe]).toEqual([before.resetCount + 1, false]);
  });

  test("is not locked out after five unclean power-offs in a row", async (context) => {
    const { powerCut, powerOn } = benchOf(rig);
    if (powerCut === null) return context.skip(`the bench cannot cut the power of ${entry.id}`);
    for (let i = 0; i < 5; i++) {
      await powerCut();
      await powerOn();
      // A call that finds the old connection broken reports that; the one after it goes through.
      await tpmOf(rig)
        .incrementCounter()
        .catch(() => 0n);
      await expect(tpmOf(rig).incrementCounter()).resolves.toBeGreaterThan(0n);
    }
  });
}

function closeTests(entry: DriverEntry<Tpm>, rig: Rig): void {
  test("refuses every call after close, and closes twice", async () => {
    const tpm = tpmOf(rig);
    await tpm.close();
    await tpm.close();
    await expect(tpm.readCounter()).rejects.toMatchObject({ code: "tpm-closed", retryable: false });
  });

  test("opened again: same attestation key, same signing key, counter not lower", async () => {
    const before = tpmOf(rig);
    rig.tpm = await openOn(entry, benchOf(rig));
    expect(rig.tpm.identity.akPublic).toEqual(before.identity.akPublic);
    expect(rig.tpm.signer.publicKey).toEqual(before.signer.publicKey);
    expect(await rig.tpm.readCounter()).toBeGreaterThan(0n);
  });
}
