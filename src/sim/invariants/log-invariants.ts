/** One log, one history: positions follow, nothing acknowledged is lost, no position is used twice (PROTOCOL §2). */
import { bounds } from "../../core/agent/bounds.ts";
import { equalBytes, toHex } from "../../core/base/bytes.ts";
import { wasLost } from "../chronicle.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/**
 * What an old copy of a log may lack without its start showing it. The counter stands for the last checkpoint that it
 * raised; the next one is due an interval later, behind what is queued, and is flushed before it raises the counter.
 */
const UNNOTICED_MAX = 2 * bounds.CHECKPOINT_EVERY + bounds.QUEUE_MAX + bounds.QUEUE_RESERVE;

export function logInvariants(watched: Watched): readonly Invariant[] {
  return [following(watched), kept(watched), quarantined(watched), shown(watched), published(watched)];
}

/**
 * Each record stands behind the one before it. So one host's position is used twice only after its disk lost what stood
 * there (a backup put back, rot), which `kept` allows to no other host.
 */
function following({ chronicle, lineageOf }: Watched): Invariant {
  const name = "log-follows";
  return {
    name,
    appended(host, record) {
      const { seq, previous, lineage } = record.header;
      const { ids } = chronicle.chainOf(host);
      const records = [ids.at(-1) ?? "", toHex(record.id)];
      if (!equalBytes(lineage, lineageOf(host)))
        throw new InvariantBroken(name, `${host} appended a ${record.kind} of another lineage`, records);
      const head = ids.at(-1);
      if (seq === ids.length && (head === undefined || toHex(previous) === head)) return;
      const text = `${host} appended ${record.kind} at ${seq} after ${ids.length - 1}`;
      throw new InvariantBroken(name, text, records);
    },
  };
}

function kept({ chronicle, mayForget }: Watched): Invariant {
  const name = "nothing-acknowledged-is-lost";
  return {
    name,
    reread(host, records, lossSeq) {
      if (lossSeq === null || mayForget(host)) return;
      const { ids } = chronicle.chainOf(host);
      const what = lossSeq < records.length ? `another record ${lossSeq}` : `${records.length} records`;
      const text = `${host}'s log has ${what}; ${ids.length} were acknowledged`;
      throw new InvariantBroken(name, text, [ids[lossSeq] ?? ""]);
    },
  };
}

/** More is gone than the counter leaves unnoticed: the next word is a quarantine's end, or what peers brought back. */
function quarantined({ chronicle }: Watched): Invariant {
  const name = "large-loss-is-quarantined";
  const losses = new Map<string, number>();
  return {
    name,
    reread(host, _, lossSeq) {
      if (lossSeq !== null) losses.set(host, chronicle.chainOf(host).ids.length - lossSeq);
    },
    appended(host, record) {
      const records = losses.get(host) ?? 0;
      losses.delete(host);
      if (records <= UNNOTICED_MAX || record.kind === "quarantine-end" || wasLost(chronicle, host, record))
        return;
      const text = `${host} went on with a ${record.kind} after its disk had lost ${records} records`;
      throw new InvariantBroken(name, text, [toHex(record.id)]);
    },
  };
}

/**
 * Whoever was shown a lost record of its own signs nothing more, but has the lost ones stored again. Nobody else can
 * know that its log is an old copy of itself: within UNNOTICED_MAX, or once its quarantine is over, it goes on and forks.
 */
function shown({ chronicle, agentOf }: Watched): Invariant {
  const name = "shown-means-silent";
  return {
    name,
    appended(host, record, by) {
      // What was in the store's hands when it was shown is past recall, and is found on the disk.
      if (by === "disk" || chronicle.chainOf(host).lost.size === 0 || wasLost(chronicle, host, record))
        return;
      const beyond = agentOf(host)?.volatile.quarantine?.beyond ?? null;
      if (beyond === null) return;
      const text = `${host} signed a ${record.kind} while it knew of lost records of its own`;
      throw new InvariantBroken(name, text, [toHex(record.id)]);
    },
  };
}

/** What leaves a host was durable there, even where its disk has lost it since: it was on its way already. */
function published({ chronicle }: Watched): Invariant {
  const name = "published-only-durable";
  return {
    name,
    published(host, record) {
      const id = toHex(record.id);
      if (chronicle.chainOf(host).ids[record.header.seq] === id || wasLost(chronicle, host, record)) return;
      throw new InvariantBroken(name, `${host} sent a ${record.kind} that its log does not hold`, [id]);
    },
  };
}
