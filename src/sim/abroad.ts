/** A second root in a simulated world: some consumers belong to it, and it and the first one recognise each other (PROTOCOL §6 C). */
import type { Recognition } from "../core/record/kinds/recognition.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { recognitionTopic } from "../core/wire/topic.ts";
import type { Chance } from "./chance.ts";
import { VALID_FROM_US } from "./credential-bodies.ts";
import type { SimWorld } from "./drivers.ts";
import type { Host } from "./host.ts";
import { type Ground, WORLD_CLASS, type WorldAuthority, worldAuthority } from "./market.ts";
import type { Register } from "./register.ts";
import type { Timeline } from "./timeline.ts";

/** Who recognises: the first root, or the one abroad. */
export type Recogniser = "home" | "abroad";

export type Abroad = {
  readonly authority: WorldAuthority;
  belongs(host: Host): boolean;
  /** The recognition that holds by that side. */
  standing(by: Recogniser): RecordOf<"recognition">;
  /** A recognition in place of the one before, which it does not revoke; a broker keeps it for who comes later. */
  recognise(by: Recogniser, change: Partial<Pick<Recognition, "untilUs" | "scope">>): Promise<void>;
};

export type AbroadParts = {
  readonly world: SimWorld;
  readonly register: Register;
  readonly hosts: readonly Host[];
  readonly home: WorldAuthority;
  /** Of the world: the root abroad lives by the same. */
  readonly ground: Ground;
  readonly chance: Chance;
  readonly timeline: Timeline;
};

/** Its author says it again: a delivery may be lost on the way to who is connected all the time. */
const TELLINGS = 6;
const TOLD_EVERY_US = 15_000_000;
/** So many worlds have a second root. */
const ABROAD_PERMILLE = 350;
/** In so many of them each root has the other's directives count, over what is let from the other's spectrum. */
const HEEDED_PERMILLE = 500;
/** Of the consumers of each holder one is of another root. */
const ONE_OF = 5;
const WHICH = 2;

/** Null in worlds of one root. */
export async function openAbroad(parts: AbroadParts): Promise<Abroad | null> {
  const { world, register, hosts, home, ground, timeline } = parts;
  if (!parts.chance.hits(ABROAD_PERMILLE)) return null;
  const foreign = await worldAuthority(world, ground, hosts.length, "root abroad");
  register.began(foreign.author);
  const entropy = world.entropy("recognitions");
  const heeds = parts.chance.hits(HEEDED_PERMILLE);
  const standing = { home: await write("home", {}), abroad: await write("abroad", {}) };

  async function write(by: Recogniser, change: Partial<Recognition>): Promise<RecordOf<"recognition">> {
    const [own, other] = by === "home" ? [home, foreign] : [foreign, home];
    const written = await own.author.write("recognition", {
      root: other.author.inception.header.lineage,
      level: heeds ? "regulator" : "licensee",
      verbs: heeds ? ["allocate", "acquire", "preempt"] : ["allocate", "acquire"],
      eligibilityClasses: [WORLD_CLASS],
      scope: [own.box],
      fromUs: VALID_FROM_US,
      untilUs: own.box.untilUs,
      exclusive: true,
      documents: true,
      parent: own.root,
      nonce: entropy.bytes(16),
      ...change,
    });
    register.recognised(written);
    return written;
  }

  /** As `authority announce` has a broker keep it: behind its author's own key and credential. */
  function announce(by: Recogniser): void {
    const { author } = by === "home" ? home : foreign;
    const { lineage } = author.inception.header;
    const isOwnLink = (each: AnyRecord): boolean => each.kind === "credential" && each.body.parent === null;
    for (const each of [author.inception, ...author.records().filter(isOwnLink), standing[by]])
      world.broker.retain(recognitionTopic(lineage, each.id), world.pack(each.envelope));
  }

  return {
    authority: foreign,
    belongs: (host) => hosts.indexOf(host) % ONE_OF === WHICH,
    standing: (by) => standing[by],
    async recognise(by, change) {
      standing[by] = await write(by, change);
      for (let i = 0; i < TELLINGS; i++)
        timeline.at(timeline.nowUs() + i * TOLD_EVERY_US, () => announce(by));
    },
  };
}
