/** What becomes of each delivery: lost, late, doubled, replayed; the rates change as the world runs. */
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";

export type MeshWeather = {
  decide(from: string, to: string): readonly number[];
  /** New rates, drawn. */
  change(): void;
  /** Nothing is lost, late or doubled from now on. */
  calm(): void;
};

/** At least as harsh as a simulator for replicated storage is: loss to 30 %, replay to 50 %. */
const LOSS_PERMILLE_MAX = 300;
const REPLAY_PERMILLE_MAX = 500;
const LATE_PERMILLE_MAX = 300;
const LATE_US_MAX = 20_000_000;
const JITTER_US = 30_000;

const ON_TIME: readonly number[] = [1_000];

export function newMeshWeather(chance: Chance, counts: FaultCounts): MeshWeather {
  let rates = { loss: 0, replay: 0, late: 0, lateUs: 1 };
  let isCalm = true;

  function delay(): number {
    if (!chance.hits(rates.late)) return 500 + chance.below(JITTER_US);
    counts.count("late");
    return 500 + chance.below(rates.lateUs);
  }

  return {
    decide() {
      if (isCalm) return ON_TIME;
      if (chance.hits(rates.loss)) {
        counts.count("loss");
        return [];
      }
      if (!chance.hits(rates.replay)) return [delay()];
      counts.count("replay");
      return [delay(), delay() + chance.below(rates.lateUs)];
    },
    change() {
      isCalm = false;
      // A third of the time the mesh is good in one way or another: faults alone let nothing settle.
      const rate = (most: number): number => (chance.hits(330) ? 0 : chance.below(most + 1));
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
