/** One thing that can go wrong in a simulated world: it strikes, lasts, and is mended by somebody in the end. */
import type { Chance } from "../chance.ts";
import type { SimWorld } from "../drivers.ts";
import type { FaultCounts } from "../fault-counts.ts";
import type { Host } from "../host.ts";
import type { Licensing } from "../licensing.ts";
import type { MeshWeather } from "../mesh-weather.ts";
import type { Timeline } from "../timeline.ts";
import type { FaultName } from "./fault-names.ts";

export type Fault = {
  readonly name: FaultName;
  /** Of all weights. */
  readonly weight: number;
  /** The result mends it; null where nothing is to be mended, "in-vain" where nothing happened. */
  strike(host: Host): (() => void) | null | "in-vain";
};

/** What invariants have to know of faults that no honest host can see through. */
export type Harm = {
  /** For `forUs` from now on this host cannot tell time or place from a lie. */
  misled(host: Host, forUs: number): void;
  /** For `forUs` from now on this host's oscillator is farther off than it declares. */
  offSpeed(host: Host, forUs: number): void;
  /** What this host's disk had acknowledged may be gone: its next reading of the log tells. */
  forgetful(host: Host): void;
};

export type FaultParts = {
  readonly hosts: readonly Host[];
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly weather: MeshWeather;
  readonly licensing: Licensing;
  readonly harm: Harm;
  readonly counts: FaultCounts;
};

/** Longest that one fault lasts, µs. */
export const LASTS_US_MAX = 20_000_000;
