/** Bundles out of an agent's log, running or not: all of it, or the records of one lease. */
import { join } from "node:path";
import { type WrittenBundle, writeBundleFile } from "../adapters/bundle/bundle-file-writer.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { type LogSoFar, readLogSoFar } from "../adapters/store/log-reader.ts";
import { nodeDiskToRead } from "../adapters/store/node-disk.ts";
import { leaseExtract } from "../core/audit/lease-extract.ts";
import { fromHex, toHex } from "../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";

export type ExportedLog = {
  readonly written: WrittenBundle;
  /** Hex; null: the whole log. */
  readonly artifact: string | null;
  /** Bytes at the log's end that do not read back, though a later flush says that they were stored. */
  readonly damagedBytes: number;
};

/**
 * Writes the bundle at `path`, whole or not at all. `digits`: the first of an artifact's id, or null for the whole log.
 * Refuses `bundle-lease-unknown` unless exactly one lease has them; PortErrors of the store and of bundles.
 */
export async function exportLog(
  { name, statePath }: Pick<AgentProfile, "name" | "statePath">,
  path: string,
  digits: string | null,
): Promise<Result<ExportedLog>> {
  const log = await readLogSoFar(nodeDiskToRead(join(statePath, "log")));
  const damagedBytes = log.tail.kind === "damaged" ? log.tail.lostBytes : 0;
  const bundle = { exportedBy: name, view: "party", primitives: nodeSignatures() } as const;
  if (digits === null) {
    const written = await writeBundleFile(path, { ...bundle, logs: [log.frames], documents: [] });
    return accept({ written, artifact: null, damagedBytes });
  }
  const artifact = await artifactIn(log, digits);
  if (!artifact.ok) return artifact;
  const documents = await envelopesOf(log, artifact.value);
  const written = await writeBundleFile(path, { ...bundle, logs: [], documents, lease: artifact.value });
  return accept({ written, artifact: toHex(artifact.value), damagedBytes });
}

async function artifactIn(log: LogSoFar, digits: string): Promise<Result<Uint8Array>> {
  const found = new Set<string>();
  for await (const { record } of recordsOf(log)) {
    const artifact = record.kind === "settlement" ? toHex(record.body.artifact) : "";
    if (artifact.startsWith(digits)) found.add(artifact);
  }
  const [first = ""] = found;
  const artifact = fromHex(first);
  if (found.size === 1 && artifact !== null) return accept(artifact);
  const measured = { artifact: digits, leases: found.size };
  return refuse(rejection("bundle-lease-unknown", "artifact", measured, { leases: 1 }));
}

/** Held in memory: one lease's, where a log may be years long. */
async function envelopesOf(log: LogSoFar, artifact: Uint8Array): Promise<readonly Uint8Array[]> {
  const extract = leaseExtract(artifact);
  let taken = new Map<string, Uint8Array>();
  // Bounded by the log: each turn takes more than the one before, or is the last.
  for (let before = -1; taken.size > before; ) {
    before = taken.size;
    const again = new Map<string, Uint8Array>();
    for await (const { record, bytes } of recordsOf(log)) {
      // The same record may stand there with more of it opened, or less.
      if (extract.takes(record)) again.set(`${toHex(record.id)} ${record.envelope.openings.length}`, bytes);
    }
    taken = again;
  }
  return [...taken.values()];
}

type Stored = { readonly record: AnyRecord; readonly bytes: Uint8Array };

async function* recordsOf(log: LogSoFar): AsyncGenerator<Stored> {
  const primitives = nodeSignatures();
  for await (const { bytes } of log.frames()) {
    const read = recordOfBytes(bytes, primitives);
    if (read.ok) yield { record: read.value, bytes };
  }
}
