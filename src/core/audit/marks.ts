/** What every reader of a verdict has to be told: simulated and replayed evidence, key protection, asserted licences. */

import { chainOf } from "../authority/chain.ts";
import { toHex } from "../base/bytes.ts";
import type { AnyRecord } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import { statedBy } from "../settlement/identifiers.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, ofKind } from "./evidence.ts";
import { bodiesOf } from "./rederive.ts";

export const LICENCE_ASSERTED = "licence: asserted, not signed by a regulator";

/** Nobody can tell from it what else its parties did. */
const ONE_LEASE = "one lease: no lineage is here whole";

export type Marks = { readonly simulated: boolean; readonly marks: readonly string[] };

/** `lease`: its artifact, where the bundle says that it is of one lease. */
export function marksOf(evidence: Evidence, lease: Uint8Array | null): Marks {
  const levels = new Map<string, number>();
  for (const { header } of evidence.records) {
    count(levels, "time", header.time?.assurance);
    count(levels, "place", header.place?.value?.assurance);
  }
  const tiers = new Map<string, number>();
  const inceptions = [...ofKind(evidence, "key-event"), ...ofKind(evidence, "threshold-inception")];
  for (const { body } of inceptions) tiers.set(body.tier, (tiers.get(body.tier) ?? 0) + 1);
  const marks = [
    ...[...levels]
      .sort(byName)
      .map(([what, records]) => `${what} (${records} ${records === 1 ? "record" : "records"})`),
    ...[...tiers]
      .sort(byName)
      .map(([tier, lineages]) => `keys: ${tier} (${lineages} ${lineages === 1 ? "lineage" : "lineages"})`),
    ...(ofKind(evidence, "credential").some((each) => isAsserted(evidence, each)) ? [LICENCE_ASSERTED] : []),
    ...(lease === null ? [] : [ONE_LEASE]),
  ];
  return { simulated: isSimulated(levels, tiers), marks };
}

/** Of one settlement: null, or that a root only asserts the licence it lets under. */
export function licenceOf(evidence: Evidence, { offer, acceptance }: Deal): string | null {
  const links = [offer, acceptance].flatMap((each) =>
    each === null ? [] : chainOf(each.header.credential, bodiesOf(evidence)).links,
  );
  return links.some((link) => isAsserted(evidence, link)) ? LICENCE_ASSERTED : null;
}

/** A root's own credential in licensee-rooted mode; below the root the flag says nothing. */
function isAsserted({ roots }: Evidence, record: AnyRecord): boolean {
  return (
    record.kind === "credential" && record.body.licenceAsserted && roots.has(toHex(record.header.lineage))
  );
}

const APART: readonly string[] = ["simulated", "replay"];

function isSimulated(levels: ReadonlyMap<string, number>, tiers: ReadonlyMap<string, number>): boolean {
  return (
    tiers.has("simulated") ||
    APART.some((level) => levels.has(`time: ${level}`) || levels.has(`place: ${level}`))
  );
}

function count(levels: Map<string, number>, what: string, assurance: string | undefined): void {
  if (assurance === undefined) return;
  const key = `${what}: ${assurance}`;
  levels.set(key, (levels.get(key) ?? 0) + 1);
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

/** What both sides state in credentials and settlements, as far as it is open here; each once. */
export function identifiersOf(
  evidence: Evidence,
  { offer, acceptance, holderSettlement, consumerSettlement }: Deal,
): readonly string[] {
  const sides = [
    { side: "holder", by: offer, settlement: holderSettlement },
    { side: "consumer", by: acceptance, settlement: consumerSettlement },
  ];
  const told = sides.flatMap(({ side, by, settlement }) => {
    const chain = chainOf(by?.header.credential ?? null, bodiesOf(evidence));
    const own = settlement?.body.identifiers ?? clear([]);
    return statedBy(chain, own).map(({ scheme, value }) => `${side} ${scheme}: ${value}`);
  });
  return [...new Set(told)];
}
