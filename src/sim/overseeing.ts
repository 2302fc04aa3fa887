/** When the level above the parties of a world says that it has a lease in hand: soon, late, never, or wrongly at first. */
import { put } from "../core/agent/known.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { agentTopic } from "../core/wire/topic.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import type { Chance } from "./chance.ts";
import type { SimWorld } from "./drivers.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";
import type { Host } from "./host.ts";
import type { Licensing } from "./licensing.ts";
import { type Ground, WORLD_LEASE_CLASS } from "./market.ts";
import type { Word } from "./overseer.ts";
import type { Timeline } from "./timeline.ts";

export type Overseeing = {
  /** A host published this: a settlement in the overseer's inbox is a notice, or asks for its word. */
  published(host: Host, message: MeshMessage): void;
  /** From now on it answers whoever asks, soon and rightly. */
  calm(): void;
};

export type OverseeingParts = {
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly licensing: Pick<Licensing, "root" | "acknowledge">;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly without: ReadonlySet<FaultName>;
};

/** So many worlds have a lease class that waits for a word from above. */
const OVERSEEN_PERMILLE = 400;
const OVERSEER_LEVEL = "regulator";

/** The policy of a world, or the same with leases that have to be acknowledged. */
export function overseenGround({ policy, schema }: Ground, chance: Chance): Ground {
  if (!chance.hits(OVERSEEN_PERMILLE)) return { policy, schema };
  const oversight = { level: OVERSEER_LEVEL, duty: "acknowledged" } as const;
  const leaseClasses = policy.leaseClasses.map((each) =>
    each.name === WORLD_LEASE_CLASS ? { ...each, oversight } : each,
  );
  return { policy: { ...policy, leaseClasses }, schema };
}

const RIGHTFUL: readonly Word[] = ["rightful", "twice"];

type Manner = { readonly word: Word; readonly afterUs: readonly [number, number] } | "silent";

const SOON: Manner = { word: "rightful", afterUs: [100_000, 2_000_000] };
/** A lease of these worlds lasts 15 s to 40 s. */
const LATE: Manner = { word: "rightful", afterUs: [5_000_000, 15_000_000] };
const MANNERS: readonly [Manner, ...Manner[]] = [
  SOON,
  SOON,
  SOON,
  LATE,
  "silent",
  { ...SOON, word: "other" },
  { ...SOON, word: "low" },
  { ...SOON, word: "twice" },
  { ...SOON, word: "abroad" },
];

/** Far more than a world has standing at once. */
const MATTERS_MAX = 1_024;

type Matter = {
  readonly askers: Set<Host>;
  manner: Manner;
  /** What it says, once it does. */
  said: readonly AnyRecord[];
};

export function newOverseeing(parts: OverseeingParts): Overseeing {
  const { world, timeline, licensing, chance, counts, without } = parts;
  const matters = new Map<string, Matter>();
  let calm = false;

  function handOn(host: Host, said: readonly AnyRecord[]): void {
    const topic = agentTopic(host.lineage(), "inbox");
    for (const { envelope } of said) world.broker.inject(topic, world.pack(envelope));
  }

  function take(settlement: RecordOf<"settlement">, matter: Matter, manner: Manner): void {
    matter.manner = manner;
    if (manner !== SOON) counts.count("unacknowledged");
    if (manner === "silent") return;
    const [least, most] = manner.afterUs;
    timeline.at(timeline.nowUs() + chance.between(least, most), () =>
      licensing.acknowledge(settlement, manner.word, (said) => {
        matter.said = said;
        for (const host of matter.askers) handOn(host, said);
      }),
    );
  }

  return {
    published(host, { topic, bytes }) {
      if (topic !== agentTopic(licensing.root(), "inbox")) return;
      const settlement = settlementIn(bytes, world.primitives);
      if (settlement === null) return;
      const key = toHex(settlement.id);
      const known = matters.get(key);
      const matter = known ?? { askers: new Set<Host>(), manner: SOON, said: [] };
      put(matters, key, matter, MATTERS_MAX);
      matter.askers.add(host);
      const isRightful = matter.manner !== "silent" && RIGHTFUL.includes(matter.manner.word);
      if (known === undefined) {
        const manner = chance.pick(MANNERS);
        take(settlement, matter, calm || without.has("unacknowledged") ? SOON : manner);
      } else if (calm && !isRightful) take(settlement, matter, SOON);
      else handOn(host, matter.said);
    },
    calm() {
      calm = true;
    },
  };
}

function settlementIn(bytes: Uint8Array, primitives: Primitives): RecordOf<"settlement"> | null {
  const read = recordOfBytes(bytes, primitives);
  return read.ok && read.value.kind === "settlement" ? read.value : null;
}
