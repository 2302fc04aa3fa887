/** The signing key's files: whole or not at all, private, and never silently replaced. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderKeyStore } from "../../../hardware/tpm/client/key-store.ts";
import { simulatedTpm } from "../../../hardware/tpm/simulator/simulated-tpm.ts";
import { tpmContext } from "../../conformance/tpm-context.ts";

const BLOBS = { private: new Uint8Array(128).fill(1), public: new Uint8Array(90).fill(2) };
let root = "";
let folder = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "spectrum-keys-"));
  folder = join(root, "keys");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("folderKeyStore", () => {
  test("has no key in a folder that is not there", async () => {
    expect(await folderKeyStore(folder).load()).toBeNull();
  });

  test("gives back what it kept, in files of mode 0600 and a folder of mode 0700, and leaves nothing else", async () => {
    await folderKeyStore(folder).save(BLOBS);
    expect(await folderKeyStore(folder).load()).toEqual(BLOBS);
    expect(readdirSync(folder).sort()).toEqual(["signing.priv", "signing.pub"]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test("takes back the mode of a file that was left open to others", async () => {
    await folderKeyStore(folder).save(BLOBS);
    writeFileSync(join(folder, "signing.priv.new"), "left over");
    chmodSync(join(folder, "signing.priv.new"), 0o666);
    await folderKeyStore(folder).save(BLOBS);
    expect(statSync(join(folder, "signing.priv")).mode & 0o777).toBe(0o600);
  });

  test("has no key where only the private part was written: it never signed", async () => {
    await folderKeyStore(folder).save(BLOBS);
    rmSync(join(folder, "signing.pub"));
    expect(await folderKeyStore(folder).load()).toBeNull();
  });

  test("says tpm-keys-damaged where the private part is gone, or a file is no key", async () => {
    const store = folderKeyStore(folder);
    await store.save(BLOBS);
    rmSync(join(folder, "signing.priv"));
    const damaged = { code: "tpm-keys-damaged", retryable: false };
    await expect(store.load()).rejects.toMatchObject(damaged);
    writeFileSync(join(folder, "signing.priv"), new Uint8Array(5000));
    await expect(store.load()).rejects.toMatchObject(damaged);
  });
});

describe("opening with kept keys", () => {
  test("refuses files that are no TPM structures", async () => {
    const { open } = simulatedTpm();
    const tpm = await open(tpmContext("keys"), { state: folder });
    await tpm.close();
    writeFileSync(join(folder, "signing.pub"), "not a TPM2B_PUBLIC");
    const opening = open(tpmContext("keys"), { state: folder });
    await expect(opening).rejects.toMatchObject({ code: "tpm-keys-damaged", retryable: false });
  });

  test("refuses the keys of another TPM rather than make a new identity", async () => {
    const one = await simulatedTpm().open(tpmContext("one"), { state: folder });
    await one.close();
    rmSync(join(folder, "tpm.json"));
    const opening = simulatedTpm().open(tpmContext("two"), { state: folder });
    await expect(opening).rejects.toMatchObject({ code: "tpm-identity-changed", retryable: false });
  });
});
