/** A holder, its consumers and two roots, with offers, acceptances and settlements made by the production code. */
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { seededEntropy } from "../../src/adapters/system/seeded-entropy.ts";
import { signedInception } from "../../src/agent/identity.ts";
import { type OfflineAuthor, offlineAuthor } from "../../src/agent/offline-author.ts";
import type { OfferCommand } from "../../src/core/agent/input.ts";
import { assert } from "../../src/core/base/assert.ts";
import { ZERO_ID } from "../../src/core/record/identity.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import type { PackEnvelope } from "../../src/core/wire/envelope.ts";
import type { Frame } from "../../src/ports/store.ts";
import { type Desk, openDesk, type Party } from "./desk.ts";
import { memoryStore } from "./memory-store.ts";
import {
  blockOf,
  COMMODITY_CLASS,
  ELIGIBILITY_CLASS,
  LEASE_CLASS,
  link,
  policy as policyBody,
  schema as schemaBody,
} from "./terms.ts";
import { START_WALL_US } from "./virtual-clock.ts";

/** Everything as bytes, for agents that are opened anew in each round. */
export type Market = {
  readonly pack: PackEnvelope;
  readonly holder: Trader;
  readonly consumers: readonly Trader[];
  /** Both roots' inceptions, policy, schema and the roots' snapshots: what an operator starts an agent with. */
  readonly ground: readonly Uint8Array[];
  /** Each party's chain, the root's own link first. */
  readonly pairs: readonly Pair[];
  /** One pair for each consumer, settled before anything is measured: the holder has admitted the peer. */
  readonly firsts: readonly Pair[];
  /** µs after the clocks' start at which all pairs are made. */
  readonly madeUs: number;
};

export type Trader = {
  readonly party: Party;
  readonly inception: Uint8Array;
  /** Root's link, own link. */
  readonly chain: readonly Uint8Array[];
  /** The log with all that the trader wrote before it settles. */
  readonly frames: readonly Frame[];
};

export type Pair = {
  /** Index of the consumer. */
  readonly consumer: number;
  readonly offer: Uint8Array;
  readonly acceptance: Uint8Array;
  /** The holder's, signed. */
  readonly settlement: Uint8Array;
};

export const CONSUMERS = 8;
/** Acceptances of one consumer that are measured: its holdings grow in each, as they do in the field. */
export const PAIRS_EACH = 8;

type Enrolled = {
  readonly party: Party;
  readonly inception: Uint8Array;
  readonly chain: readonly Uint8Array[];
};
type Issuer = { readonly author: OfflineAuthor; readonly root: RecordOf<"credential"> };

export async function openMarket(): Promise<Market> {
  const pack = msgpackrEnvelope();
  const primitives = nodeSignatures();
  const entropy = seededEntropy(Uint8Array.of(2));
  const issuers = [await openIssuer("Root A"), await openIssuer("Root B")] as const;
  const [selling, buying] = issuers;
  const policy = await selling.author.write("policy", policyBody);
  const schema = await selling.author.write("schema", schemaBody);
  const snapshots: AnyRecord[] = [];
  for (const { author } of issuers) {
    const body = { number: 1, previousSnapshot: ZERO_ID, issuedUs: START_WALL_US, revoked: [] };
    snapshots.push(await author.write("status-snapshot", body));
  }
  const ground = [...issuers.map(({ author }) => author.inception), policy, schema, ...snapshots].map(
    (each) => pack(each.envelope),
  );
  const roots = issuers.map(({ author }) => author.inception.header.lineage);

  async function openIssuer(owner: string): Promise<Issuer> {
    const signer = createSoftwareSigner(entropy);
    const author = await offlineAuthor({ signer, primitives, entropy, owner, tier: "software" });
    const { lineage, signerKey } = author.inception.header;
    const root = await author.write(
      "credential",
      link(
        {
          subjectLineage: lineage,
          subjectKey: signerKey,
          level: "regulator",
          verbs: ["allocate", "acquire", "issue"],
          owner,
        },
        null,
      ),
    );
    return { author, root };
  }

  async function enrol(
    { author, root }: Issuer,
    owner: string,
    northE7: number,
    { level, verbs }: Pick<Credential, "level" | "verbs">,
  ): Promise<Enrolled & { readonly first: Frame }> {
    const signer = createSoftwareSigner(entropy);
    const key = { suite: signer.suite, publicKey: signer.publicKey, akName: null, tier: "software" as const };
    const signed = await signedInception({ signer, primitives, entropy, owner, key });
    const subject = { subjectLineage: signed.header.lineage, subjectKey: signed.header.signerKey, owner };
    const own = await author.write("credential", link({ ...subject, level, verbs }, root.id), root.id);
    const party = { owner, signer, key, entropy, northE7, roots, credentials: [own.id], policy: policy.id };
    const inception = pack(signed.envelope);
    const chain = [pack(root.envelope), pack(own.envelope)];
    return { party, inception, chain, first: { kind: "own", bytes: inception } };
  }

  const holder = await enrol(selling, "Holder", 0, { level: "licensee", verbs: ["allocate"] });
  const consumers: (Enrolled & { readonly first: Frame })[] = [];
  for (let i = 0; i < CONSUMERS; i++) {
    consumers.push(
      await enrol(buying, `Consumer ${i}`, 1_000 + 10 * i, { level: "user", verbs: ["acquire"] }),
    );
  }

  const holderStore = memoryStore([holder.first]);
  const seller = await openDesk({
    party: holder.party,
    store: holderStore,
    pack,
    documents: [
      ...ground,
      ...holder.chain,
      ...consumers.flatMap(({ inception, chain }) => [inception, ...chain]),
    ],
  });
  const offers = await makeOffers(seller, schema.id, CONSUMERS * (1 + PAIRS_EACH));
  const offering = [...holderStore.held];

  const accepted: { readonly trader: Trader; readonly acceptances: readonly Uint8Array[] }[] = [];
  for (const [i, consumer] of consumers.entries()) {
    const store = memoryStore([consumer.first]);
    const desk = await openDesk({
      party: consumer.party,
      store,
      pack,
      documents: [...ground, ...consumer.chain, holder.inception, ...holder.chain],
      passedUs: passedUs(seller),
    });
    const mine = offers.slice(i * (1 + PAIRS_EACH), (i + 1) * (1 + PAIRS_EACH));
    const acceptances = await acceptAll(desk, mine, pack);
    accepted.push({ trader: { ...consumer, frames: [...store.held] }, acceptances });
    await desk.close();
  }

  const pairs: Pair[] = [];
  const firsts: Pair[] = [];
  for (const [i, { acceptances }] of accepted.entries()) {
    for (const [j, acceptance] of acceptances.entries()) {
      const made = pairs.length + firsts.length;
      seller.message(acceptance);
      await seller.appended("settlement", made + 1);
      const offer = offers[made];
      const settlement = seller.records("settlement")[made];
      assert(offer !== undefined && settlement !== undefined, "each acceptance answers one offer");
      const pair = {
        consumer: i,
        offer: pack(offer.envelope),
        acceptance,
        settlement: pack(settlement.envelope),
      };
      (j === 0 ? firsts : pairs).push(pair);
    }
  }
  const madeUs = passedUs(seller);
  await seller.close();
  return {
    pack,
    ground,
    holder: { ...holder, frames: offering },
    consumers: accepted.map(({ trader }) => trader),
    pairs,
    firsts,
    madeUs,
  };
}

async function makeOffers(
  desk: Desk,
  schema: Uint8Array,
  count: number,
): Promise<readonly RecordOf<"offer">[]> {
  for (let i = 0; i < count; i++) {
    const offer: OfferCommand = {
      schema,
      resource: `block ${i}`,
      block: blockOf(i),
      price: { form: "fixed", microUnits: 2_500_000n, currency: "EUR" },
      eligibility: { level: "user", verb: "acquire", eligibilityClass: ELIGIBILITY_CLASS },
      rules: ["content-match", "handshake"],
      leaseClass: LEASE_CLASS,
      validUs: 600_000_000,
    };
    assert(offer.block.commodityClass === COMMODITY_CLASS, "one commodity is traded");
    const answer = await desk.running.command({ verb: "offer", offer });
    assert(answer.ok, `the holder may offer: ${JSON.stringify(answer)}`);
    await desk.appended("offer", i + 1);
  }
  return desk.records("offer");
}

async function acceptAll(
  desk: Desk,
  offers: readonly RecordOf<"offer">[],
  pack: PackEnvelope,
): Promise<readonly Uint8Array[]> {
  for (const [i, offer] of offers.entries()) {
    desk.message(pack(offer.envelope));
    const answer = await desk.running.command({
      verb: "accept",
      accept: { offer: offer.id, block: null, insist: true },
    });
    assert(answer.ok, `the consumer may accept: ${JSON.stringify(answer)}`);
    await desk.appended("acceptance", i + 1);
  }
  return desk.records("acceptance").map(({ envelope }) => pack(envelope));
}

function passedUs({ clock }: Desk): number {
  return clock.read().wallUs - START_WALL_US;
}
