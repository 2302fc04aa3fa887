/** Settling, from the envelope's bytes to the signed settlement, against the straight-line script: the processor's share. */
import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { importEs256 } from "../../src/adapters/signatures/node-signatures.ts";
import { assert } from "../../src/core/base/assert.ts";
import { readEnvelope, signedBytes } from "../../src/core/wire/envelope.ts";
import type { Store } from "../../src/ports/store.ts";
import { type Desk, openDesk } from "./desk.ts";
import { CONSUMERS, type Market, PAIRS_EACH, type Trader } from "./market.ts";
import { type Contestant, contest, heat, type Row, type Run } from "./measure.ts";
import { memoryStore } from "./memory-store.ts";
import { type StraightLine, straightLine } from "./straight-line.ts";

const PAIRS = CONSUMERS * PAIRS_EACH;
/** The product's way has a hundred times the functions of the peer's: without these its figure is the compiler's. */
const HEATING_RUNS = 20;
const nothing = async (): Promise<void> => {};

export async function benchSettle(market: Market): Promise<Row[]> {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const bare: Contestant = { name: "bare P-256 verify", prepare: () => bareVerify(market) };
  const warm: Contestant = {
    name: "straight line, warm: 2 verifies, 1 sign",
    prepare: () => warmPeer(market, key),
  };
  await heat(warmProduct(market), HEATING_RUNS);
  return [
    ...(await contest({ peer: bare, product: warm, clock: "cpu", count: PAIRS })),
    ...(await contest({ peer: warm, product: warmProduct(market), clock: "cpu", count: PAIRS })).slice(1),
    ...(await contest({
      peer: { name: "straight line, offer known: 1 verify, 1 sign", prepare: () => knownPeer(market, key) },
      product: knownProduct(market),
      clock: "cpu",
      count: PAIRS,
    })),
    ...(await contest({
      peer: {
        name: "straight line, cold: 6 verifies, 4 keys, 1 sign",
        prepare: () => coldPeer(market, key),
      },
      product: coldProduct(market),
      clock: "cpu",
      count: CONSUMERS,
    })),
    ...(await contest({
      peer: {
        name: "straight line, countersign: 1 verify, 2 signs",
        prepare: () => countersignPeer(market, key),
      },
      product: countersignProduct(market),
      clock: "cpu",
      count: PAIRS,
    })),
  ];
}

function bareVerify({ pairs, consumers }: Market): Run {
  const checks = pairs.map(({ acceptance, consumer }) => {
    const envelope = readEnvelope(acceptance);
    const publicKey = consumers[consumer]?.party.signer.publicKey;
    assert(envelope.ok && publicKey !== undefined, "the market's acceptances read");
    const { kind, payload, signatures } = envelope.value;
    const key = importEs256(publicKey);
    const signature = signatures[0]?.signature;
    assert(key !== null && signature !== undefined, "the market's acceptances are signed");
    return { key, message: signedBytes(kind, payload), signature };
  });
  return {
    work() {
      for (const { key, message, signature } of checks) {
        const isValid = verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
        assert(isValid, "the market's acceptances verify");
      }
    },
    close: nothing,
  };
}

/** A straight line that knows all parties and their chains, as the warm product does. */
export function informedPeer({ ground, holder, consumers }: Market, key: KeyObject): StraightLine {
  const peer = straightLine(key);
  for (const bytes of [...ground, ...documentsOf([holder, ...consumers])]) peer.learn(bytes);
  return peer;
}

function warmPeer(market: Market, key: KeyObject): Run {
  const peer = informedPeer(market, key);
  return {
    work() {
      for (const { offer, acceptance } of market.pairs) {
        peer.learn(offer);
        peer.settle(acceptance);
      }
    },
    close: nothing,
  };
}

/**
 * The holder's loop. Its offer comes back to it over the mesh, as it does from a broker, and is verified like any
 * other message: so both sides of this contest verify both observations.
 */
function warmProduct(market: Market): Contestant {
  return {
    name: "settle warm",
    async prepare() {
      const desk = await openHolder(market, memoryStore(market.holder.frames));
      return {
        work: () =>
          eachPair(market, async ({ offer, acceptance }, made) => {
            desk.message(offer);
            desk.message(acceptance);
            await desk.appended("settlement", made);
          }),
        close: () => desk.close(),
      };
    },
  };
}

function knownPeer(market: Market, key: KeyObject): Run {
  const peer = informedPeer(market, key);
  for (const { offer } of market.pairs) peer.keep(offer);
  return {
    work() {
      for (const { acceptance } of market.pairs) peer.settle(acceptance);
    },
    close: nothing,
  };
}

function knownProduct(market: Market): Contestant {
  return {
    name: "settle warm, own offer not heard again",
    async prepare() {
      const desk = await openHolder(market, memoryStore(market.holder.frames));
      return {
        work: () =>
          eachPair(market, async ({ acceptance }, made) => {
            desk.message(acceptance);
            await desk.appended("settlement", made);
          }),
        close: () => desk.close(),
      };
    },
  };
}

/** Every party's inception by its hash alone, all four links and both observations verified, every key imported. */
function coldPeer({ ground, holder, consumers, firsts }: Market, key: KeyObject): Run {
  const [rootA, rootB, ...documents] = ground;
  assert(rootA !== undefined && rootB !== undefined, "the ground begins with the roots");
  const peers = firsts.map((pair) => {
    const peer = straightLine(key);
    for (const bytes of documents) peer.keep(bytes);
    return { ...pair, peer };
  });
  return {
    work() {
      for (const { consumer, offer, acceptance, peer } of peers) {
        const buyer = traderAt(consumers, consumer);
        for (const bytes of [rootA, rootB, holder.inception, buyer.inception]) peer.keep(bytes);
        for (const bytes of [...holder.chain, ...buyer.chain, offer]) peer.learn(bytes);
        peer.settle(acceptance);
      }
    },
    close: nothing,
  };
}

/** First contact: no link, peer or imported key is known. It verifies the inception too, and signs an admission. */
function coldProduct(market: Market): Contestant {
  return {
    name: "settle cold, chains of two links each",
    async prepare() {
      const { pack, ground, holder, consumers, firsts, madeUs } = market;
      const desks: Desk[] = [];
      for (const _ of firsts) {
        const store = memoryStore(holder.frames);
        const { party } = holder;
        desks.push(await openDesk({ party, store, pack, documents: ground, passedUs: madeUs }));
      }
      for (const desk of desks) desk.coolKeys();
      return {
        async work() {
          for (const [i, { consumer, offer, acceptance }] of firsts.entries()) {
            const desk = deskAt(desks, i);
            const buyer = traderAt(consumers, consumer);
            const contact = [...holder.chain, buyer.inception, ...buyer.chain, offer, acceptance];
            for (const bytes of contact) desk.message(bytes);
            await desk.appended("settlement", 1);
          }
        },
        close: () => closeAll(desks),
      };
    },
  };
}

function countersignPeer(market: Market, key: KeyObject): Run {
  const peer = informedPeer(market, key);
  for (const { offer, acceptance } of market.pairs) {
    peer.keep(offer);
    peer.keep(acceptance);
  }
  return {
    work() {
      for (const { settlement } of market.pairs) peer.countersign(settlement);
    },
    close: nothing,
  };
}

/** The consumer's loop: the holder's settlement in; the countersignature and the first request for RF out. */
function countersignProduct(market: Market): Contestant {
  return {
    name: "countersign warm, with the first renewal request",
    async prepare() {
      const { pack, ground, holder, consumers, firsts, madeUs } = market;
      const desks: Desk[] = [];
      for (const [i, { party, frames, inception, chain }] of consumers.entries()) {
        const documents = [...ground, inception, ...chain, ...documentsOf([holder])];
        const desk = await openDesk({ party, store: memoryStore(frames), pack, documents, passedUs: madeUs });
        const settled = firsts[i];
        assert(settled !== undefined, "each consumer has a first pair");
        desk.message(settled.settlement);
        await desk.appended("renewal-request", 1);
        desks.push(desk);
      }
      return {
        async work() {
          for (const [i, { consumer, settlement }] of market.pairs.entries()) {
            const desk = deskAt(desks, consumer);
            desk.message(settlement);
            await desk.appended("renewal-request", 2 + (i % PAIRS_EACH));
          }
        },
        close: () => closeAll(desks),
      };
    },
  };
}

/** A holder that has settled once with each consumer. */
export async function openHolder(market: Market, store: Store): Promise<Desk> {
  const { pack, ground, holder, consumers, firsts, madeUs } = market;
  const documents = [...ground, ...documentsOf([holder, ...consumers])];
  const desk = await openDesk({ party: holder.party, store, pack, documents, passedUs: madeUs });
  for (const [i, { offer, acceptance }] of firsts.entries()) {
    desk.message(offer);
    desk.message(acceptance);
    await desk.appended("settlement", i + 1);
  }
  return desk;
}

/** Settlements that a holder of `openHolder` has made before its first pair. */
export const SETTLED_BEFORE = CONSUMERS;

type Work = (pair: Market["pairs"][number], made: number) => Promise<void>;

async function eachPair({ pairs }: Market, work: Work): Promise<void> {
  for (const [i, pair] of pairs.entries()) await work(pair, SETTLED_BEFORE + i + 1);
}

function documentsOf(traders: readonly Trader[]): readonly Uint8Array[] {
  return traders.flatMap(({ inception, chain }) => [inception, ...chain]);
}

function traderAt(traders: readonly Trader[], i: number): Trader {
  const trader = traders[i];
  assert(trader !== undefined, "pairs name their consumer");
  return trader;
}

function deskAt(desks: readonly Desk[], i: number): Desk {
  const desk = desks[i];
  assert(desk !== undefined, "each consumer has its desk");
  return desk;
}

async function closeAll(desks: readonly Desk[]): Promise<void> {
  for (const desk of desks) await desk.close();
}
