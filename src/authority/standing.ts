/** What an authority's records come to at an instant: its own credential, its policy, and what it issued. */
import { type Chain, chainOf, checkChain } from "../core/authority/chain.ts";
import { isRevokedIn, latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { bodiesFrom } from "../core/pairing/bodies.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { AuthorityView } from "./authority.ts";
import { currentKey } from "./lineage.ts";

export type Standing = "valid" | "not-yet" | "expired" | "revoked";

type Link = RecordOf<"credential">;

/** Those of others are not among them, and neither are the authority's own. */
export function issuedBy({ lineage, self }: AuthorityView): readonly Link[] {
  return ofKind(lineage.records, "credential").filter(({ body }) => !equalBytes(body.subjectLineage, self));
}

/** Roots of others that the authority itself recognised. */
export function recognisedBy({ lineage }: AuthorityView): readonly RecordOf<"recognition">[] {
  return ofKind(lineage.records, "recognition");
}

/** As its issuer's snapshots say, and its dates. */
export function standingOf(
  link: Link | RecordOf<"recognition">,
  { records }: AuthorityView,
  nowUs: number,
): Standing {
  const snapshot = latestSnapshot(ofKind(records, "status-snapshot"), link.header.lineage);
  if (snapshot !== null && isRevokedIn(snapshot, link.id)) return "revoked";
  if (nowUs < link.body.fromUs) return "not-yet";
  return nowUs < link.body.untilUs ? "valid" : "expired";
}

/** The policy that credentials are judged under: by a root, in force, the latest. */
export function policyOf(view: AuthorityView, nowUs: number): Result<RecordOf<"policy">> {
  const [policy] = policiesOf(view).filter(({ body }) => body.startUs <= nowUs);
  if (policy !== undefined) return accept(policy);
  const required = { policy: "by a root, in force" };
  return refuse(rejection("authority-no-policy", "policy", { policies: policiesOf(view).length }, required));
}

/** By the roots, the one that begins last first. */
export function policiesOf({ records, roots }: AuthorityView): readonly RecordOf<"policy">[] {
  return ofKind(records, "policy")
    .filter(({ header }) => roots.some((root) => equalBytes(root, header.lineage)))
    .toReversed()
    .sort((a, b) => b.body.startUs - a.body.startUs);
}

/** The authority's own credential to issue under: of its present key, valid, and the one that ends last. */
export function ownCredential(view: AuthorityView, nowUs: number): Result<Link> {
  const { keyId } = currentKey(view.lineage);
  const own = ofKind(view.records, "credential")
    .filter(({ body }) => equalBytes(body.subjectLineage, view.self) && equalBytes(body.subjectKey, keyId))
    .toReversed()
    .sort((a, b) => b.body.untilUs - a.body.untilUs);
  const valid = own.find((link) => standingOf(link, view, nowUs) === "valid") ?? own[0];
  if (valid !== undefined) return accept(valid);
  const required = { credential: "of the authority's present key" };
  return refuse(rejection("authority-no-credential", "credential", { credentials: 0 }, required));
}

export function chainFrom(link: Link, { records }: AuthorityView): Chain {
  return chainOf(link.id, bodiesFrom([...records, link]));
}

/** Every demand of a verifier on the chain of `link` over its own validity, and on its standing now. */
export function chainFaults(link: Link, view: AuthorityView, nowUs: number): readonly Rejection[] {
  const policy = policyOf(view, nowUs);
  if (!policy.ok) return policy.rejections;
  const { fromUs, untilUs, subjectLineage: lineage, subjectKey: signerKey } = link.body;
  const chain = chainFrom(link, view);
  const interval = { earliestUs: fromUs, latestUs: Math.max(fromUs, untilUs - 1) };
  const subject = { lineage, signerKey };
  const demand = { subject, roots: view.roots, policy: policy.value.body, interval, side: SIDE };
  const failed = checkChain(chain, demand).filter(({ passed }) => !passed);
  const told = failed.filter(({ code }) => code !== "chain-narrows");
  return (told.length > 0 ? told : failed).map(({ code, field, measured, required }) =>
    rejection(code, shortField(field), measured, required),
  );
}

/** Links that do not hold now, from the root down. */
export function fallenLinks(chain: Chain, view: AuthorityView, nowUs: number): readonly Rejection[] {
  return chain.links.toReversed().flatMap((link) => {
    const standing = standingOf(link, view, nowUs);
    if (standing === "valid") return [];
    const measured = { credential: toHex(link.id), standing };
    return [rejection("authority-not-entitled", "parent", measured, { standing: "valid" })];
  });
}

const SIDE = "issue";

/** The new link is what is spoken of; those above it are counted from it. */
function shortField(field: string): string {
  const bare = field.replace(/^issue[.]credential/, "");
  return bare.replace(/^\[0\][.]?/, "").replace(/^\[/, "parent[");
}

export function ofKind<K extends KindName>(records: readonly AnyRecord[], kind: K): readonly RecordOf<K>[] {
  return records.filter((each) => each.kind === kind) as unknown as readonly RecordOf<K>[];
}
