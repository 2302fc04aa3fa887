/** Events of mesh, receiver and radio become inputs, and reasons for not being ready. */
import type { Input } from "../core/agent/input.ts";
import type { GnssEvent } from "../ports/gnss.ts";
import type { MeshEvent } from "../ports/mesh.ts";
import type { RadioEvent } from "../ports/radio.ts";
import type { AgentPorts } from "./agent-ports.ts";
import type { Health } from "./health.ts";

export type PortEventParts = {
  readonly ports: Pick<AgentPorts, "mesh" | "gnss" | "radio">;
  readonly health: Health;
  readonly take: (input: Input) => void;
  readonly followPlace: () => void;
  /** Why the agent has no time or no place of its own, or null. */
  readonly notAssured: () => string | null;
};

/** The result ends all listening. */
export function listenToPorts(parts: PortEventParts): () => void {
  const { ports, health, take, followPlace, notAssured } = parts;

  function onMesh(event: MeshEvent): void {
    if (event.kind === "message") take({ kind: "message", bytes: event.message.bytes });
    else if (event.kind === "down") health.set("mesh", event.reason);
    else {
      health.set("mesh", null);
      take({ kind: "mesh-up" });
    }
  }

  function onGnss(event: GnssEvent): void {
    if (event.kind === "found") return;
    if (event.kind === "lost") {
      health.set("gnss", event.reason);
      take({ kind: "gnss-lost", reason: event.reason });
      return;
    }
    const { mode } = event.fix;
    take({ kind: "fix", fix: event.fix });
    // A receiver that speaks may still say nothing that is admitted.
    health.set("gnss", mode >= 2 ? notAssured() : `mode ${mode}: no fix`);
    followPlace();
  }

  function onRadio(event: RadioEvent): void {
    if (event.kind !== "muted") {
      health.set("radio", event.kind === "lost" ? event.reason : null);
      return;
    }
    const { mutedBootUs, reason } = event;
    take({ kind: "radio", report: { kind: "muted", mutedBootUs, latencyUs: null, reason } });
  }

  health.set("gnss", "no fix yet");
  const stops = [ports.mesh.listen(onMesh), ports.gnss.listen(onGnss), ports.radio?.listen(onRadio)];
  return () => {
    for (const stop of stops) stop?.();
  };
}
