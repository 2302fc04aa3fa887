/** A TPM opened with the signing key that its log goes on with; for a new lineage with the key after it made, too. */
import { keyGeneration } from "../agent/key-generation.ts";
import { ownKey } from "../agent/open-agent.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { keyId } from "../core/record/identity.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";

export type OpenGeneration = (generation: number) => Promise<Tpm>;

export type DeviceKeys = {
  readonly tpm: Tpm;
  /** What a new lineage commits to; absent where one stands. */
  readonly nextKeyHash?: Uint8Array;
};

export async function deviceKeys(
  store: Store,
  open: OpenGeneration,
  primitives: Primitives,
): Promise<DeviceKeys> {
  const generation = await keyGeneration({ frames: () => store.frames() });
  if (generation !== null) return { tpm: await open(generation) };
  // Made before the first one is used, and only looked at: a TPM may talk to one process at a time.
  const nextKeyHash = await keyIdOf(await open(1), primitives);
  return { tpm: await open(0), nextKeyHash };
}

/** Closes it: a key that is to come signs nothing yet. */
export async function keyIdOf(tpm: Tpm, { sha256 }: Primitives): Promise<Uint8Array> {
  try {
    const { suite, publicKey } = ownKey(tpm);
    return keyId(suite, publicKey, sha256);
  } finally {
    await tpm.close();
  }
}

export function contextOf(context: DriverContext, generation: number): DriverContext {
  return { ...context, keyGeneration: generation };
}
