/** No holder binds more in a window than its issuer allowed, as its own log and the issuer's records tell (PROTOCOL §7). */
import { toHex } from "../../core/base/bytes.ts";
import type { BudgetTerm } from "../../core/record/budget-fields.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Interval } from "../../core/record/shared-fields.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function budgetInvariants(watched: Watched): readonly Invariant[] {
  return [kept(watched)];
}

type Use = { readonly seq: number; readonly id: string; readonly time: Interval };

function kept({ register, isExempt }: Watched): Invariant {
  /** Of each host, those bound since its clock was known to be false. */
  const uses = new Map<string, Use[]>();
  /** Credential of each offer, by its host and id: a consumer's settlement names an offer of another one. */
  const credentials = new Map<string, string>();

  function count(host: string, record: RecordOf<"settlement">, terms: readonly BudgetTerm[]): void {
    const { time, seq } = record.header;
    if (time === null) return;
    // A false clock says nothing of before and after: the count begins anew behind it.
    if (isExempt(host, "time") || isExempt(host, "speed")) {
      uses.delete(host);
      return;
    }
    const own = uses.get(host) ?? [];
    own.push({ seq, id: toHex(record.id), time });
    uses.set(
      host,
      own.filter((each) => mayShare(LONGEST, each.time, time)),
    );
    for (const term of terms) {
      const within = own.filter((each) => surelyShare(term, each.time, time));
      if (within.length <= term.allowed) continue;
      const text = `${host} bound ${within.length} pairs in a window of ${term.windowUs} µs, of ${term.allowed}`;
      throw new InvariantBroken(
        budget.name,
        text,
        within.map(({ id }) => id),
      );
    }
  }

  const budget: Invariant = {
    name: "budget-kept",
    reread(host, _records, lossSeq) {
      // What its disk lost it cannot count.
      if (lossSeq !== null)
        uses.set(
          host,
          (uses.get(host) ?? []).filter(({ seq }) => seq < lossSeq),
        );
    },
    appended(host, record) {
      if (record.kind === "offer" && record.header.credential !== null)
        credentials.set(`${host} ${toHex(record.id)}`, toHex(record.header.credential));
      if (record.kind !== "settlement") return;
      const credential = credentials.get(`${host} ${toHex(record.body.offer)}`);
      if (credential !== undefined) count(host, record, register.budgetsOf(credential));
    },
  };
  return budget;
}

/** Longer than any window of these worlds. */
const LONGEST_US = 3_600_000_000;
const LONGEST: Pick<BudgetTerm, "window" | "windowUs"> = { window: "sliding", windowUs: LONGEST_US };

/** Whatever the true times within both intervals, one window holds both. */
function surelyShare({ window, windowUs }: BudgetTerm, earlier: Interval, now: Interval): boolean {
  if (window === "sliding") return earlier.earliestUs + windowUs > now.latestUs;
  return Math.floor(earlier.earliestUs / windowUs) === Math.floor(now.latestUs / windowUs);
}

function mayShare({ windowUs }: Pick<BudgetTerm, "windowUs">, earlier: Interval, now: Interval): boolean {
  return earlier.latestUs + windowUs > now.earliestUs;
}
