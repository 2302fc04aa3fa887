/** A second root in a simulated world: some consumers belong to it, and it and the first one recognise each other (PROTOCOL §6 C). */
import type { Recognition } from "../core/record/kinds/recognition.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { agentTopic } from "../core/wire/topic.ts";
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
  /** A recognition in place of the one before, which it does not revoke; told to every host. */
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

/** So many worlds have a second root. */
const ABROAD_PERMILLE = 350;
/** Of the consumers of each holder one is of another root. */
const ONE_OF = 5;
const WHICH = 2;
/** No topic keeps recognitions for who comes later: they are told again to who may have been away. */
const TELLINGS = 6;
const TOLD_EVERY_US = 15_000_000;

/** Null in worlds of one root. */
export async function openAbroad(parts: AbroadParts): Promise<Abroad | null> {
  const { world, register, hosts, home, ground, timeline } = parts;
  if (!parts.chance.hits(ABROAD_PERMILLE)) return null;
  const foreign = await worldAuthority(world, ground, hosts.length, "root abroad");
  register.began(foreign.author);
  const entropy = world.entropy("recognitions");
  const standing = { home: await write("home", {}), abroad: await write("abroad", {}) };

  async function write(by: Recogniser, change: Partial<Recognition>): Promise<RecordOf<"recognition">> {
    const [own, other] = by === "home" ? [home, foreign] : [foreign, home];
    const written = await own.author.write("recognition", {
      root: other.author.inception.header.lineage,
      level: "licensee",
      verbs: ["allocate", "acquire"],
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

  function tell({ envelope }: AnyRecord): void {
    const bytes = world.pack(envelope);
    for (const host of hosts) world.broker.inject(agentTopic(host.lineage(), "inbox"), bytes);
  }

  return {
    authority: foreign,
    belongs: (host) => hosts.indexOf(host) % ONE_OF === WHICH,
    standing: (by) => standing[by],
    async recognise(by, change) {
      standing[by] = await write(by, change);
      const told = standing[by];
      for (let i = 0; i < TELLINGS; i++)
        timeline.at(timeline.nowUs() + i * TOLD_EVERY_US, () => tell(told as AnyRecord));
    },
  };
}
