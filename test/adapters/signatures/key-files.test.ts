import { spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isEncryptedPem } from "../../../src/adapters/signatures/encrypted-pem.ts";
import { keyFiles, readPassphrase } from "../../../src/adapters/signatures/key-files.ts";
import { nobleSignatures } from "../../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../../src/adapters/signatures/node-signatures.ts";
import { systemEntropy } from "../../../src/adapters/system/entropy.ts";
import { ascii } from "../../../src/core/base/bytes.ts";
import { SUITE_ED25519, SUITE_ES256 } from "../../../src/core/base/primitives.ts";

const PASSPHRASE = ascii("correct horse battery");
const OTHER = ascii("another passphrase");
const MESSAGE = ascii("what an authority says");
let folder = "";

function source(...passphrases: readonly Uint8Array[]) {
  return keyFiles({ folder, passphrases, entropy: systemEntropy() });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "key-files-test-"));
  mkdirSync(join(folder, "0"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["P-256", SUITE_ES256, "0/1"],
  ["Ed25519", SUITE_ED25519, "0/2"],
])("a key of %s in an encrypted file", (_name, suite, label) => {
  test("signs what both back-ends verify, and signs the same after it was opened again", async () => {
    const made = await source(PASSPHRASE).create(label, suite);
    const opened = await source(OTHER, PASSPHRASE).open(label);
    expect(opened.publicKey).toEqual(made.publicKey);
    for (const signer of [made, opened]) {
      expect(signer.suite).toBe(suite);
      const signature = await signer.sign(MESSAGE);
      for (const { verifySignature } of [nodeSignatures(), nobleSignatures()])
        expect(verifySignature(suite, signer.publicKey, MESSAGE, signature)).toBe(true);
    }
  });

  test("lies there as PKCS#8 that other programs open by the passphrase, for its owner alone", () => {
    const path = join(folder, `${label}.pem`);
    const text = readFileSync(path, "utf8");
    expect(isEncryptedPem(text)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => createPrivateKey({ key: text, passphrase: "not this one" })).toThrow();
    const shown = spawnSync("openssl", [
      "pkey",
      "-in",
      path,
      "-passin",
      `pass:${Buffer.from(PASSPHRASE)}`,
      "-noout",
    ]);
    if (shown.error === undefined) expect(shown.status).toBe(0);
    else expect(createPrivateKey({ key: text, passphrase: Buffer.from(PASSPHRASE) }).type).toBe("private");
  });

  test("is never overwritten", async () => {
    await expect(source(PASSPHRASE).create(label, suite)).rejects.toMatchObject({
      code: "signer-key-exists",
    });
  });
});

describe("a key file that cannot be used", () => {
  const pem = (label: string): string => join(folder, `${label}.pem`);

  test("names a wrong passphrase, and one that is missing for its place", async () => {
    await expect(source(OTHER).open("0/1")).rejects.toMatchObject({ code: "signer-passphrase-wrong" });
    const created = source(PASSPHRASE, OTHER).create("0/3", SUITE_ES256);
    await expect(created).rejects.toMatchObject({ code: "signer-passphrase-absent" });
  });

  test.each([0o640, 0o604, 0o620, 0o602])("is refused at mode %o", async (mode) => {
    chmodSync(pem("0/1"), mode);
    await expect(source(PASSPHRASE).open("0/1")).rejects.toMatchObject({
      code: "signer-key-permissions",
      message: expect.stringContaining(`mode 0${mode.toString(8)}`),
    });
    chmodSync(pem("0/1"), 0o400);
    await expect(source(PASSPHRASE).open("0/1")).resolves.toMatchObject({ suite: SUITE_ES256 });
  });

  test("is refused where it is absent, a link, in clear, of another kind of key, or no key", async () => {
    await expect(source(PASSPHRASE).open("0/9")).rejects.toMatchObject({ code: "signer-key-unreadable" });
    symlinkSync(pem("0/1"), pem("0/4"));
    await expect(source(PASSPHRASE).open("0/4")).rejects.toMatchObject({ code: "signer-key-unreadable" });
    const clear = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(pem("0/5"), clear, { mode: 0o600 });
    await expect(source(PASSPHRASE).open("0/5")).rejects.toMatchObject({ code: "signer-key-unencrypted" });
    for (const [label, key] of [
      ["0/6", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
      ["0/7", generateKeyPairSync("x25519").privateKey],
      ["0/8", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
    ] as const) {
      const passphrase = Buffer.from(PASSPHRASE);
      const text = key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
      writeFileSync(pem(label), text, { mode: 0o600 });
      await expect(source(PASSPHRASE).open(label)).rejects.toMatchObject({ code: "signer-key-invalid" });
    }
    writeFileSync(pem("0/10"), readFileSync(pem("0/1"), "utf8").slice(0, 200), { mode: 0o600 });
    await expect(source(PASSPHRASE).open("0/10")).rejects.toMatchObject({ code: "signer-passphrase-wrong" });
    writeFileSync(pem("0/11"), new Uint8Array(5000), { mode: 0o600 });
    await expect(source(PASSPHRASE).open("0/11")).rejects.toMatchObject({ code: "signer-key-invalid" });
  });
});

describe("a passphrase file", () => {
  const write = (text: string, mode = 0o600): string => {
    const path = join(folder, "passphrase");
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode });
    return path;
  };

  test("counts its first line without the line end", async () => {
    for (const end of ["", "\n", "\r\n", "\nsecond line"])
      expect(await readPassphrase(write(`correct horse battery${end}`))).toEqual(PASSPHRASE);
  });

  test("is refused where it is short or open to others", async () => {
    await expect(readPassphrase(write("eleven byte\n"))).rejects.toMatchObject({
      code: "signer-passphrase-short",
    });
    expect((await readPassphrase(write("twelve bytes\n"))).length).toBe(12);
    const loose = readPassphrase(write("correct horse battery\n", 0o644));
    await expect(loose).rejects.toMatchObject({ code: "signer-key-permissions" });
  });
});
