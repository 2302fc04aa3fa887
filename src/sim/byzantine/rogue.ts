/** A dishonest peer on the mesh: it hears what is published, and sends what it likes to whom it likes. */
import { put } from "../../core/agent/known.ts";
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import { agentTopic } from "../../core/wire/topic.ts";
import { isWant, readWant, writeWant } from "../../core/wire/want.ts";
import type { Chance } from "../chance.ts";
import type { SimWorld } from "../drivers.ts";
import type { FaultCounts } from "../fault-counts.ts";
import type { Pen } from "./pen.ts";

export type Rogue = {
  readonly name: string;
  readonly pen: Pen;
  /** One thing that nobody asked for. */
  act(): void;
  /** Everything that reaches the broker, from whomever to whomever. */
  heard(topic: string, bytes: Uint8Array): void;
};

export type RogueParts = {
  readonly name: string;
  readonly pen: Pen;
  readonly world: SimWorld;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  /** Record files of the world's authority. */
  readonly ground: () => readonly AnyRecord[];
  /** Before it is sent: what it signed is told to those who watch. */
  readonly wrote: (record: AnyRecord) => void;
};

/** Records of others that it keeps. */
const KNOWN_MAX = 1_024;

/** What all rogues do alike: they answer wants, remember what comes to their inbox, and send. */
export class RogueMesh {
  readonly parts: RogueParts;
  readonly #known = new Map<string, AnyRecord>();
  /** A pen writes one record at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RogueParts) {
    this.parts = parts;
    const { world, pen } = parts;
    world.broker.retain(agentTopic(pen.lineage, "identity"), world.pack(pen.inception.envelope));
  }

  get(id: Uint8Array): AnyRecord | undefined {
    const key = toHex(id);
    const { pen, ground } = this.parts;
    return this.#known.get(key) ?? pen.written.get(key) ?? ground().find((each) => toHex(each.id) === key);
  }

  /** The record that came to the own inbox, or null; a want is answered on the way. */
  take(topic: string, bytes: Uint8Array): AnyRecord | null {
    const { pen, world } = this.parts;
    if (topic !== agentTopic(pen.lineage, "inbox")) return null;
    if (isWant(bytes)) {
      const want = readWant(bytes);
      if (want.ok) for (const id of want.value.ids) this.#serve(id, want.value.lineage);
      return null;
    }
    const record = recordOfBytes(bytes, world.primitives);
    if (!record.ok) return null;
    put(this.#known, toHex(record.value.id), record.value, KNOWN_MAX);
    return record.value;
  }

  #serve(id: Uint8Array, to: Uint8Array): void {
    const found = toHex(id) === toHex(this.parts.pen.lineage) ? this.parts.pen.inception : this.get(id);
    if (found !== undefined) this.send(found as AnyRecord, to);
  }

  send({ envelope }: AnyRecord, to: Uint8Array): void {
    const { world } = this.parts;
    world.broker.inject(agentTopic(to, "inbox"), world.pack(envelope));
  }

  want(ids: readonly Uint8Array[], from: Uint8Array): void {
    const { world, pen } = this.parts;
    if (ids.length > 0)
      world.broker.inject(agentTopic(from, "inbox"), writeWant({ lineage: pen.lineage, ids }));
  }

  /** `act` after all that was begun before. */
  inTurn(act: () => Promise<void>): void {
    this.#last = this.#last.then(act);
  }

  count(what: string): void {
    this.parts.counts.count(`byzantine-${what}`);
  }
}
