/** All logs of a world in one bundle, verified as an auditor would: from the records and the root alone (PROTOCOL §9). */
import type { BundleRecord } from "../core/audit/bundle.ts";
import type { NumberedCheck, Verdict } from "../core/audit/verdict.ts";
import { verifyBundle } from "../core/audit/verify.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { readEnvelope, recordId } from "../core/wire/envelope.ts";
import { PortError } from "../ports/port-error.ts";
import type { Forgives } from "./forgiveness.ts";
import type { Host } from "./host.ts";
import { InvariantBroken } from "./invariants/invariant.ts";

export type LogAuditParts = {
  readonly primitives: Primitives;
  /** The root's inception, as an envelope. */
  readonly root: Uint8Array;
  /** Names of dishonest peers by their lineages, hex. */
  readonly rogueOf: (lineage: string) => string | null;
  readonly forgives: Forgives;
  /** All who may be a party, whoever's logs are audited. */
  readonly people: readonly Host[];
};

/** What came of it, and the hex ids of all records that the logs hold. */
export type AuditedLogs = { readonly verdict: Verdict; readonly ids: ReadonlySet<string> };

/**
 * Throws InvariantBroken on the first failed check that nothing forgives. Logs that cannot be read just now, and those of which
 * a disk left nothing, are left out; null where no other one is among them.
 */
export async function auditLogs(hosts: readonly Host[], parts: LogAuditParts): Promise<AuditedLogs | null> {
  const { primitives, root } = parts;
  const read = await Promise.all(hosts.map(readLog));
  const logs = read.flatMap((log) => (log === null || log.own.length === 0 ? [] : [log]));
  if (logs.length === 0) return null;
  const own = logs.flatMap((log) => log.own);
  const known = new Set(own.map(({ envelope }) => toHex(primitives.sha256(envelope))));
  const foreign = new Map<string, BundleRecord>();
  for (const envelope of logs.flatMap((log) => log.foreign)) {
    const digest = toHex(primitives.sha256(envelope));
    if (!known.has(digest)) foreign.set(digest, { lineage: null, envelope });
  }
  const lineages = logs.map(({ host, own: { length: records } }) => ({ lineage: host.lineage(), records }));
  const verdict = verifyBundle({
    records: [...own, ...foreign.values()],
    claims: { lineages, foreign: foreign.size },
    trustedRoots: [{ inception: root }],
    primitives,
  });
  judgeVerdict(verdict, parts);
  return { verdict, ids: new Set([...own, ...foreign.values()].map((each) => idOf(each, primitives))) };
}

/** Throws InvariantBroken on the first failed check that nothing forgives. */
export function judgeVerdict(verdict: Verdict, parts: Judging): void {
  const failed = verdict.checks.filter(({ result }) => result === "failed");
  const forgiven = failed.filter((check) => parts.forgives(check, partiesOf(check, verdict, parts)));
  const isUnread = forgiven.some(({ code }) => code === "record-signature");
  for (const check of failed) {
    if (forgiven.includes(check) || (isUnread && restsOnUnread(check))) continue;
    const { code, subject, artifact, measured, required } = check;
    const text = `${code}: measured ${JSON.stringify(measured)}, required ${JSON.stringify(required)}`;
    throw new InvariantBroken("logs-verify", text, [subject, ...(artifact === null ? [] : [artifact])]);
  }
}

/** What its author signed before it lost records counts for nobody here, and what others said of it stands there without it. */
function restsOnUnread({ code, measured, required }: NumberedCheck): boolean {
  if (code === "reference") return measured["found"] === "nothing verified";
  return code === "renewal-answers-request" && required["request"] === "here";
}

/** A dishonest one is found once two who hold the two records bring them together: never is a fork in a bundle missed. */
export function checkForksFound(audited: AuditedLogs | null, forks: readonly (readonly string[])[]): void {
  if (audited === null) return;
  const { verdict, ids } = audited;
  for (const fork of forks) {
    const here = fork.filter((id) => ids.has(id));
    if (here.length < 2) continue;
    const isFound = verdict.checks.some(
      ({ code, result, subject }) => code === "lineage-fork" && result === "failed" && here.includes(subject),
    );
    if (!isFound)
      throw new InvariantBroken("forks-are-found", "two records at one position, and no check fails", here);
  }
}

function idOf({ envelope }: BundleRecord, { sha256 }: Primitives): string {
  const read = readEnvelope(envelope);
  return read.ok ? toHex(recordId(read.value.kind, read.value.payload, sha256)) : "";
}

type Log = {
  readonly host: Host;
  readonly own: readonly BundleRecord[];
  readonly foreign: readonly Uint8Array[];
};

async function readLog(host: Host): Promise<Log | null> {
  const frames = host.frames();
  if (frames === null) return null;
  const own: BundleRecord[] = [];
  const foreign: Uint8Array[] = [];
  try {
    for await (const { kind, bytes } of frames) {
      if (kind === "own") own.push({ lineage: host.lineage(), envelope: bytes });
      else foreign.push(bytes);
    }
    return { host, own, foreign };
  } catch (error) {
    // Rot that its next start will find.
    if (error instanceof PortError) return null;
    throw error;
  }
}

export type Judging = Pick<LogAuditParts, "rogueOf" | "people" | "forgives">;

type People = Pick<LogAuditParts, "rogueOf" | "people">;

/** Names of those whom a check is about: both parties of its artifact, or its lineage. */
function partiesOf(
  { subject, artifact }: NumberedCheck,
  verdict: Verdict,
  people: People,
): readonly string[] {
  const deal = verdict.settlements.find(({ artifactId }) => artifactId === (artifact ?? subject));
  const lineages = deal === undefined ? [subject] : [deal.holder, deal.consumer];
  return lineages.map((each) => nameOf(each, people));
}

function nameOf(lineage: string, { people, rogueOf }: People): string {
  return people.find((host) => toHex(host.lineage()) === lineage)?.spec.name ?? rogueOf(lineage) ?? "";
}
