/** Time of a small scope: instants of true time, and boot clocks that run at rates of their own. */

export const SCENE_BEGAN_US = 1_800_000_000_000_000;
/** The first boot of every host: its clock is far from what it reads after a reboot. */
const BOOTED_BEFORE_US = 1_000_000_000;

/** How a host's clocks differ from the truth. */
export type HostClocks = {
  /** Parts per thousand that its boot clock runs at: 1000 is true. */
  readonly ratePermille: number;
  /** Of its receiver, within the bound that it states. */
  readonly timeErrorUs: number;
};

export const TRUE_CLOCKS: HostClocks = { ratePermille: 1_000, timeErrorUs: 0 };

export type Boot = { readonly number: number; readonly bootedUs: number };

export const FIRST_BOOT: Boot = { number: 1, bootedUs: SCENE_BEGAN_US - BOOTED_BEFORE_US };

export function bootUsAt({ bootedUs }: Boot, { ratePermille }: HostClocks, trueUs: number): number {
  return Math.floor(((trueUs - bootedUs) * ratePermille) / 1_000);
}

/** The first true instant at which the boot clock reads at least `bootUs`. */
export function trueUsAt({ bootedUs }: Boot, { ratePermille }: HostClocks, bootUs: number): number {
  return bootedUs + Math.ceil((bootUs * 1_000) / ratePermille);
}
