/** The boot-clock bound and the expiry bound, each with the other one taken away on both sides (PROTOCOL §6). */
import type { HostClocks } from "../../../src/sim/explore/host-time.ts";
import type { Scope } from "../../../src/sim/explore/scope.ts";
import type { Change } from "./changed-copy.ts";
import { lapsing } from "./scopes.ts";

const BOUNDS = "src/core/settlement/renewal-bounds.ts";

/** What makes the boot-clock bound stand alone. */
export const bootBoundAlone: readonly Change[] = [
  {
    file: BOUNDS,
    from: "return bounds === null || (earliestUs !== null && earliestUs >= bounds.expiryUs);",
    to: "return true;",
  },
  {
    file: BOUNDS,
    from: "Math.min(byAnchorUs, byExpiryUs) - muteLatencyUs",
    to: "byAnchorUs - muteLatencyUs",
  },
];

export const expiryBoundAlone: readonly Change[] = [
  { file: BOUNDS, from: "return nowBootUs >= untilUs;", to: "return true;" },
  {
    file: BOUNDS,
    from: "Math.min(byAnchorUs, byExpiryUs) - muteLatencyUs",
    to: "byExpiryUs - muteLatencyUs",
  },
];

/** Neither side allows for the drift of its clock. */
export const holderTrustsItsClock: Change = {
  file: BOUNDS,
  from: "return us + driftUs(us, driftPpm);",
  to: "return us;",
};
export const consumerTrustsItsClock: Change = {
  file: BOUNDS,
  from: "return us - driftUs(us, driftPpm);",
  to: "return us;",
};

const CENTRE = "((at) => (at === null ? null : (at.earliestUs + at.latestUs) / 2))(ownTime(turn))";

/** As if a receiver were never off: for the earliest edge of the own time, and for the latest. */
export const holderTakesItsCentre: readonly Change[] = [
  "src/core/agent/holder.ts",
  "src/core/agent/tick.ts",
].map((file) => ({
  file,
  from: "    earliestUs: ownTime(turn)?.earliestUs ?? null,",
  to: `    earliestUs: ${CENTRE},`,
}));
export const consumerTakesItsCentre: readonly Change[] = [
  {
    file: "src/core/agent/renewing.ts",
    from: "    latestUs: time.latestUs,\n    driftPpm",
    to: "    latestUs: (time.earliestUs + time.latestUs) / 2,\n    driftPpm",
  },
];

/** In the other copies records may declare one part in a hundred, the most that ships; in these one in ten. */
export const declaresTenth: readonly Change[] = [
  "src/core/record/kinds/acceptance.ts",
  "src/core/settlement/artifact.ts",
].map((file) => ({
  file,
  from: "clockDriftPpm: integer(0, 10_000),",
  to: "clockDriftPpm: integer(0, 100_000),",
}));

/** Boot clocks that are as far off as their owners declare, to either side. */
type Rates = { readonly permille: readonly [number, number, number]; readonly driftPpm: number };

export const NINE_TEN_ELEVEN: Rates = { permille: [900, 1_000, 1_100], driftPpm: 100_000 };
/** The farthest that records as they ship can declare. */
export const HUNDREDTH: Rates = { permille: [990, 1_000, 1_010], driftPpm: 10_000 };

const alone: Partial<Scope> = {
  ...lapsing,
  adverse: 1,
  adverseKinds: ["reboot"],
  instants: 4,
  muteLatencyUs: 10_000,
  judgesAgreement: false,
};

type Clocks = { readonly rates: Rates; readonly holder: HostClocks; readonly consumer: HostClocks };

function scopeWith({ rates, holder, consumer }: Clocks, more: Partial<Scope>): Partial<Scope> {
  const said = [holder, consumer].map(
    ({ ratePermille, timeErrorUs }) => `${ratePermille}, ${timeErrorUs} us`,
  );
  const name = `clocks ${said.join(" and ")}`;
  return { ...alone, ...more, name, driftPpm: rates.driftPpm, clocks: [holder, consumer] };
}

function pairsOf<T>(each: readonly T[]): readonly (readonly [T, T])[] {
  return each.flatMap((holder) => each.map((consumer) => [holder, consumer] as const));
}

/** Every pair of rates. Time of day plays no part in it. */
export function bootBoundScopes(rates: Rates): readonly Partial<Scope>[] {
  return pairsOf(rates.permille).map(([holder, consumer]) => {
    const [first, second] = [holder, consumer].map((ratePermille) => ({ ratePermille, timeErrorUs: 0 }));
    const clocks = { rates, holder: first as HostClocks, consumer: second as HostClocks };
    return scopeWith(clocks, { timeBoundUs: 1_000_000, judgesExpiry: false });
  });
}

/**
 * How far a receiver may be off, and is: a whole instant. Two receivers that differ by two, and allow each other two more,
 * still have to meet within the 30 s in which an acceptance is confirmed, and within the reach of a renewal.
 */
export const OFFSET_US = 7_000_000;
const OFFSET_ROOM: Partial<Scope> = {
  instantUs: OFFSET_US,
  timeBoundUs: OFFSET_US,
  reachInstants: 5,
  deadlineInstants: 5,
  instants: 7,
  grantInstants: 20,
};

/** Each side's receiver early, true and late, at every pair of rates. */
export function expiryBoundScopes(rates: Rates): readonly Partial<Scope>[] {
  const offsets = pairsOf([-OFFSET_US, 0, OFFSET_US]);
  return pairsOf(rates.permille).flatMap(([holder, consumer]) =>
    offsets.map(([holderUs, consumerUs]) =>
      scopeWith(
        {
          rates,
          holder: { ratePermille: holder, timeErrorUs: holderUs },
          consumer: { ratePermille: consumer, timeErrorUs: consumerUs },
        },
        OFFSET_ROOM,
      ),
    ),
  );
}

type Pair = readonly [number, number];

/** Scopes whose holder and consumer have these clocks. */
export function hasClocks({
  rates,
  errors,
}: {
  readonly rates?: Pair;
  readonly errors?: Pair;
}): (scope: Partial<Scope>) => boolean {
  return ({ clocks = [] }) =>
    clocks.every(
      ({ ratePermille, timeErrorUs }, host) =>
        (rates === undefined || rates[host] === ratePermille) &&
        (errors === undefined || errors[host] === timeErrorUs),
    );
}

/** One host has everything that lets time pass early, the other all that lets it pass late. */
export function isFarthest(scope: Partial<Scope>): boolean {
  const [slow, , fast] = NINE_TEN_ELEVEN.permille;
  const isOff = scope.judgesExpiry !== false;
  const [early, late] = isOff ? [-OFFSET_US, OFFSET_US] : [0, 0];
  return (
    hasClocks({ rates: [slow, fast], errors: [early, late] })(scope) ||
    hasClocks({ rates: [fast, slow], errors: [late, early] })(scope)
  );
}
