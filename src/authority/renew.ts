/** Renewing: the same rights for the same subject, for a new time, under the authority's present credential. */
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Box } from "../core/record/spectrum-fields.ts";
import type { Authority, AuthorityView } from "./authority.ts";
import type { Entitlement } from "./entitlement.ts";
import { issue } from "./issue.ts";
import { issuedBy, recognisedBy, standingOf } from "./standing.ts";
import type { Subject } from "./subject.ts";

export type Renewal = {
  readonly link: RecordOf<"credential">;
  readonly fromUs: number;
  /** Null: as long as the old one was given for. */
  readonly untilUs: number | null;
  /** The same lineage with another key; null: the same key. */
  readonly subject: Subject | null;
  readonly keepOut: Entitlement["keepOut"];
};

/** `renewal-of-revoked`, `renewal-subject`, and whatever `issue` refuses. */
export async function renew(
  authority: Authority,
  { link, fromUs, untilUs, subject, keepOut }: Renewal,
  nowUs: number,
): Promise<Result<RecordOf<"credential">>> {
  const { body } = link;
  const credential = toHex(link.id);
  if (standingOf(link, authority.view(), nowUs) === "revoked") {
    const required = { standing: "not revoked" };
    return refuse(rejection("renewal-of-revoked", "credential", { credential }, required));
  }
  if (subject !== null && !equalBytes(subject.lineage, body.subjectLineage)) {
    const required = { lineage: toHex(body.subjectLineage) };
    return refuse(rejection("renewal-subject", "lineage", { lineage: toHex(subject.lineage) }, required));
  }
  const times = { fromUs, untilUs: untilUs ?? fromUs + (body.untilUs - body.fromUs) };
  const entitlement: Entitlement = {
    ...body,
    ...times,
    scope: body.scope.map((box) => moved(box, body, times)),
    identifiers: body.identifiers.value ?? [],
    keepOut,
  };
  const same: Subject = {
    lineage: body.subjectLineage,
    keyId: body.subjectKey,
    akName: body.akName,
    tier: body.tier,
    owner: body.owner,
  };
  return issue(authority, subject ?? same, entitlement, nowUs);
}

type Times = Pick<Credential, "fromUs" | "untilUs">;

/** A box that lasted as long as the credential goes on doing so; one with times of its own keeps them. */
function moved(box: Box, old: Times, now: Times): Box {
  return {
    ...box,
    fromUs: box.fromUs === old.fromUs ? now.fromUs : box.fromUs,
    untilUs: box.untilUs === old.untilUs ? now.untilUs : box.untilUs,
  };
}

/** The credential whose id begins so, among those that were issued; `credential-unknown`, `credential-ambiguous`. */
export function issuedById(view: AuthorityView, digits: string): Result<RecordOf<"credential">> {
  return onlyById(issuedBy(view), digits);
}

/** As `issuedById`, among recognitions too. */
export function revocableById(
  view: AuthorityView,
  digits: string,
): Result<RecordOf<"credential"> | RecordOf<"recognition">> {
  return onlyById([...issuedBy(view), ...recognisedBy(view)], digits);
}

function onlyById<R extends { readonly id: Uint8Array }>(among: readonly R[], digits: string): Result<R> {
  const found = among.filter(({ id }) => toHex(id).startsWith(digits));
  const [only, second] = found;
  if (only === undefined || digits.length < ID_DIGITS_MIN) {
    const required = { credential: "one of this authority's", digitsMin: ID_DIGITS_MIN };
    return refuse(rejection("credential-unknown", "credential", { credential: digits }, required));
  }
  if (second === undefined) return { ok: true, value: only };
  const measured = { credential: digits, credentials: found.length };
  return refuse(rejection("credential-ambiguous", "credential", measured, { credentials: 1 }));
}

const ID_DIGITS_MIN = 8;
