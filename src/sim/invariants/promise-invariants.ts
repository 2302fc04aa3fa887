/** What one record promises about others, of whoever's log, as far as the records alone tell it (PROTOCOL §6). */
import { put } from "../../core/agent/known.ts";
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function promiseInvariants(watched: Watched): readonly Invariant[] {
  return [
    renewedOnce(watched),
    renewedOnlyBeforeTheEnd(watched),
    letOnlyWhileOffered(watched),
    settledOrRefused(watched),
    silentWhenGivenUp(),
    armedByThisBoot(),
  ];
}

/** Entries that are kept of each sort: what is older was judged, and nobody says it again. */
const KEPT_MAX = 65_536;

/** A record that was durable: it binds its author for as long as its disk keeps it. */
type Said = { readonly host: string; readonly seq: number; readonly id: string };

function said(host: string, { header, id }: AnyRecord): Said {
  return { host, seq: header.seq, id: toHex(id) };
}

function stands({ chronicle }: Watched, what: Said | undefined): what is Said {
  return what !== undefined && chronicle.chainOf(what.host).ids[what.seq] === what.id;
}

/** The holder answers one nonce with one renewal. */
function renewedOnce(watched: Watched): Invariant {
  const name = "one-renewal-a-request";
  const renewals = new Map<string, Said>();
  return {
    name,
    appended(host, record) {
      if (record.kind !== "renewal") return;
      const [request, id] = [toHex(record.body.request), toHex(record.id)];
      const standing = renewals.get(request);
      if (stands(watched, standing) && standing.id !== id)
        throw new InvariantBroken(name, `${host} answered one request twice`, [request, standing.id, id]);
      put(renewals, request, said(host, record), KEPT_MAX);
    },
  };
}

/** Behind its own termination of a lease a holder renews it no more. */
function renewedOnlyBeforeTheEnd(watched: Watched): Invariant {
  const name = "renewed-only-before-the-end";
  const ends = new Map<string, Said>();
  return {
    name,
    appended(host, record) {
      if (record.kind === "lease-termination")
        put(ends, `${host} ${toHex(record.body.artifact)}`, said(host, record), KEPT_MAX);
      if (record.kind !== "renewal") return;
      const artifact = toHex(record.body.artifact);
      const end = ends.get(`${host} ${artifact}`);
      if (!stands(watched, end) || end.seq > record.header.seq) return;
      throw new InvariantBroken(name, `${host} renewed what it had ended`, [
        artifact,
        end.id,
        toHex(record.id),
      ]);
    },
  };
}

/** A withdrawal counts from its position: settlements before it stand, none follows. */
function letOnlyWhileOffered(watched: Watched): Invariant {
  const name = "let-only-while-offered";
  const withdrawn = new Map<string, Said>();
  return {
    name,
    appended(host, record) {
      if (record.kind === "withdrawal")
        put(withdrawn, toHex(record.body.offer), said(host, record), KEPT_MAX);
      if (record.kind !== "settlement") return;
      const offer = toHex(record.body.offer);
      const withdrawal = withdrawn.get(offer);
      if (!stands(watched, withdrawal) || withdrawal.host !== host) return;
      throw new InvariantBroken(name, `${host} let what it had withdrawn`, [offer, toHex(record.id)]);
    },
  };
}

/** A holder says one thing of one acceptance: what it bound it does not refuse, and what it refused it does not bind. */
function settledOrRefused(watched: Watched): Invariant {
  const name = "settled-or-refused";
  const answers = new Map<string, Said & { readonly isBound: boolean }>();
  return {
    name,
    appended(host, record) {
      const isBound = record.kind === "settlement";
      if (!isBound && record.kind !== "rejection") return;
      const subject = isBound ? record.body.acceptance : record.body.subject;
      const pair = subject === null ? null : watched.ledger.pairOf(subject);
      if (subject === null || pair === null || pair.consumer === host) return;
      const acceptance = toHex(subject);
      const before = answers.get(acceptance);
      if (stands(watched, before) && before.isBound !== isBound) {
        const text = isBound ? "bound what it had refused" : "refused what it had bound";
        throw new InvariantBroken(name, `${host} ${text}`, [acceptance, before.id, toHex(record.id)]);
      }
      put(answers, acceptance, { ...said(host, record), isBound }, KEPT_MAX);
    },
  };
}

/** A relinquishment says that the radio is silent. */
function silentWhenGivenUp(): Invariant {
  const name = "silent-when-given-up";
  const onAir = new Map<string, string>();
  return {
    name,
    transmitted({ emitter, state, lease }) {
      if (state === "on") onAir.set(emitter, lease);
      else onAir.delete(emitter);
    },
    appended(host, record) {
      if (record.kind !== "relinquishment") return;
      const artifact = toHex(record.body.artifact);
      if (onAir.get(host) !== artifact) return;
      throw new InvariantBroken(name, `${host} gave up a lease while it was on air`, [artifact]);
    },
  };
}

/** A renewal that answers another boot's request is never armed. */
function armedByThisBoot(): Invariant {
  const name = "armed-by-this-boot";
  const boots = new Map<string, string>();
  return {
    name,
    appended(host, record) {
      if (record.kind === "renewal")
        put(boots, toHex(record.id), toHex(record.body.consumerBootId), KEPT_MAX);
      if (record.kind !== "actuation") return;
      const renewal = toHex(record.body.renewal);
      const boot = boots.get(renewal);
      if (boot === undefined || boot === toHex(record.body.bootId)) return;
      throw new InvariantBroken(name, `${host} switched on by a renewal for another boot`, [renewal]);
    },
  };
}
