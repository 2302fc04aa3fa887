/** Everything that goes on in a world while it storms: owners, faults, travels, weather, load, the dishonest; then calm. */
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import type { Chance } from "./chance.ts";
import type { SimWorld } from "./drivers.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";
import { newForwardOffers } from "./forward-offers.ts";
import type { Host } from "./host.ts";
import { newHostFaults } from "./host-faults.ts";
import type { HostLoad } from "./host-load.ts";
import type { Licensing } from "./licensing.ts";
import { newMeshWeather } from "./mesh-weather.ts";
import { newOpenings } from "./openings.ts";
import { newOverseeing } from "./overseeing.ts";
import { layPolicyChanges } from "./policy-changes.ts";
import { newPreempting } from "./preempting.ts";
import { newProclaiming } from "./proclaiming.ts";
import { newRush } from "./rush.ts";
import type { Timeline } from "./timeline.ts";
import { newTravel } from "./travel.ts";
import { newTurns } from "./turns.ts";
import type { Witness } from "./witness.ts";
import { newWorkload } from "./workload.ts";

export type Happenings = {
  /** An offer became durable somewhere. */
  offered(offer: RecordOf<"offer">, site: number): void;
  /** A host published this. */
  published(host: Host, message: MeshMessage): void;
  /** From now on. */
  storm(): void;
  /** Faults end, travellers come home; owners go on. */
  calm(): void;
  isStormy(): boolean;
  /** At the end of the calm. Throws InvariantBroken where somebody honest found nobody to deal with. */
  finish(): void;
};

export type HappeningsParts = {
  readonly hosts: readonly Host[];
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly load: HostLoad;
  readonly without: ReadonlySet<FaultName>;
  readonly sites: number;
  /** The common one of this world. */
  readonly policy: Policy;
  readonly schema: Schema;
  readonly licensing: Licensing;
  readonly witness: Pick<Witness, "moved" | "harms" | "hasLost">;
  /** A dishonest peer does something. */
  readonly rogues: () => void;
};

/** At each site. */
const FAULT_EVERY_US = 900_000;
/** Some worlds are milder: where every host fails all the time, no lease lives long enough to be broken. */
const MILDER = [1, 2, 5] as const;
const OWNER_EVERY_US = 250_000;
const FORWARD_EVERY_US = 6_000_000;
const ROGUES_EVERY_US = 400_000;
const CLIMATE_EVERY_US = 8_000_000;
const PREEMPT_EVERY_US = 4_000_000;
const RUSH_EVERY_US = 2_000_000;
const TRAVEL_EVERY_US = 6_000_000;

export function newHappenings(parts: HappeningsParts): Happenings {
  const repeat = repeating(parts.timeline);
  const { hosts, world, timeline, chance, counts, load, licensing, without, sites, witness, rogues } = parts;
  const weather = newMeshWeather(chance.fork("mesh"), counts, timeline.nowUs, without);
  world.broker.decide((from, to) => weather.decide(from, to));
  const common = { hosts, world, timeline, counts };
  const harm = witness.harms;
  const faults = newHostFaults({
    ...common,
    chance: chance.fork("faults"),
    without,
    weather,
    licensing,
    harm,
  });
  const workload = newWorkload({ hosts, chance: chance.fork("owners") });
  const rush = newRush({ ...common, chance: chance.fork("rush") });
  const moved = (host: Host, isAway: boolean): void => witness.moved(host, isAway);
  const travel = newTravel({ ...common, chance: chance.fork("travel"), moved });
  const isExcused = (host: Host): boolean =>
    witness.hasLost(host) || harm.isExempt(host.spec.name, "time") || harm.isExempt(host.spec.name, "speed");
  const isEntitled = (host: Host): boolean => licensing.isEntitled(host);
  const openings = newOpenings({ ...parts, budgetsOf: (host) => licensing.budgetsOf(host) });
  const turns = newTurns({ hosts, timeline, isExcused, isEntitled, openings });
  const faultEveryUs = FAULT_EVERY_US * chance.fork("climate").pick(MILDER);
  const forward = newForwardOffers({ hosts, timeline, chance: chance.fork("forward offers") });
  const incumbent = newPreempting({ hosts, licensing, counts, chance: chance.fork("preempting") });
  const proclaiming = newProclaiming({ ...parts, chance: chance.fork("proclaiming") });
  const overseeing = newOverseeing({ ...parts, chance: chance.fork("overseeing") });
  let stormy = true;

  return {
    offered(offer, site) {
      workload.offered(offer, site);
      rush.offered(offer);
      turns.offered(offer);
    },
    published: overseeing.published,
    storm() {
      const isStormy = (): boolean => stormy;
      layPolicyChanges({ licensing, timeline, chance: chance.fork("policy changes") });
      repeat(Math.ceil(OWNER_EVERY_US / sites), always, workload.act);
      repeat(Math.ceil(FORWARD_EVERY_US / sites), always, forward.act);
      repeat(Math.ceil(faultEveryUs / sites), isStormy, faults.strike);
      repeat(RUSH_EVERY_US, isStormy, rush.act);
      const { everyUs } = proclaiming;
      if (everyUs !== null) repeat(everyUs, always, () => proclaiming.act(stormy));
      if (!without.has("preempted")) repeat(PREEMPT_EVERY_US, isStormy, incumbent.act);
      if (!without.has("carried-away")) repeat(TRAVEL_EVERY_US, isStormy, travel.go);
      if (!without.has("byzantine")) repeat(ROGUES_EVERY_US, isStormy, rogues);
      repeat(CLIMATE_EVERY_US, isStormy, () => {
        weather.change();
        load.change();
      });
    },
    calm() {
      stormy = false;
      weather.calm();
      load.calm();
      faults.calm();
      travel.calm();
      overseeing.calm();
      turns.begin();
    },
    finish: () => turns.check(),
    isStormy: () => stormy,
  };
}

function always(): boolean {
  return true;
}

/** Does `act` at every multiple of a pause from now on, as long as `goesOn`. */
function repeating(timeline: Timeline) {
  return (everyUs: number, goesOn: () => boolean, act: () => void): void => {
    const again = (): void => {
      if (!goesOn()) return;
      act();
      timeline.at(timeline.nowUs() + everyUs, again);
    };
    timeline.at(timeline.nowUs() + everyUs, again);
  };
}
