/** Performs arm, extend and mute on the radio port; muting overtakes whatever is under way (PROTOCOL §6). */
import type { Effect } from "../core/agent/effect.ts";
import type { Input } from "../core/agent/input.ts";
import { sameDutyCycles } from "../core/commodity/duty-cycle.ts";
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Radio, ReadBack } from "../ports/radio.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import type { Health } from "./health.ts";

type RadioEffect = Extract<Effect, { readonly kind: "arm" | "extend" | "mute" }>;
type Arm = Extract<Effect, { readonly kind: "arm" }>;

export type RadioPerformerParts = {
  readonly radio: Radio | null;
  readonly clock: Clock;
  readonly failpoints: Failpoints;
  readonly health: Health;
  readonly take: (input: Input) => void;
};

export function radioPerformer(parts: RadioPerformerParts): (effect: RadioEffect) => void {
  const { radio, clock, failpoints, health, take } = parts;
  if (radio === null) {
    return (effect) => {
      if (effect.kind === "mute") reportMuted(clock.read().bootUs, null, effect.reason);
    };
  }

  function reportMuted(mutedBootUs: number, latencyUs: number | null, reason: string): void {
    // Later than this turn: an agent is never stepped from inside its own effects.
    queueMicrotask(() => take({ kind: "radio", report: { kind: "muted", mutedBootUs, latencyUs, reason } }));
  }

  async function arm(port: Radio, effect: Arm): Promise<void> {
    const { artifact, actuation, emission, deadlineBootUs } = effect;
    try {
      await failpoint(failpoints, "before-arm");
      const readBack = await port.arm({ lease: artifact, cause: actuation, deadlineBootUs, emission });
      await failpoint(failpoints, "armed");
      health.set("radio", null);
      const { readBootUs: bootUs } = readBack;
      take({
        kind: "radio",
        report: { kind: "on", artifact, actuation, bootUs, matches: matches(readBack, effect) },
      });
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      unfit(health, error);
      const { bootUs } = clock.read();
      take({ kind: "radio", report: { kind: "failed", artifact, actuation, bootUs, code: error.code } });
    }
  }

  async function extend(port: Radio, lease: Uint8Array, deadlineBootUs: number): Promise<void> {
    try {
      await failpoint(failpoints, "before-extend");
      await port.extend({ lease, deadlineBootUs });
    } catch (error) {
      // The guard has muted or will, by the deadline that it holds; its event tells.
      if (!(error instanceof PortError)) throw error;
      unfit(health, error);
    }
  }

  async function mute(port: Radio, reason: string): Promise<void> {
    try {
      const { mutedBootUs, latencyUs } = await port.mute();
      reportMuted(mutedBootUs, latencyUs, reason);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      health.set("radio", `${error.code}: ${error.message}`);
      clock.at(clock.read().bootUs + MUTE_AGAIN_US, () => void mute(port, reason));
    }
  }

  return (effect) => {
    switch (effect.kind) {
      case "arm":
        void arm(radio, effect);
        return;
      case "extend":
        void extend(radio, effect.artifact, effect.deadlineBootUs);
        return;
      case "mute":
        void mute(radio, effect.reason);
        return;
    }
  };
}

/** What a mute overtook is no fault: the radio did what it was told last. */
function unfit(health: Health, { code, message }: PortError): void {
  if (code !== "radio-superseded") health.set("radio", `${code}: ${message}`);
}

/** Silence that could not be established is asked for until it is. */
const MUTE_AGAIN_US = 200_000;

function matches({ on, emission }: ReadBack, { emission: intended }: Arm): boolean {
  return (
    on &&
    emission !== null &&
    emission.lowerHz === intended.lowerHz &&
    emission.upperHz === intended.upperHz &&
    emission.eirpCentiDbm <= intended.eirpCentiDbm &&
    sameDutyCycles(emission.dutyCycles, intended.dutyCycles)
  );
}
