/** The issuer's own book: what it has given to whom, and from when on it may be given to another (PROTOCOL §3). */
import { budgetsLeft, numberOf, termKey } from "../core/authority/budgets.ts";
import { isRevokedIn } from "../core/authority/snapshots.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { type Rejection, rejection } from "../core/base/rejection.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Block } from "../core/record/spectrum-fields.ts";
import { collision, type Spaced } from "../core/settlement/collision.ts";
import type { AuthorityView } from "./authority.ts";
import { issuedBy, ofKind, policiesOf, recognisedBy } from "./standing.ts";

/** What takes a scope up: a credential, or the recognition of a root whose subjects may let there. */
type Given = RecordOf<"credential"> | RecordOf<"recognition">;
type Taken = Pick<Credential, "subjectLineage" | "scope" | "exclusive" | "fromUs" | "untilUs"> & {
  readonly verbs: readonly Credential["verbs"][number][];
};

function takerOf(given: Given): Uint8Array {
  return given.kind === "recognition" ? given.body.root : given.body.subjectLineage;
}

/** Guard bands are kept between leases, by whoever lets; credentials of neighbours may touch, if they are synchronised. */
const GUARD_HZ = 0;

/**
 * `already-allocated` or `tdd-guard` for each earlier credential that what is to be issued would collide with. What entitles to let, or
 * is exclusive, takes its scope up; shared ones stand side by side. The same lineage may hold both: that is a renewal.
 */
export function bookFaults(issued: Taken, view: AuthorityView): readonly Rejection[] {
  const blocks = takenUp(issued, issued.untilUs);
  if (blocks.length === 0) return [];
  return [...issuedBy(view), ...recognisedBy(view)].flatMap((standing) => {
    if (equalBytes(takerOf(standing), issued.subjectLineage)) return [];
    const holder = { credential: toHex(standing.id) };
    const taken = takenUp(standing.body, releasedUs(standing, view));
    return blocks.flatMap((block, i) =>
      taken
        .map((other) => collision(spaced(block, view), spaced(other, view), holder))
        .filter((found) => found !== null)
        .slice(0, 1)
        .map((found) => ({ ...found, field: `scope[${i}]` })),
    );
  });
}

/** By the latest commodity of its class that the roots describe. */
function spaced(block: Block, { records, roots }: AuthorityView): Spaced {
  const described = ofKind(records, "schema").findLast(
    ({ header, body }) =>
      body.commodityClass === block.commodityClass && roots.some((root) => equalBytes(root, header.lineage)),
  );
  return { block, spacing: { guardBandHz: GUARD_HZ, tdd: described?.body.tdd ?? null } };
}

/**
 * `budget-given-away` and `holdings-given-away`: what the issuer's own numbers have left, less those of all others who
 * hold some of them while the new credential's uses count (PROTOCOL §7).
 */
export function splitFaults(issued: Credential, own: Credential, view: AuthorityView): readonly Rejection[] {
  // Nothing to split; a fleet's hosts are many, and each would be held against all others.
  if (own.budgets.length === 0 && own.holdingsMaxHz === null) return [];
  const others = issuedBy(view)
    .filter(({ body }) => !equalBytes(body.subjectLineage, issued.subjectLineage))
    .map((each) => ({ body: each.body, revokedUs: releasedUs(each, view) }));
  const countsUs = Math.max(0, ...own.budgets.map(({ windowUs }) => windowUs));
  const span = { earliestUs: issued.fromUs, latestUs: issued.untilUs + countsUs };
  const left = budgetsLeft(own, others, span);
  const budgets = left.budgets.flatMap(({ term, left: allowedMax }) => {
    const allowed = numberOf(issued, termKey(term)) ?? term.allowed;
    const required = { unit: term.unit, windowUs: term.windowUs, allowedMax };
    return allowed <= allowedMax ? [] : [rejection("budget-given-away", "budgets", { allowed }, required)];
  });
  const [heldHz, holdingsMaxHz] = [issued.holdingsMaxHz, left.holdingsHz];
  if (holdingsMaxHz === null || (heldHz ?? Number.POSITIVE_INFINITY) <= holdingsMaxHz) return budgets;
  const measured = { holdingsMaxHz: heldHz ?? "any" };
  return [...budgets, rejection("holdings-given-away", "holdingsMaxHz", measured, { holdingsMaxHz })];
}

/**
 * When another key may have it: at its end, or earlier after a revocation, once nobody can rest on an older snapshot any
 * more: its issue + the age that policy tolerates + the bound of clocks + the time to mute.
 */
export function releasedUs({ id, body }: Given, view: AuthorityView): number {
  const snapshots = ofKind(view.lineage.records, "status-snapshot");
  const first = snapshots.find((each) => isRevokedIn(each, id));
  if (first === undefined) return body.untilUs;
  return Math.min(body.untilUs, first.body.issuedUs + reachOfSnapshots(view));
}

/** The longest of all policies and classes; a class that asks for no snapshot may run to the credential's end. */
function reachOfSnapshots(view: AuthorityView): number {
  const reaches = policiesOf(view).flatMap(({ body: { leaseClasses, clockBoundUs } }) =>
    leaseClasses.map(({ snapshotAgeMaxUs, muteLatencyMaxUs }) =>
      snapshotAgeMaxUs === 0 ? Number.POSITIVE_INFINITY : snapshotAgeMaxUs + clockBoundUs + muteLatencyMaxUs,
    ),
  );
  return reaches.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...reaches);
}

/** Each box for as long as credential and box both last; nothing where it only entitles to acquire, to audit, … shared. */
function takenUp(
  { scope, exclusive, verbs, fromUs }: Omit<Taken, "subjectLineage">,
  untilUs: number,
): readonly Block[] {
  if (!exclusive && !verbs.includes("allocate")) return [];
  return scope
    .map((box) => ({
      ...box,
      fromUs: Math.max(box.fromUs, fromUs),
      untilUs: Math.min(box.untilUs, untilUs),
      exclusive,
    }))
    .filter((block) => block.fromUs < block.untilUs);
}
