/** Credential chains of any links (core/authority/chain): payloads from the root's on, each made to name the one before. */
import { type Chain, type ChainDemand, chainOf, checkChain } from "../../../src/core/authority/chain.ts";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { Check } from "../../../src/core/base/check.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import { kinds } from "../../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, readRecord } from "../../../src/core/record/record.ts";
import type { Box } from "../../../src/core/record/spectrum-fields.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import {
  START_US,
  scenePolicy,
  scriptedAuthority,
  scriptedLineage,
} from "../../support/scripted-authority.ts";
import { quickKeys } from "../../support/scripted-keys.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { breach, type Target } from "../target.ts";

type Link = RecordOf<"credential">;
type Demand = (chain: Chain, demand: ChainDemand) => readonly Check[];

const scheme = quickKeys();
const authority = scriptedAuthority(scheme);
const { sha256 } = scheme.primitives;
const interval = { earliestUs: START_US, latestUs: START_US + 1_000 };

/** Never throws; twice the same answer; a chain that passes is narrower link by link, held against a plainer reckoning. */
export function chainTarget(demand: Demand = checkChain): Target {
  return {
    name: "chain",
    seeds,
    mutators: [packMutator],
    bytesMax: 16_384,
    run(input) {
      const links = linksOf(input);
      const last = links.at(-1);
      if (last === undefined) return;
      const chain = chainOf(last.id, bodiesFrom(links as readonly AnyRecord[]));
      if (chain.links.length > limits.CHAIN_LINKS_MAX) breach("a chain has at most five links");
      const asked: ChainDemand = {
        subject: { lineage: last.body.subjectLineage, signerKey: last.body.subjectKey },
        roots: [authority.root.inception.header.lineage],
        policy: scenePolicy,
        interval,
        side: "offer",
      };
      const checks = demand(chain, asked);
      if (checks.length === 0) breach("a chain is checked");
      if (checks.every(({ passed }) => passed)) checkNarrowing(chain);
    },
  };
}

const PARENT_AT: number = bodyFields().indexOf("parent");

function bodyFields(): readonly string[] {
  const { spec } = kinds.credential.body;
  return spec.type === "struct" ? spec.fields.map(([name]) => name) : [];
}

function linksOf(input: Uint8Array): readonly Link[] {
  const value = decode(input, limits.ARTIFACT_BYTES_MAX);
  if (!value.ok || !Array.isArray(value.value)) return [];
  const links: Link[] = [];
  for (const each of (value.value as readonly Value[]).slice(0, limits.CHAIN_LINKS_MAX + 1)) {
    const payload = each instanceof Uint8Array ? following(each, links.at(-1)?.id ?? null) : null;
    if (payload === null) continue;
    const read = readRecord({ kind: "credential", payload, signatures: [], openings: [] }, sha256);
    if (read.ok) links.push(read.value as Link);
  }
  return links;
}

function following(payload: Uint8Array, parent: Uint8Array | null): Uint8Array | null {
  const read = decode(payload, limits.RECORD_BYTES_MAX);
  if (!read.ok || !Array.isArray(read.value)) return null;
  const [head, body] = read.value as readonly Value[];
  if (head === undefined || !Array.isArray(body) || body.length <= PARENT_AT) return null;
  return encode([head, (body as readonly Value[]).with(PARENT_AT, parent)]);
}

function checkNarrowing({ links }: Chain): void {
  const [root] = links.slice(-1);
  if (root === undefined || !equalBytes(root.header.lineage, authority.root.inception.header.lineage))
    breach("a chain ends in a root");
  for (const { body } of links) {
    if (body.fromUs > interval.earliestUs || body.untilUs <= interval.latestUs)
      breach("each link is valid over the interval");
  }
  for (const [i, { body: child, header }] of links.entries()) {
    const parent = links[i + 1]?.body;
    if (parent === undefined) continue;
    if (!equalBytes(header.lineage, parent.subjectLineage)) breach("a link is by its parent's subject");
    if (child.depthLeft >= parent.depthLeft) breach("depth grows less");
    if (child.fromUs < parent.fromUs || child.untilUs > parent.untilUs) breach("validity grows narrower");
    if (child.verbs.some((verb) => !parent.verbs.includes(verb))) breach("no verb is added");
    if (child.exclusive && !parent.exclusive) breach("what is shared stays shared");
    for (const box of child.scope) {
      if (!parent.scope.some((over) => isWithin(box, over)))
        breach("each box is inside one box of the parent");
    }
  }
}

/** Necessary, not sufficient: the areas are compared by the rectangles around them. */
function isWithin(box: Box, over: Box): boolean {
  const [inner, outer] = [frame(box), frame(over)];
  return (
    box.commodityClass === over.commodityClass &&
    box.lowerHz >= over.lowerHz &&
    box.upperHz <= over.upperHz &&
    box.fromUs >= over.fromUs &&
    box.untilUs <= over.untilUs &&
    inner.every((edge, i) => edge <= (outer[i] ?? 0))
  );
}

/** North, south, east and west, so signed that a larger frame has larger numbers. */
function frame({ area }: Box): readonly number[] {
  const [lats, lons] = [area.map(({ latE7 }) => latE7), area.map(({ lonE7 }) => lonE7)];
  return [Math.max(...lats), -Math.min(...lats), Math.max(...lons), -Math.min(...lons)];
}

function seeds(): readonly Uint8Array[] {
  const broker = scriptedLineage(scheme, "broker");
  const holder = scriptedLineage(scheme, "holder");
  const given = authority.issue(broker, {
    level: "licensee",
    verbs: ["allocate", "acquire", "issue"],
    depthLeft: 1,
    budgets: [],
    holdingsMaxHz: null,
  });
  const { body } = authority.issue(holder, { level: "user", verbs: ["acquire"] });
  const passedOn = broker.write("credential", { ...body, parent: given.id });
  // A chain that fails in one thing alone.
  const tooMuch = authority.issue(holder, { level: "user", verbs: ["acquire", "audit"] });
  const direct = authority.issue(holder, { level: "user", verbs: ["allocate"] });
  return [
    [authority.rootLink, given, passedOn],
    [authority.rootLink, direct],
    [authority.rootLink],
    [authority.rootLink, tooMuch],
  ].map((links) => encode(links.map(({ envelope }) => envelope.payload)));
}
