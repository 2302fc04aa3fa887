/** Whether an author kept its budgets, as its whole log tells: the fold that it goes by itself, from its records (PROTOCOL §7). */
import { budgetKey } from "../authority/budgets.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Measure } from "../base/rejection.ts";
import { factsOf } from "../budget/facts.ts";
import { readStatements, type StatedTerm } from "../budget/statements.ts";
import {
  amountOf,
  emptyBook,
  type Facts,
  type Moment,
  saturated,
  timeOf,
  type UseBook,
  usedOf,
  withUse,
} from "../budget/use-book.ts";
import type { BudgetStatement } from "../record/budget-fields.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, passed } from "./audit-check.ts";
import { type Evidence, find } from "./evidence.ts";
import { bodiesOf } from "./rederive.ts";

/** Of the author `lineage`, in hex. */
export function budgetChecks(evidence: Evidence, lineage: string): readonly AuditCheck[] {
  if (!evidence.gapless.has(lineage) || !evidence.exported.has(lineage)) {
    const reason = "Its full log is not here: what else it used of its budgets cannot be seen.";
    return [notCheckable("budget-held", lineage, reason)];
  }
  const ledger: Ledger = {
    evidence,
    book: emptyBook,
    suspended: new Map(),
    found: [],
    stated: 0,
    unknown: 0,
  };
  for (const record of evidence.lineages.get(lineage) ?? []) enter(ledger, record);
  const { found, stated, unknown } = ledger;
  if (found.length > 0) return found;
  if (unknown > 0) {
    const reason = "Records that say whose numbers apply, or to what, are not here.";
    return [notCheckable("budget-held", lineage, reason, { records: unknown })];
  }
  return [passed("budget-held", lineage, { stated })];
}

type Ledger = {
  readonly evidence: Evidence;
  book: UseBook;
  /** By authority and term. */
  readonly suspended: Map<string, RecordOf<"suspension">>;
  readonly found: AuditCheck[];
  stated: number;
  unknown: number;
};

function enter(ledger: Ledger, record: AnyRecord): void {
  switch (record.kind) {
    case "settlement":
      enterSettlement(ledger, record);
      return;
    case "acceptance":
      // One that states nothing uses no budget: its kind alone takes none.
      if (record.body.budgets.length > 0) {
        const { credential } = record.header;
        enterDeed(
          ledger,
          { record, offer: record.body.offer, credential, acceptance: record },
          record.body.budgets,
        );
      }
      return;
    case "suspension":
      if (record.body.used < record.body.term.allowed)
        refuse(ledger, record, { used: record.body.used }, { allowed: record.body.term.allowed });
      ledger.suspended.set(budgetKey(toHex(record.body.authority), record.body.term), record);
      return;
    case "resumption":
      enterResumption(ledger, record);
      return;
    default:
      return;
  }
}

function enterSettlement(ledger: Ledger, record: RecordOf<"settlement">): void {
  const offer = find(ledger.evidence, "offer", record.body.offer);
  const acceptance = find(ledger.evidence, "acceptance", record.body.acceptance);
  // A consumer's settlement names its own acceptance, and uses none of its budgets.
  if (acceptance !== undefined && equalBytes(acceptance.header.lineage, record.header.lineage)) return;
  if (acceptance === undefined || offer === undefined) {
    ledger.unknown += 1;
    return;
  }
  const { credential } = offer.header;
  enterDeed(ledger, { record, offer: offer.id, credential, acceptance }, record.body.context.budgets);
}

type Deed = {
  readonly record: RecordOf<"settlement"> | RecordOf<"acceptance">;
  readonly offer: Uint8Array;
  readonly credential: Uint8Array | null;
  readonly acceptance: RecordOf<"acceptance">;
};

function enterDeed(ledger: Ledger, deed: Deed, statements: readonly BudgetStatement[]): void {
  const { evidence } = ledger;
  const { record, acceptance } = deed;
  const offer = find(evidence, "offer", deed.offer);
  const credential = find(evidence, "credential", deed.credential);
  const interval = record.header.time;
  if (offer === undefined || credential === undefined || interval === null) {
    ledger.unknown += 1;
    return;
  }
  const facts = factsOf(record.kind, offer.body, acceptance.body.block, credential);
  const bodies = bodiesOf(evidence);
  const read = readStatements({ facts, credential, statements, bodies, field: "budgets" });
  for (const { measured, required } of read.findings) refuse(ledger, record, measured, required);
  const [said] = statements;
  const boot = said === undefined ? null : { bootId: said.bootId, bootUs: said.bootUs };
  const moment = { interval, boot };
  for (const each of read.stated) checkStated(ledger, record, each, { facts, moment });
  ledger.book = withUse(ledger.book, facts, moment);
}

type Counting = { readonly facts: Facts; readonly moment: Moment };

/** What is stated is within the number, and not less than what the log so far shows to count. */
function checkStated(
  ledger: Ledger,
  record: AnyRecord,
  { statement, term }: StatedTerm,
  { facts, moment }: Counting,
): void {
  ledger.stated += 1;
  const { book } = ledger;
  const before = usedOf(book, facts.authority, term, timeOf(book, moment));
  const counted = saturated(before + amountOf(term, facts));
  const { used, allowed } = statement;
  if (used > allowed || counted > used) refuse(ledger, record, { used, counted }, { allowed });
  const suspension = ledger.suspended.get(budgetKey(facts.authority, term));
  if (suspension === undefined) return;
  refuse(ledger, record, { used, suspension: toHex(suspension.id) }, { suspension: "none that stands" });
}

function enterResumption(ledger: Ledger, record: RecordOf<"resumption">): void {
  const { suspension, used, allowed, bootId, bootUs } = record.body;
  const ended = [...ledger.suspended].find(([, each]) => equalBytes(each.id, suspension));
  if (ended === undefined) {
    refuse(ledger, record, { suspension: toHex(suspension) }, { suspension: "one that stands" });
    return;
  }
  const [key, { body }] = ended;
  ledger.suspended.delete(key);
  const { book } = ledger;
  const interval = record.header.time;
  const counted =
    interval === null
      ? 0
      : usedOf(book, toHex(body.authority), body.term, timeOf(book, { interval, boot: { bootId, bootUs } }));
  if (used >= allowed || counted > used) refuse(ledger, record, { used, counted }, { allowed });
}

function refuse(ledger: Ledger, { id }: AnyRecord, measured: Measure, required: Measure): void {
  ledger.found.push(failed("budget-held", toHex(id), measured, required));
}
