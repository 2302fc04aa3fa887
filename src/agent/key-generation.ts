/** Which of a device's signing keys a log goes on with: as many were replaced as it has rotations of its own (PROTOCOL §2). */
import { readEnvelope } from "../core/wire/envelope.ts";
import type { Store } from "../ports/store.ts";

/** Null for a log that has not begun. What does not read back is for the fold to tell. */
export async function keyGeneration({ frames }: Pick<Store, "frames">): Promise<number | null> {
  let generation: number | null = null;
  for await (const { kind, bytes } of frames()) {
    if (kind !== "own") continue;
    generation ??= 0;
    const envelope = readEnvelope(bytes);
    if (envelope.ok && envelope.value.kind === "key-rotation") generation += 1;
  }
  return generation;
}
