/** What becomes of each delivery: lost, late, doubled, replayed; the rates change as the world runs. */
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";

export type MeshWeather = {
  decide(from: string, to: string): readonly number[];
  /** Clients of `side` and all others do not hear each other until the result is called. A site's last partition counts. */
  part(side: ReadonlySet<string>, site: number): () => void;
  /** All messages to or from a client come so much later, or (null) never, until the result is called. */
  delay(way: "to" | "from", client: string, lateUs: number | null): () => void;
  /** New rates, drawn. */
  change(): void;
  /** Nothing is lost, late or doubled from now on. */
  calm(): void;
};

/** At least as harsh as a simulator for replicated storage is: loss to 30 %, replay to 50 %. */
const LOSS_PERMILLE_MAX = 300;
const REPLAY_PERMILLE_MAX = 500;
const LATE_PERMILLE_MAX = 300;
/** Of the time a rate is nought: under faults alone nothing settles. */
const GOOD_PERMILLE = 250;
const LATE_US_MAX = 20_000_000;
const JITTER_US = 30_000;

/** Ways whose last arrival is remembered; beyond it, overtaking is not counted for a while. */
const WAYS_MAX = 65_536;

const ON_TIME: readonly number[] = [1_000];

/** `nowUs`: true time, to tell who overtakes whom. `without`: what never happens, whatever is drawn. */
export function newMeshWeather(
  chance: Chance,
  counts: FaultCounts,
  nowUs: () => number,
  without: ReadonlySet<FaultName> = new Set(),
): MeshWeather {
  let rates = { loss: 0, replay: 0, late: 0, lateUs: 1 };
  let isCalm = true;
  const between = obstacles();

  function hits(what: "loss" | "late" | "replay"): boolean {
    return chance.hits(rates[what]) && !without.has(what);
  }

  function delay(): number {
    if (!hits("late")) return 500 + chance.below(JITTER_US);
    counts.count("late");
    return 500 + chance.below(rates.lateUs);
  }

  function usual(): readonly number[] {
    if (isCalm) return ON_TIME;
    if (hits("loss")) {
      counts.count("loss");
      return [];
    }
    if (!hits("replay")) return [delay()];
    counts.count("replay");
    return [delay(), delay() + chance.below(rates.lateUs)];
  }

  const countOvertaking = overtakings(counts, nowUs);

  return {
    part: between.part,
    delay: between.delay,
    decide(from, to) {
      const moreUs = between.withheld(from, to);
      if (moreUs === null) {
        counts.count("withheld");
        return [];
      }
      const copies = usual().map((lateUs) => lateUs + moreUs);
      countOvertaking(`${from} ${to}`, copies);
      return copies;
    },
    change() {
      isCalm = false;
      const rate = (most: number): number => (chance.hits(GOOD_PERMILLE) ? 0 : chance.below(most + 1));
      rates = {
        loss: rate(LOSS_PERMILLE_MAX),
        replay: rate(REPLAY_PERMILLE_MAX),
        late: rate(LATE_PERMILLE_MAX),
        lateUs: 1 + chance.below(LATE_US_MAX),
      };
    },
    calm() {
      isCalm = true;
    },
  };
}

type Obstacles = Pick<MeshWeather, "part" | "delay"> & {
  /** What is added to a delivery by those who stand between the two; null: it never comes. */
  withheld(from: string, to: string): number | null;
};

function obstacles(): Obstacles {
  const parted = new Map<number, ReadonlySet<string>>();
  const late = { to: new Map<string, number | null>(), from: new Map<string, number | null>() };
  return {
    withheld(from, to) {
      for (const side of parted.values()) if (side.has(from) !== side.has(to)) return null;
      const [sent, taken] = [late.from.get(from), late.to.get(to)];
      return sent === null || taken === null ? null : (sent ?? 0) + (taken ?? 0);
    },
    part(side, site) {
      parted.set(site, side);
      return () => {
        if (parted.get(site) === side) parted.delete(site);
      };
    },
    delay(way, client, lateUs) {
      late[way].set(client, lateUs);
      return () => void late[way].delete(client);
    },
  };
}

/** Counts the copies that arrive before one that was sent earlier from the same client to the same one. */
function overtakings(
  counts: FaultCounts,
  nowUs: () => number,
): (way: string, copies: readonly number[]) => void {
  const arrivals = new Map<string, number>();
  return (way, copies) => {
    if (arrivals.size >= WAYS_MAX) arrivals.clear();
    for (const lateUs of copies) {
      const [lastUs, dueUs] = [arrivals.get(way) ?? 0, nowUs() + lateUs];
      if (dueUs < lastUs) counts.count("reorder");
      else arrivals.set(way, dueUs);
    }
  };
}
