/** Do two chains rest on different parties? Only then the one's word supports the other (PROTOCOL §3 Disjoint chains). */
import { equalBytes, idText } from "../base/bytes.ts";
import type { Chain } from "./chain.ts";

/**
 * No link, lineage, key, attestation key or declared owner below the trust root stands in both. Endorsement keys are in no
 * record: an issuer takes each of them once, and the AK that it certified stands for it. A chain without links is disjoint
 * to none, since nothing says who is behind it.
 */
export function areDisjoint(a: Chain, b: Chain): boolean {
  if (a.links.length === 0 || b.links.length === 0) return false;
  const [ours, theirs] = [marksOf(a), marksOf(b)];
  return [...ours].every((mark) => !theirs.has(mark));
}

/** The root's licence for itself is everybody's; what it issues to others is not. */
function marksOf({ links }: Chain): ReadonlySet<string> {
  const root = links.at(-1)?.header.lineage;
  const marks = new Set<string>();
  for (const { id, body } of links) {
    if (root !== undefined && equalBytes(body.subjectLineage, root)) continue;
    marks.add(`link ${idText(id)}`);
    marks.add(`lineage ${idText(body.subjectLineage)}`);
    marks.add(`key ${idText(body.subjectKey)}`);
    if (body.akName !== null) marks.add(`ak ${idText(body.akName)}`);
    marks.add(`owner ${body.owner}`);
  }
  return marks;
}

/** How many of `chains` can be chosen so that each two of them are disjoint: a word said by one party in many names is one. */
export function mostDisjoint(chains: readonly Chain[]): number {
  const meets = chains.map((one) => chains.map((other) => one !== other && !areDisjoint(one, other)));
  return mostApart(
    chains.map((_, i) => i),
    meets,
  );
}

/**
 * The largest choice of `nodes` of which no two meet; exactly, so that one word more never counts for less. At most
 * limits.CORROBORATIONS_MAX nodes: each turn takes the one that meets most others, or leaves it.
 */
function mostApart(nodes: readonly number[], meets: readonly (readonly boolean[])[]): number {
  const degree = (node: number): number => nodes.filter((other) => meets[node]?.[other]).length;
  const busiest = nodes.toSorted((a, b) => degree(b) - degree(a))[0];
  if (busiest === undefined || degree(busiest) === 0) return nodes.length;
  const others = nodes.filter((node) => node !== busiest);
  const apart = others.filter((node) => !meets[busiest]?.[node]);
  return Math.max(mostApart(others, meets), 1 + mostApart(apart, meets));
}
