/** An authority's folder on a disk: `records/NNNNNN.record`, `documents/`, `trust/root.record`, `keys/N/key-set`, `broker/ca.pem`. */
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, toHex } from "../../core/base/bytes.ts";
import { limits } from "../../core/wire/limits.ts";
import type { AuthorityFolder, StoredRecord } from "../../ports/authority-folder.ts";
import { PortError } from "../../ports/port-error.ts";
import { createWhole, isUnfinished, writeWhole } from "./whole-file.ts";

const RECORD_NAME = /^[0-9]{6}[.]record$/;
const DOCUMENT_NAME = /^[0-9a-z-]{1,100}[.]record$/;
const PRIVATE_MODE = 0o700;

/** Rejects with the system's own errors, and PortError {port: "authority"} `authority-folder-file`, `authority-record-stands`. */
export function nodeAuthorityFolder(path: string): AuthorityFolder {
  const [records, documents, trust, broker] = ["records", "documents", "trust", "broker"].map((name) =>
    join(path, name),
  ) as [string, string, string, string];
  return {
    records: () => readAll(records, RECORD_NAME),
    async append(seq, bytes) {
      await made(records);
      const file = join(records, `${String(seq).padStart(6, "0")}.record`);
      if (await createWhole(file, bytes)) return;
      throw new PortError("authority", "authority-record-stands", `${file} stands there already`, true);
    },
    documents: () => readAll(documents, DOCUMENT_NAME),
    async keepDocuments(files) {
      await made(documents);
      for (const { name, bytes } of files) await writeWhole(join(documents, name), bytes);
    },
    roots: () => readAll(trust, DOCUMENT_NAME),
    async keepRoot(bytes) {
      await made(trust);
      await writeWhole(join(trust, "root.record"), bytes);
    },
    async keySet(generation) {
      const text = await textOf(join(path, "keys", String(generation), "key-set"));
      return text === null ? null : fromHex(text.trim());
    },
    async keepKeySet(generation, bytes) {
      const file = join(path, "keys", String(generation), "key-set");
      await writeWhole(file, new TextEncoder().encode(`${toHex(bytes)}\n`));
    },
    brokerCertificate: () => textOf(join(broker, "ca.pem")),
    async keepBrokerCertificate(pem) {
      await made(broker);
      await writeWhole(join(broker, "ca.pem"), new TextEncoder().encode(pem));
    },
  };
}

/** One record file, for what comes from somebody else. Rejects as above. */
export async function readRecordFile(path: string): Promise<StoredRecord> {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(limits.ENVELOPE_BYTES_MAX + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    // One byte more than a record has is refused by whoever reads it.
    return { name: path, bytes: bytes.slice(0, length) };
  } finally {
    await file.close();
  }
}

/** Every record file of a folder, in the order of the names; a folder that is not there has none. */
export async function readRecordFolder(path: string): Promise<readonly StoredRecord[]> {
  return readAll(path, DOCUMENT_NAME);
}

async function readAll(folder: string, form: RegExp): Promise<readonly StoredRecord[]> {
  const files: StoredRecord[] = [];
  for (const name of (await namesIn(folder)).sort()) {
    if (isUnfinished(name)) continue;
    if (!form.test(name)) {
      const said = `${join(folder, name)} does not belong there`;
      throw new PortError("authority", "authority-folder-file", said, false);
    }
    files.push(await readRecordFile(join(folder, name)));
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function made(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE_MODE });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
