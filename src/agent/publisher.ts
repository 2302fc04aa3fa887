/** Performs publish and want on the mesh. Failures only show in the health: the outbox is derived from the log. */
import type { Effect } from "../core/agent/effect.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import { writeWant } from "../core/wire/want.ts";
import type { Mesh } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import type { Health } from "./health.ts";
import { topicOf } from "./routes.ts";

type MeshEffect = Extract<Effect, { readonly kind: "publish" | "want" }>;

export type PublisherParts = {
  readonly mesh: Mesh;
  readonly pack: PackEnvelope;
  readonly health: Health;
  readonly failpoints: Failpoints;
  readonly lineage: Uint8Array;
  /** Cell that broadcast records are published in. */
  readonly cell: () => string;
};

export function publisher(parts: PublisherParts): (effect: MeshEffect) => void {
  const { mesh, pack, health, failpoints, lineage, cell } = parts;

  async function publish(topic: string, bytes: Uint8Array, retain: boolean): Promise<void> {
    await failpoint(failpoints, "before-publish");
    try {
      await mesh.publish({ topic, bytes, retain });
      health.set("mesh", null);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("mesh", `${error.code}: ${error.message}`);
    }
  }

  return (effect) => {
    if (effect.kind === "want") {
      const topic = topicOf({ to: "agent", lineage: effect.lineage }, lineage, cell());
      void publish(topic, writeWant({ lineage, ids: effect.ids }), false);
      return;
    }
    const { route, record } = effect;
    void publish(topicOf(route, lineage, cell()), pack(record.envelope), route.to !== "agent");
  };
}
