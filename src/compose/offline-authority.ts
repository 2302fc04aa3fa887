/** Opens an authority's folder for a command: one writer at a time, its keys from encrypted files. */
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { nodeAuthorityFolder, readRecordFile, readRecordFolder } from "../adapters/authority/node-folder.ts";
import { writeWhole } from "../adapters/authority/whole-file.ts";
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import { checkedPassphrase, keyFiles, readPassphrase } from "../adapters/signatures/key-files.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { lockFolder } from "../adapters/store/folder-lock.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemEntropy } from "../adapters/system/entropy.ts";
import {
  type Authority,
  type AuthorityParts,
  beginAuthority,
  openAuthority,
} from "../authority/authority.ts";
import type { KeyPlan } from "../authority/key-sets.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { StoredRecord } from "../ports/authority-folder.ts";
import { makeFolder } from "./make-folder.ts";

/** `passphrases`: none, for what only reads. */
export type AuthorityPlace = { readonly folder: string; readonly passphrases: readonly Uint8Array[] };

export type Work<T> = (authority: Authority, nowUs: number) => Promise<Result<T>>;

/** The wall clock of the host: an authority away from any receiver has no other. */
function nowUs(): number {
  return systemClock().read().wallUs;
}

/** Reads and verifies the folder, and changes nothing in it. */
export async function readAuthority<T>(folder: string, work: Work<T>): Promise<Result<T>> {
  const opened = await openAuthority(partsOf({ folder, passphrases: [] }));
  return opened.ok ? work(opened.value, nowUs()) : opened;
}

/** PortError `store-locked` while another command writes. */
export async function writeAuthority<T>(place: AuthorityPlace, work: Work<T>): Promise<Result<T>> {
  const release = await lockFolder(resolve(place.folder));
  try {
    const opened = await openAuthority(partsOf(place));
    return opened.ok ? await work(opened.value, nowUs()) : opened;
  } finally {
    await release();
  }
}

/**
 * Makes the authority beside its place, does `work` there, and only then puts it where it belongs: what is refused leaves
 * nothing behind. The folder has to be absent or empty; `authority-exists`.
 */
export async function createAuthority<T>(
  place: AuthorityPlace,
  begin: { readonly owner: string; readonly plan: KeyPlan },
  work: Work<T>,
): Promise<Result<T>> {
  const folder = resolve(place.folder);
  await makeFolder(dirname(folder));
  const standing = await readdir(folder).catch(() => []);
  if (standing.length > 0) {
    return refuse(rejection("authority-exists", folder, { records: standing.length }, { recordsMax: 0 }));
  }
  const beside = await mkdtemp(`${folder}.`);
  try {
    const begun = await beginAuthority(partsOf({ ...place, folder: beside }), begin);
    const done = begun.ok ? await work(begun.value, nowUs()) : begun;
    if (done.ok) await rename(beside, folder);
    return done;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

function partsOf({ folder, passphrases }: AuthorityPlace): AuthorityParts {
  const entropy = systemEntropy();
  return {
    folder: nodeAuthorityFolder(folder),
    keys: keyFiles({ folder: join(folder, "keys"), passphrases, entropy }),
    primitives: nodeSignatures(),
    entropy,
    pack: msgpackrEnvelope(),
  };
}

/** PortErrors of the signer's port, where a file is open to others or its first line too short. */
export function passphrasesFrom(files: readonly string[]): Promise<readonly Uint8Array[]> {
  return Promise.all(files.map(readPassphrase));
}

export function typedPassphrase(text: string): Uint8Array {
  return checkedPassphrase(new TextEncoder().encode(text), "the terminal");
}

export function authorityPrimitives(): Primitives {
  return nodeSignatures();
}

export function recordFile(path: string): Promise<StoredRecord> {
  return readRecordFile(path);
}

export function recordFolder(path: string): Promise<readonly StoredRecord[]> {
  return readRecordFolder(path);
}

/** Whole or not at all. */
export async function writeRecordFile(
  path: string,
  { envelope }: Pick<AnyRecord, "envelope">,
): Promise<void> {
  await makeFolder(dirname(resolve(path)));
  await writeWhole(resolve(path), msgpackrEnvelope()(envelope));
}

export async function writeTextFile(path: string, text: string): Promise<void> {
  await makeFolder(dirname(resolve(path)));
  await writeWhole(resolve(path), new TextEncoder().encode(text));
}
