/** Whether a directive is to be obeyed: its author's chain, level, scope, freshness and budgets (PROTOCOL §7; seed guide "Bounding against abuse"). */
import { type Chain, checkChain } from "../authority/chain.ts";
import { blockInsideScope } from "../authority/scope.ts";
import { fallenLink } from "../authority/snapshots.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { levelOf } from "../policy/taxonomy.ts";
import type { Credential } from "../record/kinds/credential.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { PreemptedZone, Preemption } from "../record/kinds/preemption.ts";
import type { RecordOf } from "../record/record.ts";
import type { Interval } from "../record/shared-fields.ts";
import { exposureOf, overBudget, understated } from "./exposure.ts";

export type Judging = {
  readonly chain: Chain;
  readonly roots: readonly Uint8Array[];
  readonly policy: Policy;
  /** The receiver's own time. */
  readonly interval: Interval;
  readonly snapshots: readonly RecordOf<"status-snapshot">[];
  /** Of the same author, obeyed before. */
  readonly others: readonly Preemption[];
};

/** Every reason why it is not to be obeyed; none: whatever it hits falls silent. Areas are looked at last, of a rooted chain only. */
export function directiveFaults(
  directive: RecordOf<"preemption">,
  { chain, roots, policy, interval, snapshots, others }: Judging,
): readonly Rejection[] {
  const { lineage, signerKey } = directive.header;
  const demand = { subject: { lineage, signerKey }, roots, policy, interval, side: "preemption" };
  const broken = checkChain(chain, demand).filter(({ passed }) => !passed);
  const [last] = chain.links;
  if (broken.length > 0 || last === undefined) {
    return broken.map(({ code, field, measured, required }) => rejection(code, field, measured, required));
  }
  const found = [
    ...fallen(chain, snapshots),
    ...entitled(last.body, policy),
    ...timely(directive.body, interval, policy.clockBoundUs),
    ...budgeted(directive.body, last.body, others),
  ];
  return found.length > 0 ? found : outside(directive.body, last.body);
}

/** As long as its author may preempt, where it names no end. */
export function standsUntilUs({ untilUs }: Preemption, credential: Pick<Credential, "untilUs">): number {
  return untilUs ?? credential.untilUs;
}

function fallen(chain: Chain, snapshots: Judging["snapshots"]): readonly Rejection[] {
  const link = fallenLink([chain], snapshots);
  if (link === null) return [];
  const measured = { number: link.snapshot.body.number };
  return [rejection("credential-revoked", "preemption.credential", measured, { revoked: "not listed" })];
}

function entitled({ verbs, level }: Credential, policy: Policy): readonly Rejection[] {
  const found: Rejection[] = [];
  if (!verbs.includes("preempt")) {
    const measured = { verbs: verbs.join(" ") };
    found.push(rejection("preemption-verb", "preemption.credential", measured, { verb: "preempt" }));
  }
  const response = levelOf(policy, level)?.response ?? "none";
  if (response !== "obey") {
    const required = { response: "obey" };
    found.push(rejection("preemption-level", "preemption.credential", { level, response }, required));
  }
  return found;
}

function timely(
  { issuedUs, untilUs }: Preemption,
  { earliestUs, latestUs }: Interval,
  clockBoundUs: number,
): readonly Rejection[] {
  const isOver = untilUs !== null && (untilUs <= earliestUs || untilUs <= issuedUs);
  if (issuedUs <= latestUs + clockBoundUs && !isOver) return [];
  const required = { earliestUs, latestUs, clockBoundUs };
  return [rejection("preemption-time", "preemption", { issuedUs, untilUs: untilUs ?? "none" }, required)];
}

/** By its own words, and by what of its author's was seen here. */
function budgeted(
  body: Preemption,
  credential: Credential,
  others: readonly Preemption[],
): readonly Rejection[] {
  const seen = exposureOf(credential, body, others);
  const said = body.budgets.filter(({ used, allowed }) => used > allowed);
  // One that comes late, or is dated back, takes of the windows of those that were heard before it.
  const later = others
    .filter(({ issuedUs }) => issuedUs >= body.issuedUs)
    .flatMap((each) => exposureOf(credential, each, [...others.filter((other) => other !== each), body]));
  const over = [said, seen, later].find((each) => each.some(({ used, allowed }) => used > allowed));
  return [...understated(body.budgets, seen), ...overBudget(credential, over ?? [])];
}

/** `preemption-scope` for each zone that lies in no one box of its author's scope. */
function outside(body: Preemption, { scope, untilUs }: Credential): readonly Rejection[] {
  return body.zones.flatMap((zone, i) => {
    const closest = scope
      .map(({ limits }) => boxOf(zone, body, untilUs, limits))
      .map((box, at) => blockInsideScope(box, scope.slice(at, at + 1), `zones[${i}]`));
    if (closest.some((excess) => excess.length === 0)) return [];
    const [first] = [...closest].sort((a, b) => a.length - b.length)[0] ?? [];
    const measured = { code: first?.code ?? "scope-empty", field: first?.field ?? "scope" };
    return [rejection("preemption-scope", `preemption.zones[${i}]`, measured, { scope: "inside one box" })];
  });
}

/** Silence needs no power: the limits of the box that it is held against are its own. */
function boxOf(
  zone: PreemptedZone,
  { issuedUs, untilUs }: Preemption,
  lastUs: number,
  limits: Credential["scope"][number]["limits"],
): Credential["scope"][number] {
  return { ...zone, fromUs: issuedUs, untilUs: untilUs ?? Math.max(issuedUs + 1, lastUs), limits };
}
