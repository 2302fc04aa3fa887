/** Rolls the signing key of a profile's agent: its store and its TPM opened as the agent would, and closed again. */

import { contextOf, rollDeviceKey } from "../agent/device-keys.ts";
import type { Result } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import type { Surroundings } from "./compose.ts";
import { openStore, openTpm } from "./open-ports.ts";

/** PortError `store-locked` while the agent runs. What `rollKey` refuses leaves log and keys as they were. */
export async function rotateDeviceKey(
  profile: AgentProfile,
  { clock, entropy, log, primitives, pack }: Surroundings,
  graceUs: number,
): Promise<Result<RecordOf<"key-rotation">>> {
  const store = await openStore(profile.statePath, entropy);
  try {
    const context = { clock, entropy, log };
    const open = (nth: number) => openTpm(profile, contextOf(context, nth));
    const acceptedUntilUs = graceUs === 0 ? 0 : clock.read().wallUs + graceUs;
    return await rollDeviceKey({ store, open, acceptedUntilUs, primitives, pack });
  } finally {
    await store.close();
  }
}
