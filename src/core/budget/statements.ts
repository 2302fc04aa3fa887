/** A record's statements of budget, held against the credentials that they name (PROTOCOL §7). */
import { numberOf, termKey } from "../authority/budgets.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { type Bodies, bodyOf } from "../pairing/bodies.ts";
import type { BudgetStatement, BudgetTerm } from "../record/budget-fields.ts";
import type { RecordOf } from "../record/record.ts";
import { amountOf, type Facts } from "./use-book.ts";

export type Stating = {
  readonly facts: Facts;
  /** The one that the deed was done under. */
  readonly credential: RecordOf<"credential">;
  readonly statements: readonly BudgetStatement[];
  readonly bodies: Bodies;
  readonly field: string;
};

export type StatedTerm = { readonly statement: BudgetStatement; readonly term: BudgetTerm };

/**
 * The terms that are truly stated, and what is wrong with the others: `budget-statement` for one that its credential does
 * not bear out, and for each term of the credential used that nothing is said of.
 */
export function readStatements({ facts, credential, statements, bodies, field }: Stating): {
  readonly stated: readonly StatedTerm[];
  readonly findings: readonly Rejection[];
} {
  const stated: StatedTerm[] = [];
  const findings: Rejection[] = [];
  for (const [i, statement] of statements.entries()) {
    const named = bodyOf(bodies, "credential", statement.credential);
    const term = named?.body.budgets[statement.term];
    const isBorneOut =
      named !== undefined &&
      term !== undefined &&
      toHex(named.header.lineage) === facts.authority &&
      equalBytes(named.body.subjectLineage, credential.body.subjectLineage) &&
      numberOf(named.body, termKey(term)) === statement.allowed &&
      term.windowUs === statement.windowUs &&
      amountOf(term, facts) > 0;
    if (isBorneOut) stated.push({ statement, term: { ...term, allowed: statement.allowed } });
    else findings.push(notBorneOut(statement, `${field}[${i}]`));
  }
  const said = new Map(stated.map(({ term }) => [termKey(term), term.allowed]));
  for (const term of credential.body.budgets) {
    const allowed = numberOf(credential.body, termKey(term)) ?? term.allowed;
    if (amountOf(term, facts) === 0 || (said.get(termKey(term)) ?? -1) >= allowed) continue;
    const { unit, windowUs } = term;
    findings.push(rejection("budget-statement", field, { stated: "none" }, { unit, windowUs, allowed }));
  }
  return { stated, findings };
}

function notBorneOut({ credential, term, windowUs, allowed }: BudgetStatement, field: string): Rejection {
  const measured = { credential: toHex(credential), term, windowUs, allowed };
  return rejection("budget-statement", field, measured, { stated: "as the credential has it" });
}
