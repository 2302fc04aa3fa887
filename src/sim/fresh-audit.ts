/** What logs gained since they were last looked at, verified with all that it stands on: authors, links, chains, artifacts (§9). */
import { artifactOf, referencesOf } from "../core/audit/references.ts";
import { verifyBundle } from "../core/audit/verify.ts";
import { toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { judgeVerdict, type LogAuditParts } from "./log-audit.ts";
import type { LogRecord, ReadLog } from "./read-logs.ts";

export type FreshAudit = {
  /** Logs of one site. Throws InvariantBroken on the first failed check that nothing forgives. */
  audit(logs: readonly ReadLog[], parts: LogAuditParts): void;
};

/** The chain of snapshots behind one is as long as the world is old, and nothing stands on it. */
const NOT_FOLLOWED = "previousSnapshot";
/** What nothing in a bundle leads to has no place there: here whole logs lie open, and only what is new in them is judged. */
const OF_THE_WHOLE = "record-connected";

/**
 * Whole leases: a record is judged beside all others of its artifact. The lineages are looked at link by link, as parts:
 * that none lacks a record is what their folds say, and the last audit.
 */
export function newFreshAudit(): FreshAudit {
  return new Shelf();
}

class Shelf implements FreshAudit {
  /** By the hex id of a record; those of one artifact; and the keys of one lineage. */
  readonly #records = new Map<string, LogRecord>();
  readonly #ofArtifact = new Map<string, Set<string>>();
  readonly #keysOf = new Map<string, Set<string>>();

  audit(logs: readonly ReadLog[], parts: LogAuditParts): void {
    const fresh = logs.flatMap((log) => log.fresh).filter((each) => this.#take(each));
    if (fresh.length === 0) return;
    const records = [...this.#standingOn(fresh.map(({ record }) => record))].flatMap((id) => {
      const found = this.#records.get(id);
      return found === undefined ? [] : [{ lineage: null, envelope: found.bytes }];
    });
    const { primitives, root } = parts;
    const claims = { lineages: [], foreign: records.length };
    const verdict = verifyBundle({ records, claims, trustedRoots: [{ inception: root }], primitives });
    const checks = verdict.checks.filter(({ code }) => code !== OF_THE_WHOLE);
    judgeVerdict({ ...verdict, checks }, parts);
  }

  /** False for what is known: two logs hold most records. */
  #take(each: LogRecord): boolean {
    const { record } = each;
    const id = toHex(record.id);
    if (this.#records.has(id)) return false;
    this.#records.set(id, each);
    const artifact = artifactOf(record);
    if (artifact !== null) put(this.#ofArtifact, toHex(artifact), id);
    if (record.kind === "key-event" || record.kind === "key-rotation" || record.kind === "session-key")
      put(this.#keysOf, toHex(record.header.lineage), id);
    return true;
  }

  /** Ids of `fresh`, of the whole leases that they are about, and of everything that these name. */
  #standingOn(fresh: readonly AnyRecord[]): ReadonlySet<string> {
    const ids = new Set<string>();
    const add = (record: AnyRecord): void => {
      const id = toHex(record.id);
      if (ids.has(id)) return;
      ids.add(id);
      for (const key of this.#keysOf.get(toHex(record.header.lineage)) ?? []) ids.add(key);
      for (const named of this.#namedBy(record)) add(named);
    };
    for (const record of fresh) {
      add(record);
      for (const about of [record, ...this.#namedBy(record)])
        for (const id of this.#ofArtifact.get(toHex(artifactOf(about) ?? NONE)) ?? []) {
          const other = this.#records.get(id);
          if (other !== undefined) add(other.record);
        }
    }
    return ids;
  }

  #namedBy(record: AnyRecord): readonly AnyRecord[] {
    return referencesOf(record).flatMap(({ field, id }) => {
      const found = field === NOT_FOLLOWED ? undefined : this.#records.get(toHex(id));
      return found === undefined ? [] : [found.record];
    });
  }
}

const NONE: Uint8Array = new Uint8Array(0);

function put(sets: Map<string, Set<string>>, key: string, id: string): void {
  const standing = sets.get(key) ?? new Set();
  sets.set(key, standing.add(id));
}
