/** A simulated host's session keys: another one each time, whatever stream the process draws from. */
import type { SessionKeys } from "../ports/session-keys.ts";
import type { SimWorld } from "./drivers.ts";

export type HostSessionKeys = {
  readonly next: SessionKeys;
};

export function hostSessionKeys(world: Pick<SimWorld, "signer">, host: string): HostSessionKeys {
  let made = 0;
  return {
    next() {
      made += 1;
      return world.signer(`session key ${made} of ${host}`);
    },
  };
}
