/** What the fold keeps of own budgets: each use, and which of them are suspended (PROTOCOL §7). */
import { budgetKey } from "../authority/budgets.ts";
import { idText, toHex } from "../base/bytes.ts";
import { factsOf } from "../budget/facts.ts";
import { withUse } from "../budget/use-book.ts";
import { type Bodies, bodyOf } from "../pairing/bodies.ts";
import type { BudgetStatement } from "../record/budget-fields.ts";
import type { RecordOf } from "../record/record.ts";
import type { State } from "./state.ts";

export type UseParts = {
  readonly own: RecordOf<"settlement"> | RecordOf<"acceptance">;
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly statements: readonly BudgetStatement[];
  readonly bodies: Bodies;
};

export function applyUse(state: State, { own, offer, acceptance, statements, bodies }: UseParts): void {
  const id = own.kind === "settlement" ? offer.header.credential : own.header.credential;
  const credential = id === null ? undefined : bodyOf(bodies, "credential", id);
  // An acceptance that states nothing uses no budget: its kind alone takes none.
  if (own.kind === "acceptance" && statements.length === 0) return;
  const interval = own.header.time;
  if (credential === undefined || interval === null) return;
  const facts = factsOf(own.kind, offer.body, acceptance.body.block, credential);
  const [said] = statements;
  const boot = said === undefined ? null : { bootId: said.bootId, bootUs: said.bootUs };
  state.uses = withUse(state.uses, facts, { interval, boot });
}

export function applySuspension(state: State, own: RecordOf<"suspension">): void {
  state.suspensions.set(budgetKey(toHex(own.body.authority), own.body.term), own);
}

export function applyResumption(state: State, own: RecordOf<"resumption">): void {
  const ended = idText(own.body.suspension);
  for (const [key, { id }] of state.suspensions) if (idText(id) === ended) state.suspensions.delete(key);
}
