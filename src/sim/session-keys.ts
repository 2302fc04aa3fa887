/** A simulated host's session keys: another one each time, whatever stream the process draws from. */
import type { SessionKeys } from "../ports/session-keys.ts";
import type { Signer } from "../ports/signatures.ts";
import type { SimWorld } from "./drivers.ts";

export type HostSessionKeys = {
  readonly next: SessionKeys;
  /** The one that was made last: what a thief reads in the memory of the process; null before the first. */
  latest(): Signer | null;
};

export function hostSessionKeys(world: Pick<SimWorld, "signer">, host: string): HostSessionKeys {
  let made = 0;
  let latest: Signer | null = null;
  return {
    next() {
      made += 1;
      latest = world.signer(`session key ${made} of ${host}`);
      return latest;
    },
    latest: () => latest,
  };
}
