import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nobleSignatures } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import {
  createSoftwareKeyFile,
  createSoftwareSigner,
  openSoftwareSigner,
} from "../../src/adapters/signatures/software-signer.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import type { Entropy } from "../../src/ports/entropy.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import { sample } from "./signatures.ts";

const random: Entropy = { bytes: (length) => new Uint8Array(randomBytes(length)) };
const MESSAGE = Uint8Array.of(1, 2, 3);

async function expectSigns(signer: Signer): Promise<void> {
  const signature = await signer.sign(MESSAGE);
  expect(signature.length).toBe(64);
  for (const open of [nodeSignatures, nobleSignatures]) {
    const { verifySignature } = open();
    expect(verifySignature(signer.suite, signer.publicKey, MESSAGE, signature)).toBe(true);
    expect(verifySignature(signer.suite, signer.publicKey, Uint8Array.of(1, 2, 4), signature)).toBe(false);
  }
}

describe("software signer", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "software-signer-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("signs with a key from entropy, in both nonce forms, as both back-ends verify", async () => {
    await expectSigns(createSoftwareSigner(random));
    await expectSigns(createSoftwareSigner(random, "rfc6979"));
  });

  it("has the key that the entropy gives, and draws again where that is no scalar", async () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), sample.scalar];
    const signer = createSoftwareSigner({ bytes: () => draws.shift() ?? new Uint8Array(32) });
    expect(toHex(signer.publicKey)).toBe(toHex(sample.key));
    expect(draws.length).toBe(0);
  });

  it("gives up on an entropy source that gives no scalar", () => {
    const dead: Entropy = { bytes: (length) => new Uint8Array(length) };
    expect(() => createSoftwareSigner(dead)).toThrow(expect.objectContaining({ code: "signer-entropy" }));
  });

  it("writes a key file with mode 0600 that opens to the same key, and never overwrites one", async () => {
    const path = join(folder, "key.pem");
    const made = await createSoftwareKeyFile(path, random);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const opened = await openSoftwareSigner(path);
    expect(toHex(opened.publicKey)).toBe(toHex(made.publicKey));
    await expectSigns(opened);
    const before = await readFile(path, "utf8");
    await expect(createSoftwareKeyFile(path, random)).rejects.toMatchObject({ code: "signer-key-exists" });
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o610])("refuses a key file with mode %o", async (mode) => {
    const path = join(folder, "key.pem");
    await createSoftwareKeyFile(path, random);
    await chmod(path, mode);
    await expect(openSoftwareSigner(path)).rejects.toMatchObject({
      port: "signer",
      code: "signer-key-permissions",
      retryable: false,
    });
    await chmod(path, 0o400);
    await expectSigns(await openSoftwareSigner(path));
  });

  it("refuses a link, a folder, a missing file and a file too long for a key", async () => {
    const path = join(folder, "key.pem");
    await createSoftwareKeyFile(path, random);
    await symlink(path, join(folder, "link.pem"));
    await writeFile(join(folder, "long.pem"), new Uint8Array(5000), { mode: 0o600 });
    await expect(openSoftwareSigner(join(folder, "link.pem"))).rejects.toMatchObject({
      code: "signer-key-unreadable",
    });
    await expect(openSoftwareSigner(join(folder, "none.pem"))).rejects.toMatchObject({
      code: "signer-key-unreadable",
    });
    await expect(openSoftwareSigner(folder)).rejects.toMatchObject({ code: "signer-key-invalid" });
    await expect(openSoftwareSigner(join(folder, "long.pem"))).rejects.toMatchObject({
      code: "signer-key-invalid",
    });
  });

  it("refuses a PEM that is no unencrypted PKCS#8 P-256 key", async () => {
    const pems = [
      "",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
      generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: "x",
      }),
    ];
    for (const [index, pem] of pems.entries()) {
      const path = join(folder, `bad-${index}.pem`);
      await writeFile(path, pem, { mode: 0o600 });
      await expect(openSoftwareSigner(path)).rejects.toMatchObject({ code: "signer-key-invalid" });
    }
  });

  it.skipIf(!hasOpenssl())(
    "opens a key that the openssl program made (skipped where openssl is missing)",
    async () => {
      const path = join(folder, "openssl.pem");
      const request = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path];
      execFileSync("openssl", request, { stdio: "ignore" });
      await chmod(path, 0o600);
      await expectSigns(await openSoftwareSigner(path));
    },
  );
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return process.env["SPECTRUM_REQUIRE_REAL"] === "1";
  }
}
