/** Rolls the signing key of a profile's agent: its store and its TPM opened as the agent would, and closed again. */
import { keyGeneration } from "../agent/key-generation.ts";
import { ownKey } from "../agent/open-agent.ts";
import { rollKey } from "../agent/roll-key.ts";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import type { Surroundings } from "./compose.ts";
import { contextOf, keyIdOf } from "./device-keys.ts";
import { openStore, openTpm } from "./open-ports.ts";

/** PortError `store-locked` while the agent runs. What `rollKey` refuses leaves log and keys as they were. */
export async function rotateDeviceKey(
  profile: AgentProfile,
  { clock, entropy, log, primitives, pack }: Surroundings,
  graceUs: number,
): Promise<Result<RecordOf<"key-rotation">>> {
  const store = await openStore(profile.statePath, entropy);
  try {
    const generation = await keyGeneration({ frames: () => store.frames() });
    if (generation === null) {
      const measured = { tail: store.tail.kind, quarantine: false, begun: false };
      const required = { tail: "clean", quarantine: false, begun: true };
      return refuse(rejection("rotation-unclean", "log", measured, required));
    }
    const context = { clock, entropy, log };
    const open = (nth: number) => openTpm(profile, contextOf(context, nth));
    const nextKeyHash = await keyIdOf(await open(generation + 2), primitives);
    const tpm = await open(generation + 1);
    try {
      const { signer } = tpm;
      const acceptedUntilUs = graceUs === 0 ? 0 : clock.read().wallUs + graceUs;
      const key = ownKey(tpm);
      return await rollKey({ store, signer, key, nextKeyHash, acceptedUntilUs, primitives, pack });
    } finally {
      await tpm.close();
    }
  } finally {
    await store.close();
  }
}
