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

/** Records declare at most one part in a hundred: so the rates are 99, 100 and 101 to 100. */
const RATES = [990, 1_000, 1_010] as const;
const DRIFT_PPM = 10_000;
/** How far a receiver may be off, and is. */
const OFFSET_US = 1_000_000;

const alone: Partial<Scope> = {
  ...lapsing,
  adverse: 1,
  adverseKinds: ["reboot"],
  instants: 4,
  muteLatencyUs: 10_000,
  driftPpm: DRIFT_PPM,
  timeBoundUs: OFFSET_US,
  judgesAgreement: false,
};

function scopeWith(holder: HostClocks, consumer: HostClocks, judgesExpiry: boolean): Partial<Scope> {
  const said = [holder, consumer].map(
    ({ ratePermille, timeErrorUs }) => `${ratePermille}, ${timeErrorUs} us`,
  );
  return { ...alone, name: `clocks ${said.join(" and ")}`, clocks: [holder, consumer], judgesExpiry };
}

const RATE_PAIRS: readonly (readonly [number, number])[] = RATES.flatMap((holder) =>
  RATES.map((consumer) => [holder, consumer] as const),
);

/** Time of day plays no part in it. */
export const bootBoundScopes: readonly Partial<Scope>[] = RATE_PAIRS.map(([holder, consumer]) =>
  scopeWith({ ratePermille: holder, timeErrorUs: 0 }, { ratePermille: consumer, timeErrorUs: 0 }, false),
);

const OFFSETS = [-OFFSET_US, 0, OFFSET_US] as const;

/** Each side's receiver early, true and late, at every pair of rates. */
export const expiryBoundScopes: readonly Partial<Scope>[] = RATE_PAIRS.flatMap(([holder, consumer]) =>
  OFFSETS.flatMap((holderUs) =>
    OFFSETS.map((consumerUs) =>
      scopeWith(
        { ratePermille: holder, timeErrorUs: holderUs },
        { ratePermille: consumer, timeErrorUs: consumerUs },
        true,
      ),
    ),
  ),
);
