/** A stranger without any credential: it says again what others said, damages it, and makes up lineages by the dozen. */
import { readEnvelope } from "../../core/wire/envelope.ts";
import { agentTopic } from "../../core/wire/topic.ts";
import type { Chance } from "../chance.ts";
import type { SimWorld } from "../drivers.ts";
import type { FaultCounts } from "../fault-counts.ts";
import { highTwin } from "../high-twin.ts";
import type { Host } from "../host.ts";
import type { Pen } from "./pen.ts";

export type Stranger = {
  act(): void;
  heard(topic: string, bytes: Uint8Array): void;
};

export type StrangerParts = {
  readonly hosts: readonly Host[];
  readonly world: SimWorld;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  /** A lineage that nobody knows, of a name never used before. */
  readonly sybil: (name: string) => Promise<Pen>;
};

const TWIN_PERMILLE = 20;
const HEARD_MAX = 512;
const REPLAYED = 12;
const SYBILS_MAX = 2_000;

export function stranger({ hosts, world, chance, counts, sybil }: StrangerParts): Stranger {
  const heard: { readonly topic: string; readonly bytes: Uint8Array }[] = [];
  let sybils = 0;

  function replay(): void {
    for (let i = 0; i < REPLAYED; i++) {
      const old = heard[chance.below(Math.max(1, heard.length))];
      if (old === undefined) return;
      counts.count("byzantine-replay");
      world.broker.inject(old.topic, old.bytes);
    }
  }

  function damage(): void {
    const old = heard[chance.below(Math.max(1, heard.length))];
    if (old === undefined) return;
    counts.count("byzantine-damage");
    const bytes = Uint8Array.from(old.bytes);
    const at = chance.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
    world.broker.inject(old.topic, bytes);
  }

  /** On its way before the record itself. */
  function twin(topic: string, bytes: Uint8Array): void {
    const envelope = readEnvelope(bytes);
    const other = envelope.ok ? highTwin(envelope.value) : null;
    if (other === null) return;
    counts.count("byzantine-high-s");
    world.broker.inject(topic, world.pack(other));
  }

  /** A stranger that asks for everything, and says who it is to all. */
  async function introduce(): Promise<void> {
    sybils += 1;
    counts.count("byzantine-sybil");
    const { inception, lineage } = await sybil(`sybil-${sybils}`);
    const host = hosts[chance.below(hosts.length)];
    if (host === undefined) return;
    for (const topic of [agentTopic(lineage, "identity"), agentTopic(host.lineage(), "inbox")])
      world.broker.inject(topic, world.pack(inception.envelope));
  }

  return {
    act() {
      const dice = chance.below(100);
      if (dice < 50) replay();
      else if (dice < 80) damage();
      else if (sybils < SYBILS_MAX) void introduce();
    },
    heard(topic, bytes) {
      if (bytes.length === 0) return;
      if (chance.hits(TWIN_PERMILLE)) twin(topic, bytes);
      if (heard.length < HEARD_MAX) heard.push({ topic, bytes });
      else heard[chance.below(HEARD_MAX)] = { topic, bytes };
    },
  };
}
