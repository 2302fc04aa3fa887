/** Whether a lease still stood at a later position of its holder's lineage (PROTOCOL §6, re-allocation). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import {
  bootBoundPassed,
  expiryBoundPassed,
  type RenewalBounds,
  withRenewal,
} from "../settlement/renewal-bounds.ts";
import { type Deal, isParty } from "./deals.ts";
import { type Evidence, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";

export type Occupancy = {
  readonly state: "standing" | "free" | "unknown";
  readonly why: string;
  /** Free by the boot clock of a boot that may be over: after a reboot its holder counts in full again. */
  readonly mayCountAnew?: boolean;
};

/** At `at`: a record of the same holder, or of another one, judged then by the times that both claim. */
export function occupancyAt(evidence: Evidence, deal: Deal, at: AnyRecord): Occupancy {
  const holder = deal.holderSettlement?.header.lineage;
  const sameHolder = holder !== undefined && equalBytes(holder, at.header.lineage);
  const before = (record: AnyRecord): boolean => (sameHolder ? precedes(record, at) : endedBy(record, at));
  if (isInHand(deal, before)) return { state: "free", why: "the consumer had relinquished it" };
  if (!deal.terminations.some(before)) return notTerminated(evidence, deal, sameHolder);
  const occupancy = runOut(evidence, deal, at, sameHolder);
  if (occupancy.state === "free" && !isWhole(evidence, deal, sameHolder)) return UNKNOWN_RENEWALS;
  return occupancy.state === "standing" && mayBeInHand(evidence, deal) ? UNKNOWN_HAND : occupancy;
}

/** It was given up, and the record by which the holder kept that goes to nobody: its log alone tells. */
function mayBeInHand({ gapless }: Evidence, deal: Deal): boolean {
  const holder = deal.holderSettlement === null ? "" : toHex(deal.holderSettlement.header.lineage);
  const givenUp = deal.relinquishments.some((each) => isParty(deal.acceptance?.header.lineage, each));
  return givenUp && !gapless.has(holder);
}

const UNKNOWN_HAND: Occupancy = {
  state: "unknown",
  why: "Its consumer had relinquished it; whether its holder had that in hand by then stands in a log that is not here whole.",
};

/** The relinquishment frees the block from the holder's record on that keeps it, be it an end or an acknowledgement. */
function isInHand(deal: Deal, before: (record: AnyRecord) => boolean): boolean {
  const kept = [
    ...deal.terminations.filter(before).map(({ body }) => body.cause),
    ...deal.acknowledgements
      .filter((each) => isParty(deal.offer?.header.lineage, each) && before(each))
      .map(({ body }) => body.record),
  ];
  return deal.relinquishments.some(
    (each) =>
      isParty(deal.acceptance?.header.lineage, each) &&
      kept.some((id) => id !== null && equalBytes(id, each.id)),
  );
}

function endedBy({ header }: AnyRecord, at: AnyRecord): boolean {
  return header.time !== null && at.header.time !== null && header.time.latestUs <= at.header.time.earliestUs;
}

/** Between two positions of one lineage a gapless log is enough; elsewhere it has to be here to its end. */
function isWhole({ gapless, exported }: Evidence, deal: Deal, sameHolder: boolean): boolean {
  const holder = deal.holderSettlement === null ? "" : toHex(deal.holderSettlement.header.lineage);
  return gapless.has(holder) && (sameHolder || exported.has(holder));
}

/** A consumer has the renewals that reached it; each that did not holds the block too. */
const UNKNOWN_RENEWALS: Occupancy = {
  state: "unknown",
  why: "It was ended, and its holder's log is not here whole: what renewals that one had signed is not known.",
};

function notTerminated(evidence: Evidence, deal: Deal, sameHolder: boolean): Occupancy {
  if (isWhole(evidence, deal, sameHolder)) {
    return { state: "standing", why: "its holder had not ended it" };
  }
  return {
    state: "unknown",
    why: "Its holder's log is not here whole: whether it was ended before is not known.",
  };
}

/** Both bounds over every renewal signed before: by expiry, and by the holder's boot clock. */
function runOut(evidence: Evidence, deal: Deal, at: AnyRecord, sameHolder: boolean): Occupancy {
  const terms = deal.derived?.artifact.terms;
  if (terms === undefined) return { state: "unknown", why: "Its terms do not come out again." };
  const renewals = deal.renewals
    .filter((each) => !sameHolder || precedes(each, at))
    .sort((a, b) => (precedes(a, b) ? -1 : 1));
  const bounds = renewals.reduce<RenewalBounds | null>(
    (so, { body }) => withRenewal(so, body, terms.clockDriftPpm, terms.muteLatencyUs),
    null,
  );
  if (bounds === null) return { state: "free", why: "it was ended, and no renewal had been signed" };
  if (!expiryBoundPassed(bounds, at.header.time?.earliestUs ?? null)) {
    return { state: "standing", why: "a renewal's transmit expiry had not passed" };
  }
  return sameHolder ? byBootClock(evidence, bounds, at) : UNKNOWN_CLOCK;
}

const UNKNOWN_CLOCK: Occupancy = {
  state: "unknown",
  why: "It was ended and its transmit expiry had passed; the holder's boot clock at that moment stands in no record.",
};

/** The boot clock shows only in renewals: one before says that it had passed, one after that it had not. */
function byBootClock(evidence: Evidence, bounds: RenewalBounds, at: AnyRecord): Occupancy {
  const own = ofKind(evidence, "renewal").filter((each) =>
    equalBytes(each.header.lineage, at.header.lineage),
  );
  const passed = ({ body }: RecordOf<"renewal">): boolean =>
    bootBoundPassed(bounds, body.holderBootId, body.holderBootUs);
  const before = own.filter((each) => precedes(each, at));
  const after = own.filter((each) => precedes(at, each));
  const goesOn = ({ body }: RecordOf<"renewal">): boolean =>
    after.some((each) => equalBytes(each.body.holderBootId, body.holderBootId));
  const shown = before.filter(passed);
  if (shown.length > 0) {
    const why = "it was ended, and every renewal had run out";
    return { state: "free", why, mayCountAnew: !shown.some(goesOn) };
  }
  const stillLater = after.some((each) => equalBytes(each.body.holderBootId, bounds.bootId) && !passed(each));
  if (stillLater) return { state: "standing", why: "a renewal had not run out by the holder's boot clock" };
  return UNKNOWN_CLOCK;
}
