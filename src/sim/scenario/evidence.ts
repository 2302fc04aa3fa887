/** What a scenario leaves behind: every party's log, the root's records, what the ether saw; and its audit. */
import type { BundleRecord } from "../../core/audit/bundle.ts";
import type { Verdict } from "../../core/audit/verdict.ts";
import { verifyBundle } from "../../core/audit/verify.ts";
import { assert } from "../../core/base/assert.ts";
import { equalBytes, toHex } from "../../core/base/bytes.ts";
import type { Primitives } from "../../core/base/primitives.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import type { Frame } from "../../ports/store.ts";
import type { Transmission } from "../drivers.ts";
import type { Stage } from "./stage.ts";

export type PartyLog = {
  readonly name: string;
  readonly lineage: Uint8Array;
  readonly frames: readonly Frame[];
};

export type ScenarioEvidence = {
  /** The root first, then every agent that has a log of its own, in the order of the file. */
  readonly logs: readonly PartyLog[];
  /** The root's inception, as an auditor is given it. */
  readonly root: Uint8Array;
  /** Instants are µs of the world's true time. */
  readonly transmissions: readonly Transmission[];
  readonly verdict: Verdict;
};

/** After the end: the processes are gone, their disks are read. */
export async function gatherScenario(stage: Stage): Promise<ScenarioEvidence> {
  const { world, licence, hosts } = stage;
  const bytes = licence.records().map(({ envelope }) => world.pack(envelope));
  const root = world.pack(licence.inception.envelope);
  const own = bytes.map((each): Frame => ({ kind: "own", bytes: each }));
  const logs: PartyLog[] = [{ name: "root", lineage: licence.inception.header.lineage, frames: own }];
  for (const [name, host] of hosts) {
    host.kill();
    const store = await host.machine.disk.open();
    const frames: Frame[] = [];
    for await (const frame of store.frames()) frames.push(frame);
    await store.close();
    const lineage = lineageOf(frames, stage);
    // A cloned disk is another's log, which is here already.
    if (lineage !== null && equalBytes(lineage, host.lineage())) logs.push({ name, lineage, frames });
  }
  return { logs, root, transmissions: stage.transmissions, verdict: auditOf(logs, root, world.primitives) };
}

function lineageOf(frames: readonly Frame[], { world }: Stage): Uint8Array | null {
  const first = frames.find(({ kind }) => kind === "own");
  if (first === undefined) return null;
  const record = recordOfBytes(first.bytes, world.primitives);
  assert(record.ok, "agents store records");
  return record.value.header.lineage;
}

/** As `verify` judges the bundle of these logs. */
export function auditOf(logs: readonly PartyLog[], root: Uint8Array, primitives: Primitives): Verdict {
  const digest = ({ bytes }: Frame): string => toHex(primitives.sha256(bytes));
  const framed = logs.flatMap(({ lineage, frames }) => frames.map((frame) => ({ lineage, frame })));
  const own = framed.filter(({ frame }) => frame.kind === "own");
  const known = new Set(own.map(({ frame }) => digest(frame)));
  const foreign = new Map<string, BundleRecord>();
  for (const { frame } of framed) {
    const id = digest(frame);
    if (frame.kind === "foreign" && !known.has(id)) foreign.set(id, { lineage: null, envelope: frame.bytes });
  }
  const lines = own.map(({ lineage, frame }): BundleRecord => ({ lineage, envelope: frame.bytes }));
  const lineages = logs.map(({ lineage, frames }) => ({
    lineage,
    records: frames.filter(({ kind }) => kind === "own").length,
  }));
  return verifyBundle({
    records: [...lines, ...foreign.values()],
    claims: { lineages, foreign: foreign.size },
    trustedRoots: [{ inception: root }],
    primitives,
  });
}
