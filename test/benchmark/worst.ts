/** How long one input can keep the agent: the worst that a stranger, or a licensed insider, may send to `step`. */
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { seededEntropy } from "../../src/adapters/system/seeded-entropy.ts";
import { fold } from "../../src/agent/fold.ts";
import { signedInception } from "../../src/agent/identity.ts";
import { newAgent } from "../../src/core/agent/agent.ts";
import { bounds } from "../../src/core/agent/bounds.ts";
import { cloneState } from "../../src/core/agent/state.ts";
import { step } from "../../src/core/agent/step.ts";
import type { Agent } from "../../src/core/agent/turn.ts";
import { assert } from "../../src/core/base/assert.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { answers } from "../../src/core/pairing/rules/rules.ts";
import type { Header } from "../../src/core/record/header.ts";
import { kindNames } from "../../src/core/record/kinds.ts";
import { type AnyRecord, readRecord, writePayload } from "../../src/core/record/record.ts";
import { readEnvelope, signedBytes } from "../../src/core/wire/envelope.ts";
import { limits } from "../../src/core/wire/limits.ts";
import { configOf, fixOf, type Party } from "./desk.ts";
import { CUTS, type Cut, dearLinks } from "./hostile-chain.ts";
import { type Forger, largestPayload, malformedMessages, signed } from "./hostile-records.ts";
import type { Market } from "./market.ts";
import { median } from "./measure.ts";
import { memoryStore } from "./memory-store.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export type InputCost = {
  readonly input: string;
  /** Median of the repetitions, and the worst of them: a collection or another process may be in it. */
  readonly ms: number;
  readonly mostMs: number;
};

export type WorstInput = InputCost & {
  /** Names and values of what bounds the work of one input. */
  readonly bounds: Readonly<Record<string, number>>;
  readonly inputs: readonly InputCost[];
};

/** What is sent before, unmeasured, and the message whose one step is measured. */
type Attack = {
  readonly input: string;
  readonly before: readonly Uint8Array[];
  readonly message: Uint8Array;
};

/** Waiting rooms filled to their bound, then the one message that has all of them looked at again. */
type RoomAttack = Attack & { readonly waiting: readonly Uint8Array[] };

const REPETITIONS = 5;
/** A waiting room is filled as far as this lets it: once it is quick to fill, it is full. */
const FILLING_MS_MAX = 2_000;
const MESSAGE_PAUSE_US = 20_000;

export async function benchWorst(market: Market): Promise<WorstInput> {
  const open = await agentSource(market);
  const insider = await openInsider(market, 66);
  const attacks = [...(await strangerAttacks(market, insider)), ...(await insiderAttacks(insider))];
  const costs = attacks.map((attack) => cost(attack, open(insider)));
  for (const room of await roomAttacks(market, insider)) costs.push(roomCost(room, open(insider)));
  const worst = costs.toSorted((a, b) => b.ms - a.ms)[0];
  assert(worst !== undefined, "there are attacks");
  const { WAITING_MAX, KNOWN_RECORDS_MAX, SEEN_MAX, QUEUE_MAX, QUEUE_RESERVE, PEER_MESSAGES_PER_SECOND } =
    bounds;
  const { UNKNOWN_MESSAGES_PER_SECOND, WANTS_PER_SECOND } = bounds;
  return {
    ...worst,
    bounds: {
      ...limits,
      WAITING_MAX,
      KNOWN_RECORDS_MAX,
      SEEN_MAX,
      QUEUE_MAX,
      QUEUE_RESERVE,
      PEER_MESSAGES_PER_SECOND,
      UNKNOWN_MESSAGES_PER_SECOND,
      WANTS_PER_SECOND,
    },
    inputs: costs.toSorted((a, b) => b.ms - a.ms),
  };
}

function cost({ input, before, message }: Attack, open: () => Victim): InputCost {
  const times: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const victim = open();
    for (const bytes of before) take(victim, bytes);
    times.push(take(victim, message));
  }
  return { input, ms: median(times), mostMs: Math.max(...times) };
}

function roomCost({ input, before, waiting, message }: RoomAttack, open: () => Victim): InputCost {
  const victim = open();
  for (const bytes of before) take(victim, bytes);
  const start = performance.now();
  let filled = 0;
  for (const bytes of waiting) {
    if (performance.now() - start > FILLING_MS_MAX) break;
    take(victim, bytes);
    filled += 1;
  }
  const ms = take(victim, message);
  return { input: `${input} (${filled} of ${waiting.length})`, ms, mostMs: ms };
}

/** Milliseconds that one message took. */
function take({ agent, clock }: Victim, bytes: Uint8Array): number {
  clock.advance(MESSAGE_PAUSE_US);
  const now = clock.read();
  const start = performance.now();
  step(agent, { kind: "message", bytes }, now);
  return performance.now() - start;
}

type Victim = { readonly agent: Agent; readonly clock: VirtualClock };

/** A holder with its offers out, made anew for each repetition; it trusts the insider's root, too. */
async function agentSource({
  holder,
  ground,
  consumers,
  madeUs,
}: Market): Promise<(insider: Insider) => () => Victim> {
  const primitives = nodeSignatures();
  const folded = await fold(memoryStore(holder.frames).frames(), primitives);
  const known = [...ground, holder.inception, ...holder.chain];
  const buyer = consumers[0];
  assert(buyer !== undefined, "there is a consumer");
  return (insider) => () => {
    const clock = virtualClock(madeUs);
    const roots = [...holder.party.roots, insider.lineage];
    const config = configOf({ ...holder.party, roots }, primitives, clock);
    const agent = newAgent(config, cloneState(folded.state), new Map(folded.documents));
    for (const bytes of [...known, buyer.inception, ...buyer.chain, insider.inception]) {
      step(agent, { kind: "document", bytes }, clock.read());
    }
    step(agent, { kind: "fix", fix: fixOf(holder.party, clock) }, clock.read());
    return { agent, clock };
  };
}

/** Somebody whose key is known and whose root is trusted, with records of the holder and a buyer to build upon. */
type Insider = Forger & {
  readonly party: Pick<Party, "owner">;
  readonly lineage: Uint8Array;
  readonly inception: Uint8Array;
  readonly offer: Extract<AnyRecord, { kind: "offer" }>;
  readonly like: Extract<AnyRecord, { kind: "acceptance" }>;
};

async function openInsider(market: Market, seed: number): Promise<Insider> {
  const primitives = nodeSignatures();
  const entropy = seededEntropy(Uint8Array.of(seed));
  const signer = createSoftwareSigner(entropy);
  const owner = "Insider";
  const key = { suite: SUITE_ES256, publicKey: signer.publicKey, akName: null, tier: "software" as const };
  const inception = await signedInception({ signer, primitives, entropy, owner, key });
  const pair = market.pairs[0];
  assert(pair !== undefined, "the market has pairs");
  const offer = recordOf(pair.offer);
  const like = recordOf(pair.acceptance);
  assert(offer.kind === "offer" && like.kind === "acceptance", "a pair is an offer and an acceptance");
  return {
    signer,
    keyId: inception.header.signerKey,
    pack: market.pack,
    sha256: primitives.sha256,
    party: { owner },
    lineage: inception.header.lineage,
    inception: market.pack(inception.envelope),
    offer,
    like,
  };
}

function recordOf(bytes: Uint8Array): AnyRecord {
  const envelope = readEnvelope(bytes);
  const record = envelope.ok ? readRecord(envelope.value, nodeSignatures().sha256) : envelope;
  assert(record.ok, "the market's records read");
  return record.value;
}

async function strangerAttacks(market: Market, insider: Insider): Promise<readonly Attack[]> {
  const sample = market.firsts[0]?.acceptance;
  assert(sample !== undefined, "the market has pairs");
  const attacks: Attack[] = malformedMessages(seededEntropy(Uint8Array.of(9)), sample).map(
    ([input, message]) => ({
      input,
      before: [],
      message,
    }),
  );
  for (const kind of kindNames) {
    const payload = largestPayload(kind, headerOf(insider, null));
    const { bytes } = await signed(insider, kind, payload);
    attacks.push({ input: `the largest ${kind}, ${bytes.length} bytes`, before: [], message: bytes });
  }
  return attacks;
}

async function insiderAttacks(insider: Insider): Promise<readonly Attack[]> {
  const attacks: Attack[] = [];
  for (const cut of CUTS) {
    const { links, leaf } = await forgedChain(insider, cut);
    const message = await forgedAcceptance(insider, leaf, 0);
    const name = `${limits.CHAIN_LINKS_MAX} links of ${cut.name}`;
    attacks.push({ input: `an acceptance with ${name}, checked for the first time`, before: links, message });
    const again = await forgedAcceptance(insider, leaf, 1);
    attacks.push({
      input: `an acceptance with ${name}, checked before`,
      before: [...links, message],
      message: again,
    });
  }
  return attacks;
}

async function roomAttacks(market: Market, insider: Insider): Promise<readonly RoomAttack[]> {
  const cut = CUTS.at(-1);
  assert(cut !== undefined, "there are cuts");
  const { links, leaf } = await forgedChain(insider, cut);
  const [last] = links.slice(-1);
  assert(last !== undefined, "a chain has links");
  const deferred: Uint8Array[] = [];
  for (let i = 0; i < bounds.WAITING_MAX; i++) deferred.push(await forgedAcceptance(insider, leaf, i));
  const unknown = await openInsider(market, 67);
  const waiting: Uint8Array[] = [];
  for (let i = 0; i < bounds.WAITING_MAX; i++) {
    const payload = largestPayload("credential", { ...headerOf(unknown, null), seq: i });
    waiting.push((await signed(unknown, "credential", payload)).bytes);
  }
  return [
    {
      input: "a credential heard again while acceptances with such chains are deferred",
      before: links,
      waiting: deferred,
      message: last,
    },
    {
      input: "the inception that the largest credentials wait for",
      before: [],
      waiting,
      message: unknown.inception,
    },
  ];
}

async function forgedChain(
  insider: Insider,
  cut: Cut,
): Promise<{ readonly links: readonly Uint8Array[]; readonly leaf: Uint8Array }> {
  const subject = { subjectLineage: insider.lineage, subjectKey: insider.keyId, owner: insider.party.owner };
  const links: Uint8Array[] = [];
  let parent: Uint8Array | null = null;
  for (const linkOf of dearLinks(subject, cut)) {
    const payload = writePayload("credential", headerOf(insider, parent), linkOf(parent));
    const { id, bytes } = await signed(insider, "credential", payload);
    links.push(bytes);
    parent = id;
  }
  assert(parent !== null, "a chain has links");
  return { links, leaf: parent };
}

async function forgedAcceptance(insider: Insider, leaf: Uint8Array, i: number): Promise<Uint8Array> {
  const { offer, like, sha256 } = insider;
  const nonce = new Uint8Array(16).fill(i);
  const pair = {
    offerId: offer.id,
    offerSigned: signedBytes("offer", offer.envelope.payload),
    challenge: offer.body.challenge,
    offeredResource: offer.body.resource,
    resource: like.body.resource,
    block: like.body.block,
    consumer: insider.lineage,
    nonce,
  };
  const body = { ...like.body, nonce, answers: answers(offer.body.rules, pair, sha256) };
  const payload = writePayload("acceptance", headerOf(insider, leaf), body);
  return (await signed(insider, "acceptance", payload)).bytes;
}

/** A place in the insider's lineage that nobody checks yet: forks are the evidence of later work. */
function headerOf({ like, lineage, keyId }: Insider, credential: Uint8Array | null): Header {
  return { ...like.header, lineage, signerKey: keyId, credential: credential ?? like.header.credential };
}
