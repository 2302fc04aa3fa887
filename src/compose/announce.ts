/** Has a broker keep what an authority announces: the one thing that an authority does at a mesh. */
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import type { Announcement } from "../authority/announcements.ts";
import { PortError } from "../ports/port-error.ts";
import type { MeshProfile } from "../profile/agent-profile.ts";
import { systemSurroundings } from "./compose.ts";
import { isUp } from "./mesh-up.ts";
import { openMesh } from "./open-ports.ts";

export type BrokerPlace = Pick<MeshProfile, "url" | "caPath" | "certPath" | "keyPath">;

const UP_WITHIN_US = 10_000_000;

/**
 * Resolves when the broker has taken each of them (QoS 1), in order; who listens by then has been sent it, who comes later
 * gets it from the broker. Rejects with PortError `mesh-down` where no broker answers within ten seconds.
 */
export async function announce(
  lineage: Uint8Array,
  all: readonly Announcement[],
  broker: BrokerPlace,
): Promise<void> {
  const around = systemSurroundings("error");
  const pack = msgpackrEnvelope();
  const mesh = await openMesh(
    { mesh: { ...broker, driver: "mqtt", rangeRings: 0, isEnrolled: false } },
    around,
    lineage,
  );
  try {
    if (!(await isUp(mesh, around.clock, UP_WITHIN_US)))
      throw new PortError("mesh", "mesh-down", `no broker answers at ${broker.url}`, true);
    for (const { topic, record } of all) {
      const bytes = record === null ? new Uint8Array(0) : pack(record.envelope);
      await mesh.publish({ topic, bytes, retain: true });
    }
  } finally {
    await mesh.close();
  }
}
