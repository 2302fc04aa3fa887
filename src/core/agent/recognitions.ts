/** Which recognitions at hand let a root of others stand, by one's own trust or by the other side's (PROTOCOL §6 C). */
import type { Chain } from "../authority/chain.ts";
import { checkRecognition, type Recogniser, recogniserOf } from "../authority/recognition.ts";
import { blockInsideScope } from "../authority/scope.ts";
import { fallenLink } from "../authority/snapshots.ts";
import { compareBytes, equalBytes, idText } from "../base/bytes.ts";
import { type Bodies, bodyOf } from "../pairing/bodies.ts";
import type { Recognition } from "../record/kinds/recognition.ts";
import type { Interval } from "../record/shared-fields.ts";
import type { Block } from "../record/spectrum-fields.ts";
import type { Agent } from "./turn.ts";

type Asked = {
  readonly root: Uint8Array;
  /** Below which roots the recogniser has to stand. */
  readonly by: readonly Uint8Array[];
  readonly interval: Interval;
  /** Null: wherever. */
  readonly block: Block | null;
  /** What it has to be good for. */
  readonly fits?: (body: Recognition) => boolean;
};

/** The recognition of `root` that holds, unrevoked, and ends last; null where there is none. */
export function recognitionAtHand(agent: Agent, asked: Asked): Recogniser | null {
  return recognitionsAtHand(agent, asked)[0] ?? null;
}

/** Whether policies and commodities of that root are taken there and then. */
export function isRecognisedWithDocuments(
  agent: Agent,
  root: Uint8Array,
  at: Pick<Asked, "interval" | "block">,
): boolean {
  const fits = ({ documents }: Recognition): boolean => documents;
  return recognitionAtHand(agent, { ...at, root, by: agent.config.roots, fits }) !== null;
}

/** All that hold and are unrevoked, the one that ends last first. */
export function recognitionsAtHand(
  agent: Agent,
  { root, by, interval, block, fits }: Asked,
): readonly Recogniser[] {
  const bodies = bodiesAt(agent);
  const policy = bodyOf(bodies, "policy", agent.config.policy)?.body;
  if (policy === undefined) return [];
  const demand = { roots: by, policy, interval, side: "own" };
  const standing = [...agent.volatile.known.ofKind("recognition")]
    .filter(({ body }) => equalBytes(body.root, root) && (fits === undefined || fits(body)))
    .map((each) => recogniserOf(each, bodies))
    .filter((each) => checkRecognition(each, demand).every(({ passed }) => passed))
    .filter((each) => fallenLink([each], [...agent.volatile.known.ofKind("status-snapshot")]) === null)
    .filter(
      ({ recognition }) => block === null || blockInsideScope(block, recognition.body.scope).length === 0,
    );
  return standing.sort(
    ({ recognition: a }, { recognition: b }) => b.body.untilUs - a.body.untilUs || compareBytes(a.id, b.id),
  );
}

/** As `bodiesOf`, which rests on what asks here which policy is in use. */
function bodiesAt({ documents, volatile }: Agent): Bodies {
  return { get: (id) => documents.get(idText(id)) ?? volatile.known.get(id) };
}

/**
 * What a pair under two roots rests on, the seller's chain before the buyer's: the root of each, where it is none of one's own, by one of those; and each
 * by the other's, since the other side may trust that one alone.
 */
export function recognisersOf(
  agent: Agent,
  chains: readonly Chain[],
  seen: { readonly interval: Interval; readonly block: Block },
): readonly Recogniser[] {
  const tops = chains.flatMap(({ links }) => links.at(-1)?.header.lineage ?? []);
  const [first, second] = tops;
  if (first === undefined || second === undefined || equalBytes(first, second)) return [];
  const { roots } = agent.config;
  const isOwn = (root: Uint8Array): boolean => roots.some((each) => equalBytes(each, root));
  const fitFor = (root: Uint8Array) => {
    const verb = equalBytes(root, first) ? "allocate" : "acquire";
    return ({ verbs }: Recognition): boolean => verbs.includes(verb);
  };
  const found = new Set<Recogniser>();
  const byOwn = tops.filter((root) => {
    if (isOwn(root)) return true;
    const recogniser = best(agent, { ...seen, root, by: roots, fits: fitFor(root) });
    if (recogniser !== null) found.add(recogniser);
    return recogniser !== null;
  });
  // Of a root that nobody here vouches for, no word is worth comparing areas for.
  for (const [root, by] of [
    [first, second],
    [second, first],
  ] as const) {
    if (!byOwn.includes(by)) continue;
    const recogniser = best(agent, { ...seen, root, by: [by], fits: fitFor(root) });
    if (recogniser !== null) found.add(recogniser);
  }
  return unique([...found]);
}

/** One that is good for less says, in the evaluation, what is missing. */
function best(agent: Agent, { fits, ...asked }: Asked & Required<Pick<Asked, "fits">>): Recogniser | null {
  return recognitionAtHand(agent, { ...asked, fits }) ?? recognitionAtHand(agent, asked);
}

function unique(found: readonly Recogniser[]): readonly Recogniser[] {
  return found.filter(
    ({ recognition }, i) => found.findIndex((each) => equalBytes(each.recognition.id, recognition.id)) === i,
  );
}
