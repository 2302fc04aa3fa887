/** Worlds in a part of whose band nobody may be on the air all the time. */
import type { Chance } from "./chance.ts";
import { type Ground, WORLD_LOWEST_HZ } from "./market.ts";

/** So many worlds have a duty cycle. */
const PAUSED_PERMILLE = 500;
/** Leases of a world last 15 s to 40 s, and a transmitter has used a window up after a quarter of it. */
const WINDOW_US_MIN = 20_000_000;
const WINDOW_US_MAX = 120_000_000;
const SHARE_CENTI_PERCENT_MIN = 500;
const SHARE_CENTI_PERCENT_MAX = 5_000;
/** Among the blocks of the first holder, so that it lies inside one of them as a rule. */
const EDGE_HZ_MIN = 25_000;
const EDGE_HZ_MAX = 325_000;
const WIDTH_HZ_MIN = 100_000;
const WIDTH_HZ_MAX = 4_000_000;

/** The policy of a world, or the same with a duty cycle; another root's policy is this one too. */
export function pausedGround({ policy, schema }: Ground, chance: Chance): Ground {
  if (!chance.hits(PAUSED_PERMILLE)) return { policy, schema };
  const lowerHz = WORLD_LOWEST_HZ + chance.between(EDGE_HZ_MIN, EDGE_HZ_MAX);
  const dutyCycle = {
    lowerHz,
    upperHz: lowerHz + chance.between(WIDTH_HZ_MIN, WIDTH_HZ_MAX),
    shareCentiPercent: chance.between(SHARE_CENTI_PERCENT_MIN, SHARE_CENTI_PERCENT_MAX),
    windowUs: chance.between(WINDOW_US_MIN, WINDOW_US_MAX),
  };
  return { policy: { ...policy, dutyCycles: [dutyCycle] }, schema };
}
