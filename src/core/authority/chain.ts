/** A credential chain from its last link up to a root, each link narrower than its parent (PROTOCOL §3). */
import { equalBytes, idText } from "../base/bytes.ts";
import { type Check, check, checkAll } from "../base/check.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { type Bodies, bodyOf } from "../pairing/bodies.ts";
import { rankOf } from "../policy/taxonomy.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { RecordOf } from "../record/record.ts";
import type { Interval } from "../record/shared-fields.ts";
import { limits } from "../wire/limits.ts";
import { boundExcess, malformedTerms } from "./budgets.ts";
import { checkScope, scopeInside } from "./scope.ts";

type Link = RecordOf<"credential">;

/** Links from the author's own credential up to the root's, as far as they were found. */
export type Chain = {
  readonly links: readonly Link[];
  /** The id that could not be followed, or null when the chain reaches a link without parent. */
  readonly missing: Uint8Array | null;
  /** What hangs below the links where they are a recogniser's: see core/authority/recognition.ts. */
  readonly recognition?: RecordOf<"recognition">;
};

/** Everything that a chain stands on, each with an issuer and an end of its own. */
export function supportsOf({ links, recognition }: Chain): readonly (Link | RecordOf<"recognition">)[] {
  return recognition === undefined ? links : [recognition, ...links];
}

/** Follows parents through `bodies`; a nil credential is a chain without links; at most limits.CHAIN_LINKS_MAX links, so a cycle ends too. */
export function chainOf(credential: Uint8Array | null, bodies: Bodies): Chain {
  const links: Link[] = [];
  let next: Uint8Array | null = credential;
  while (next !== null && links.length < limits.CHAIN_LINKS_MAX) {
    const link: Link | undefined = bodyOf(bodies, "credential", next);
    if (link === undefined) return { links, missing: next };
    links.push(link);
    next = link.body.parent;
  }
  return { links, missing: next };
}

/** Who holds the chain: the author of an observation. */
export type Subject = {
  readonly lineage: Uint8Array;
  readonly signerKey: Uint8Array;
};

export type ChainDemand = {
  readonly subject: Subject;
  readonly roots: readonly Uint8Array[];
  readonly policy: Policy;
  readonly interval: Interval;
  /** `offer` or `acceptance`: the fields' first word. */
  readonly side: string;
};

/**
 * Every structural demand on a chain: complete, bound to its subject, each link issued by its parent's subject and inside
 * it, ending in a root's own link, valid over `interval`.
 */
export function checkChain(
  chain: Chain,
  { subject, roots, policy, interval, side }: ChainDemand,
): readonly Check[] {
  const field = `${side}.credential`;
  if (chain.missing !== null || chain.links.length === 0) {
    const missing = chain.missing === null ? "credential" : idText(chain.missing);
    const measured = { links: chain.links.length, missing };
    return [
      check("chain-incomplete", field, false, measured, { linksMax: limits.CHAIN_LINKS_MAX, end: "a root" }),
    ];
  }
  return [
    ...bound(chain, subject, field),
    rooted(chain, roots, field),
    ...narrows(chain, { policy, roots, field }),
    ...valid(chain, interval, field),
  ];
}

function bound(chain: Chain, subject: Subject, field: string): readonly Check[] {
  const last = chain.links[0]?.body;
  const passed =
    last !== undefined &&
    equalBytes(last.subjectLineage, subject.lineage) &&
    equalBytes(last.subjectKey, subject.signerKey);
  const measured = { subject: last === undefined ? "none" : idText(last.subjectLineage) };
  return [check("credential-subject", field, passed, measured, { subject: idText(subject.lineage) })];
}

function rooted(chain: Chain, roots: readonly Uint8Array[], field: string): Check {
  const root = chain.links.at(-1)?.header.lineage;
  const measured = { root: root === undefined ? "none" : idText(root) };
  const required = { roots: roots.map(idText).join(" ").slice(0, 200) };
  return check("chain-root", field, isRooted(chain, roots), measured, required);
}

/** Whether it ends in a link of one of `roots`. */
export function isRooted({ links }: Chain, roots: readonly Uint8Array[]): boolean {
  const top = links.at(-1);
  return top !== undefined && roots.some((each) => equalBytes(each, top.header.lineage));
}

function valid(chain: Chain, interval: Interval, field: string): readonly Check[] {
  return chain.links.map((link, i) => {
    const { fromUs, untilUs } = link.body;
    const passed = fromUs <= interval.earliestUs && interval.latestUs < untilUs;
    const measured = { earliestUs: interval.earliestUs, latestUs: interval.latestUs };
    return check("credential-validity", `${field}[${i}]`, passed, measured, { fromUs, untilUs });
  });
}

type Narrowing = { readonly policy: Policy; readonly roots: readonly Uint8Array[]; readonly field: string };

/**
 * Peer-controlled: anybody can make links up, with areas as dear to compare as the limits allow. So areas are compared
 * only in a chain whose links were issued by their parents' subjects, down from a root of the context; of any other
 * chain, refused anyway, nothing is said about its areas.
 */
function narrows(chain: Chain, { policy, roots, field }: Narrowing): readonly Check[] {
  const { links } = chain;
  const parents = links.slice(1);
  const cheap = links.map((link, i) => [
    ...emptyValidity(link, `${field}[${i}]`),
    ...rightsExcess(link, parents[i], policy, `${field}[${i}]`),
  ]);
  const genuine = isRooted(chain, roots) && parents.every((parent, i) => isIssuedUnder(parent, links[i]));
  if (!genuine)
    return cheap.some(({ length }) => length > 0) ? checkAll("chain-narrows", field, cheap.flat()) : [];
  const dear = vertexPairs(links, field);
  if (dear.length > 0) return checkAll("chain-narrows", field, [...cheap.flat(), ...dear]);
  const failures = links.flatMap((link, i) => [
    ...(cheap[i] ?? []),
    ...scopeExcess(link, parents[i], `${field}[${i}]`),
  ]);
  return checkAll("chain-narrows", field, failures);
}

/** What comparing areas costs grows with the corners of a link times those of its parent. */
function vertexPairs(links: readonly Link[], field: string): readonly Rejection[] {
  const vertices = links.map(({ body }) => body.scope.reduce((sum, { area }) => sum + area.length, 0));
  const pairs = vertices.reduce((sum, count, i) => sum + count * (vertices[i + 1] ?? 0), 0);
  const vertexPairsMax = limits.CHAIN_VERTEX_PAIRS_MAX;
  if (pairs <= vertexPairsMax) return [];
  return [rejection("chain-vertex-pairs", field, { vertexPairs: pairs }, { vertexPairsMax })];
}

function emptyValidity(link: Link, field: string): readonly Rejection[] {
  const { fromUs, untilUs } = link.body;
  if (fromUs < untilUs) return [];
  return [rejection("credential-validity-empty", `${field}.untilUs`, { untilUs }, { after: fromUs })];
}

/** As much of a link as is held against the one above it. */
export type Narrowed = {
  readonly header: Pick<Link["header"], "lineage" | "signerKey">;
  readonly body: Pick<
    Link["body"],
    | "level"
    | "verbs"
    | "eligibilityClasses"
    | "scope"
    | "fromUs"
    | "untilUs"
    | "exclusive"
    | "depthLeft"
    | "budgets"
    | "holdingsMaxHz"
  >;
};

/** Everything in which `link` exceeds `parent`; any excess voids the link. */
export function linkExcess(
  link: Narrowed,
  parent: Link,
  policy: Policy,
  field: string,
): readonly Rejection[] {
  return [...rightsExcess(link, parent, policy, field), ...scopeExcess(link, parent, field)];
}

/** All but the scope. The top link has none above it. */
function rightsExcess(
  link: Narrowed,
  parent: Link | undefined,
  policy: Policy,
  field: string,
): readonly Rejection[] {
  if (parent === undefined) return [];
  const [child, over] = [link.body, parent.body];
  const failures: Rejection[] = [];
  const refuse = (
    code: string,
    name: string,
    measured: Rejection["measured"],
    required: Rejection["required"],
  ): void => {
    failures.push(rejection(code, `${field}.${name}`, measured, required));
  };
  if (!isIssuedUnder(parent, link)) {
    refuse(
      "link-issuer",
      "issuer",
      { issuer: idText(link.header.lineage) },
      { issuer: idText(over.subjectLineage) },
    );
  }
  if (!over.verbs.includes("issue"))
    refuse("link-not-issuer", "verbs", { verbs: over.verbs.join(" ") }, { verb: "issue" });
  const verbs = child.verbs.filter((verb) => !over.verbs.includes(verb));
  if (verbs.length > 0)
    refuse("link-verbs", "verbs", { excess: verbs.join(" ") }, { verbs: over.verbs.join(" ") });
  const classes = child.eligibilityClasses.filter((each) => !over.eligibilityClasses.includes(each));
  if (classes.length > 0) {
    refuse(
      "link-classes",
      "eligibilityClasses",
      { excess: classes.join(" ").slice(0, 200) },
      { within: "the parent's" },
    );
  }
  const [rank, rankMax] = [rankOf(policy, child.level), rankOf(policy, over.level)];
  if (rank === null || rankMax === null || rank > rankMax) {
    refuse("link-level", "level", { level: child.level }, { levelMax: over.level });
  }
  if (child.fromUs < over.fromUs || child.untilUs > over.untilUs) {
    const measured = { fromUs: child.fromUs, untilUs: child.untilUs };
    refuse("link-validity", "untilUs", measured, { fromUs: over.fromUs, untilUs: over.untilUs });
  }
  if (child.exclusive && !over.exclusive) {
    refuse("link-exclusive", "exclusive", { exclusive: "true" }, { exclusive: "as the parent: false" });
  }
  if (child.depthLeft >= over.depthLeft) {
    refuse("link-depth", "depthLeft", { depthLeft: child.depthLeft }, { depthLeftMax: over.depthLeft - 1 });
  }
  return [...failures, ...boundExcess(child, over, field)];
}

function isIssuedUnder({ body }: Link, link: Narrowed | undefined): boolean {
  return (
    link !== undefined &&
    equalBytes(link.header.lineage, body.subjectLineage) &&
    equalBytes(link.header.signerKey, body.subjectKey)
  );
}

/** A child's scope is held against its parent's; the top link's has only to be one. With the areas of its budgets. */
function scopeExcess(link: Narrowed, parent: Link | undefined, field: string): readonly Rejection[] {
  const { scope } = link.body;
  const terms = malformedTerms(link.body, field);
  if (parent === undefined) return [...checkScope(scope, `${field}.scope`), ...terms];
  const excess = excessOf(scope, parent.body.scope);
  return [...excess.map((each) => ({ ...each, field: `${field}.${each.field}` })), ...terms];
}

/**
 * `scopeInside`, once for each two scopes (PROTOCOL §3 "cached by link"). A memo, not a state: it is keyed by the two
 * lists, which nobody changes once they are decoded, so the answer depends on them alone; and it is bounded by the
 * records that are held.
 */
function excessOf(scope: Scope, parent: Scope): readonly Rejection[] {
  const under = EXCESSES.get(scope) ?? new WeakMap<Scope, readonly Rejection[]>();
  EXCESSES.set(scope, under);
  const known = under.get(parent) ?? scopeInside(scope, parent);
  under.set(parent, known);
  return known;
}

type Scope = Link["body"]["scope"];

const EXCESSES: WeakMap<Scope, WeakMap<Scope, readonly Rejection[]>> = new WeakMap();
