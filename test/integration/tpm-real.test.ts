/** The drivers against a real swtpm: through a character device, and with tpm2-tools as an outside witness. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conversation } from "../../hardware/tpm/client/conversation.ts";
import { attestationKey } from "../../hardware/tpm/client/templates.ts";
import * as commands from "../../hardware/tpm/codec/commands.ts";
import { openDevice } from "../../hardware/tpm/device.ts";
import { openSwtpm } from "../../hardware/tpm/swtpm.ts";
import { characterDevice } from "../../hardware/tpm/transport/character-device.ts";
import { connectTcp } from "../../hardware/tpm/transport/tcp-socket.ts";
import type { TpmTransport } from "../../hardware/tpm/transport/transport.ts";
import { checkCertification } from "../../src/core/attestation/certification.ts";
import { ascii, concat } from "../../src/core/base/bytes.ts";
import type { Tpm } from "../../src/ports/tpm.ts";
import { nodePrimitives, realClock, tpmContext, verifyAnyS } from "../conformance/tpm-context.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";

const PAUSE_MS = 20;
const PAUSES_MAX = 250;
const NOTHING = new Uint8Array(0);

function missing(...programs: readonly string[]): string | null {
  const reason = swtpmMissing();
  if (reason !== null) return reason;
  for (const program of programs) {
    if (spawnSync("which", [program]).status === 0) continue;
    if (process.env["SPECTRUM_REQUIRE_REAL"] === "1")
      throw new Error(`${program} is required and not installed`);
    return `${program} is not installed`;
  }
  return null;
}

function named(what: string, reason: string | null): string {
  return reason === null ? what : `${what} (skipped: ${reason})`;
}

let swtpm: Swtpm | null = null;
function real(): Swtpm {
  if (swtpm === null) throw new Error("swtpm was not started");
  return swtpm;
}
const noSwtpm = missing();
beforeEach(async () => {
  swtpm = noSwtpm === null ? await startSwtpm() : null;
});
afterEach(async () => {
  await swtpm?.stop();
});

function openReal(): Promise<Tpm> {
  return openSwtpm(tpmContext("real"), { port: real().port, keys: join(real().folder, "keys") });
}

const noSocat = missing("socat");
describe.skipIf(noSocat !== null)(named("driver device over a character device", noSocat), () => {
  test("signs, certifies, counts, and comes back after the device was gone", async () => {
    const path = join(real().folder, "tpm-pty");
    let bridge = await bridgeTo(path);
    const options = { path, keys: join(real().folder, "keys") };
    // The kernel starts a TPM up before anybody opens /dev/tpmrm0; here nobody else does.
    await startUp();
    try {
      const tpm = await openDevice(tpmContext("device"), options);
      expect(tpm.identity.level).toBe("software");
      const { identity, signer } = tpm;
      const { akName, akPublic, signingPublic, certification } = identity;
      const claim = { akName, akPublic, signingPublic, signingKey: signer.publicKey, ...certification };
      expect(checkCertification(claim, nodePrimitives).ok).toBe(true);
      expect(verifyAnyS(signer.publicKey, ascii("x"), await signer.sign(ascii("x")))).toBe(true);
      expect(await tpm.incrementCounter()).toBe(1n);

      await stop(bridge);
      await expect(tpm.readCounter()).rejects.toMatchObject({ code: "tpm-lost", retryable: true });
      await real().powerCut();
      await real().restart();
      bridge = await bridgeTo(path);
      await startUp();
      expect(await tpm.readCounter()).toBe(1n);
      expect(verifyAnyS(signer.publicKey, ascii("y"), await signer.sign(ascii("y")))).toBe(true);
      await tpm.close();
    } finally {
      await stop(bridge);
    }
  });

  test("opens no second handle while an earlier command hangs in the device", async () => {
    const mute = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as AddressInfo;
    const path = join(real().folder, "mute-pty");
    const bridge = await bridgeTo(path, port);
    let hung: TpmTransport | null = null;
    try {
      const connect = characterDevice(realClock, { path, timeoutUs: 200_000 });
      hung = await connect();
      await expect(hung.exchange(new Uint8Array(10))).rejects.toMatchObject({ code: "tpm-lost" });
      await expect(connect()).rejects.toThrow("still holds an earlier command");
    } finally {
      await stop(bridge);
      await hung?.close();
      mute.close();
    }
  });

  test("says tpm-lost where the device file is absent", async () => {
    const options = { path: join(real().folder, "nothing-here"), keys: join(real().folder, "keys") };
    const opening = openDevice(tpmContext("absent"), options);
    await expect(opening).rejects.toMatchObject({ code: "tpm-lost", retryable: true });
  });
});

describe.skipIf(noSwtpm !== null)(named("driver swtpm", noSwtpm), () => {
  test("recovers from a power loss that the connection survived", async () => {
    const tpm = await openReal();
    const counter = await tpm.incrementCounter();
    const before = await tpm.readClock();
    await real().powerCycle();
    expect(verifyAnyS(tpm.signer.publicKey, ascii("z"), await tpm.signer.sign(ascii("z")))).toBe(true);
    expect(await tpm.readCounter()).toBe(counter);
    expect((await tpm.readClock()).resetCount).toBe(before.resetCount + 1);
    await tpm.close();
  });

  test("reads the EK certificate, which its issuer signed", async () => {
    const tpm = await openReal();
    const { ekCertificate } = tpm.identity;
    const certificate = new X509Certificate(ekCertificate ?? NOTHING);
    expect(certificate.raw.length).toBe(ekCertificate?.length);
    const issuer = new X509Certificate(readFileSync(join(real().folder, "ca", "issuercert.pem")));
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    await tpm.close();
  });

  test("undefining and redefining the counter does not roll it back", async () => {
    const tpm = await openReal();
    for (let i = 0; i < 3; i++) await tpm.incrementCounter();
    await tpm.close();
    const transport = await connectTcp(realClock, {
      host: real().host,
      port: real().port,
      timeoutUs: 5_000_000,
    });
    await conversation(realClock, transport).run(commands.nvUndefineSpace, [0x40000001, 0x01807301], {});
    await transport.close();
    const again = await openReal();
    expect(await again.readCounter()).toBe(0n);
    expect(await again.incrementCounter()).toBe(4n);
    await again.close();
  });

  test("the attestation key refuses a digest from outside (0x3e0)", async () => {
    const transport = await connectTcp(realClock, {
      host: real().host,
      port: real().port,
      timeoutUs: 5_000_000,
    });
    const talk = conversation(realClock, transport);
    await talk.run(commands.startup, [], { type: 0 });
    const { handle } = await talk.run(commands.createPrimary, [0x4000000b], attestationKey);
    const answer = await talk.ask(commands.sign, [handle], {
      digest: new Uint8Array(32),
      scheme: null,
      validation: { tag: 0x8024, hierarchy: 0x40000007, digest: NOTHING },
    });
    expect(answer).toEqual({ kind: "code", code: 0x3e0 });
    await transport.close();
  });
});

const noTools = missing("tpm2_checkquote", "tpm2_load");
describe.skipIf(noTools !== null)(named("beside tpm2-tools", noTools), () => {
  test("tpm2_checkquote accepts our quote, and refuses it for another challenge or other PCR values", async () => {
    const tpm = await openReal();
    await tpm.extendPcr(16, new Uint8Array(32).fill(1));
    const qualifying = new Uint8Array(32).fill(0xab);
    const quote = await tpm.quote(qualifying, [0, 7, 16]);
    const values = [await tpm.readPcr(0), await tpm.readPcr(7), await tpm.readPcr(16)];
    const { akPublic } = tpm.identity;
    await tpm.close();
    const at = (name: string): string => join(real().folder, name);
    writeFileSync(at("ak.pub"), concat(Uint8Array.of(0, akPublic.length), akPublic));
    writeFileSync(at("quote.msg"), quote.attestation);
    writeFileSync(at("quote.sig"), tssSignature(quote.signature));
    writeFileSync(at("pcrs"), concat(...values));
    writeFileSync(at("other-pcrs"), concat(...values.slice(1), values[0] ?? NOTHING));
    const check = (challenge: string, pcrs: string): number | null =>
      run("tpm2_checkquote", [
        ...["-u", at("ak.pub"), "-m", at("quote.msg"), "-s", at("quote.sig"), "-g", "sha256"],
        ...["-q", challenge, "-f", at(pcrs), "-l", "sha256:0,7,16"],
      ]);
    expect(check("ab".repeat(32), "pcrs")).toBe(0);
    expect(check("ac".repeat(32), "pcrs")).not.toBe(0);
    expect(check("ab".repeat(32), "other-pcrs")).not.toBe(0);
  });

  test("tpm2_load takes the kept key under a storage key of the same template, and signs with it", async () => {
    const tpm = await openReal();
    const { publicKey } = tpm.signer;
    await tpm.close();
    const at = (name: string): string => join(real().folder, name);
    const attributes = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt";
    const message = ascii("signed by tpm2-tools");
    writeFileSync(at("message"), message);
    const parent = [
      "-C",
      "o",
      "-g",
      "sha256",
      "-G",
      "ecc256:aes128cfb",
      "-a",
      attributes,
      "-c",
      at("srk.ctx"),
    ];
    const key = [
      "-C",
      at("srk.ctx"),
      "-u",
      at("keys/signing.pub"),
      "-r",
      at("keys/signing.priv"),
      "-c",
      at("key.ctx"),
    ];
    const signing = [
      "-c",
      at("key.ctx"),
      "-g",
      "sha256",
      "-f",
      "plain",
      "-o",
      at("signature"),
      at("message"),
    ];
    expect(run("tpm2_createprimary", parent)).toBe(0);
    expect(run("tpm2_flushcontext", ["-t"])).toBe(0);
    expect(run("tpm2_load", key)).toBe(0);
    expect(run("tpm2_flushcontext", ["-t"])).toBe(0);
    expect(run("tpm2_sign", signing)).toBe(0);
    const spki = spkiOf(publicKey);
    writeFileSync(at("key.der"), spki);
    const verify = [
      "dgst",
      "-sha256",
      "-verify",
      at("key.der"),
      "-keyform",
      "DER",
      "-signature",
      at("signature"),
    ];
    expect(run("openssl", [...verify, at("message")])).toBe(0);
  });
});

/** TPMT_SIGNATURE: ECDSA, SHA-256, r and s with their sizes. */
function tssSignature(raw: Uint8Array): Uint8Array {
  const size = Uint8Array.of(0, 32);
  return concat(Uint8Array.of(0, 0x18, 0, 0x0b), size, raw.slice(0, 32), size, raw.slice(32));
}

/** SubjectPublicKeyInfo of a P-256 point (RFC 5480). */
function spkiOf(point: Uint8Array): Uint8Array {
  const head = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
  return concat(new Uint8Array(head), point);
}

function run(program: string, parameters: readonly string[]): number | null {
  const tcti = `swtpm:host=${real().host},port=${real().port}`;
  const done = spawnSync(program, parameters, {
    env: { ...process.env, TPM2TOOLS_TCTI: tcti },
    timeout: 20_000,
  });
  return done.status;
}

async function startUp(): Promise<void> {
  // Through the pty: the command port of swtpm belongs to socat.
  const path = join(real().folder, "tpm-pty");
  const device = await characterDevice(realClock, { path, timeoutUs: 5_000_000 })();
  await conversation(realClock, device).ask(commands.startup, [], { type: 0 });
  await device.close();
}

async function bridgeTo(path: string, port: number = real().port): Promise<ChildProcess> {
  const pty = `PTY,link=${path},raw,echo=0,wait-slave=0`;
  const bridge = spawn("socat", [pty, `TCP:${real().host}:${port},nodelay`], { stdio: "ignore" });
  for (let i = 0; i < PAUSES_MAX && !existsSync(path); i++) {
    if (bridge.exitCode !== null) throw new Error(`socat ended with ${bridge.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return bridge;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
