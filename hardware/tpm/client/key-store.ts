/** Where the signing key's blobs rest between runs. Only this TPM can load them; the folder is 0700, the files 0600. */
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { PortError } from "../../../src/ports/port-error.ts";

/** TPM2B_PRIVATE and TPM2B_PUBLIC, each with its size, as `tpm2_load -r` and `-u` take them. */
export type KeyBlobs = { readonly private: Uint8Array; readonly public: Uint8Array };

export interface KeyStore {
  /** null when no key was ever kept whole. Rejects with PortError `tpm-keys-damaged` when half of one is gone. */
  load(): Promise<KeyBlobs | null>;
  save(blobs: KeyBlobs): Promise<void>;
}

const BLOB_BYTES_MAX = 2048;

/**
 * The public file is renamed into place last: a private file without it is a key that never signed anything, and
 * may be replaced. A public file without its private one is a lost key: nobody replaces that silently.
 */
export function folderKeyStore(folder: string, generation: number = 0): KeyStore {
  const name = generation === 0 ? "signing" : `signing-${generation}`;
  const [privateName, publicName] = [`${name}.priv`, `${name}.pub`];
  return {
    async load() {
      const publicBlob = await readBlob(join(folder, publicName));
      if (publicBlob === null) return null;
      const privateBlob = await readBlob(join(folder, privateName));
      if (privateBlob === null) throw damaged(`${join(folder, privateName)} is missing`);
      return { private: privateBlob, public: publicBlob };
    },
    async save(blobs) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await replace(folder, privateName, blobs.private);
        await replace(folder, publicName, blobs.public);
      } catch (error) {
        throw new PortError("tpm", "tpm-keys-unwritable", `keys in ${folder}: ${String(error)}`, true, error);
      }
    },
  };
}

/** Keys that live as long as the returned object: for simulated TPMs without a folder. */
export function memoryKeyStore(): KeyStore {
  let kept: KeyBlobs | null = null;
  return {
    load: async () => kept,
    async save(blobs) {
      kept = blobs;
    },
  };
}

async function readBlob(path: string): Promise<Uint8Array | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw damaged(`${path} cannot be read: ${error.message}`);
  });
  if (bytes === null) return null;
  if (bytes.length > BLOB_BYTES_MAX) throw damaged(`${path} holds more than ${BLOB_BYTES_MAX} bytes`);
  return new Uint8Array(bytes);
}

export function damaged(why: string): PortError {
  return new PortError("tpm", "tpm-keys-damaged", `the signing key's files are damaged: ${why}`, false);
}

/** Whole or not at all: written beside, flushed, renamed, and the folder flushed. */
async function replace(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, name);
  const beside = `${path}.new`;
  await withFile(await open(beside, "w", 0o600), async (file) => {
    await file.chmod(0o600);
    await file.writeFile(bytes);
    await file.sync();
  });
  await rename(beside, path);
  await withFile(await open(folder, "r"), (directory) => directory.sync());
}

async function withFile(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
