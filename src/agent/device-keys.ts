/** Which of a device's keys is at work: for a new lineage with the key after it made, too, and rolled to the next one. */
import type { Primitives } from "../core/base/primitives.ts";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import { keyId } from "../core/record/identity.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";
import { keyGeneration } from "./key-generation.ts";
import { ownKey } from "./open-agent.ts";
import { rollKey } from "./roll-key.ts";

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

export type RollDeviceParts = {
  readonly store: Store;
  readonly open: OpenGeneration;
  /** See RollParts. */
  readonly acceptedUntilUs: number;
  readonly primitives: Primitives;
  readonly pack: PackEnvelope;
};

/** From the key that the log goes on with to the one after it. What `rollKey` refuses leaves log and keys as they were. */
export async function rollDeviceKey(parts: RollDeviceParts): Promise<Result<RecordOf<"key-rotation">>> {
  const { store, open, primitives } = parts;
  const generation = await keyGeneration({ frames: () => store.frames() });
  if (generation === null) {
    const measured = { tail: store.tail.kind, quarantine: false, begun: false };
    const required = { tail: "clean", quarantine: false, begun: true };
    return refuse(rejection("rotation-unclean", "log", measured, required));
  }
  const nextKeyHash = await keyIdOf(await open(generation + 2), primitives);
  const tpm = await open(generation + 1);
  try {
    return await rollKey({ ...parts, signer: tpm.signer, key: ownKey(tpm), nextKeyHash });
  } finally {
    await tpm.close();
  }
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
