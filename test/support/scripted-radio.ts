/** A transmitter behind a guard that outlives the agent: orders take effect in order, the deadline mutes by itself. */

import type { Effect } from "../../src/core/agent/effect.ts";
import type { RadioReport } from "../../src/core/agent/input.ts";
import { equalBytes } from "../../src/core/base/bytes.ts";
import type { Agenda, HostClock } from "./virtual-clock.ts";

export type Transmission = {
  readonly artifact: Uint8Array;
  readonly actuation: Uint8Array;
  readonly fromUs: number;
  /** Null while RF is on. */
  untilUs: number | null;
};

export type RadioScript = {
  /** From the order to RF on, and to silence. */
  readonly armUs: number;
  readonly muteUs: number;
  /** What arming comes to: on as ordered, on with another emission, refused, or no answer at all. */
  arming: "on" | "differs" | "fails" | "silent";
};

export type ScriptedRadio = {
  readonly script: RadioScript;
  readonly transmissions: Transmission[];
  isOn(): boolean;
  order(effect: Extract<Effect, { kind: "arm" | "extend" | "mute" }>): void;
  /** The host went down: RF with it. */
  powerOff(): void;
  /** The agent is gone: the guard keeps its deadline, nobody hears it. */
  disconnect(): void;
  connect(clock: HostClock, take: (report: RadioReport) => void): void;
};

export function scriptedRadio(timeline: Agenda, script: RadioScript): ScriptedRadio {
  const transmissions: Transmission[] = [];
  let clock: HostClock | null = null;
  let take: ((report: RadioReport) => void) | null = null;
  let on: { artifact: Uint8Array; actuation: Uint8Array; deadlineBootUs: number; power: number } | null =
    null;
  let power = 0;
  // Orders of one connection act one after another.
  let busyUntilUs = 0;

  function silence(): void {
    const last = transmissions.at(-1);
    if (on !== null && last !== undefined) last.untilUs = timeline.nowUs();
    on = null;
  }

  function watchDeadline(): void {
    const watched = on;
    if (watched === null || clock === null) return;
    timeline.at(clock.trueUsAt(watched.deadlineBootUs), () => {
      if (on !== watched || clock === null || watched.power !== power) return;
      if (clock.bootUsAt(timeline.nowUs()) < watched.deadlineBootUs) {
        watchDeadline();
        return;
      }
      timeline.at(timeline.nowUs() + script.muteUs, () => {
        if (on !== watched || watched.power !== power) return;
        silence();
        report({ kind: "muted", mutedBootUs: bootUs(), latencyUs: null, reason: "deadline" });
      });
    });
  }

  function bootUs(): number {
    return clock?.bootUsAt(timeline.nowUs()) ?? 0;
  }

  function report(what: RadioReport): void {
    take?.(what);
  }

  function later(us: number, act: () => void): void {
    const [mine, at] = [power, Math.max(timeline.nowUs(), busyUntilUs) + us];
    busyUntilUs = at;
    timeline.at(at, () => {
      if (mine === power) act();
    });
  }

  return {
    script,
    transmissions,
    isOn: () => on !== null,
    order(effect) {
      const heard = take;
      if (effect.kind === "mute") {
        const orderedUs = timeline.nowUs();
        later(script.muteUs, () => {
          silence();
          const latencyUs = timeline.nowUs() - orderedUs;
          if (heard === take)
            report({ kind: "muted", mutedBootUs: bootUs(), latencyUs, reason: effect.reason });
        });
        return;
      }
      if (effect.kind === "extend") {
        if (on === null || !equalBytes(on.artifact, effect.artifact)) return;
        on.deadlineBootUs = Math.max(on.deadlineBootUs, effect.deadlineBootUs);
        return;
      }
      const { artifact, actuation, deadlineBootUs } = effect;
      later(script.armUs, () => {
        // A closed connection's unread orders are gone.
        if (heard !== take || script.arming === "silent") return;
        if (script.arming === "fails" || deadlineBootUs <= bootUs()) {
          const code = script.arming === "fails" ? "radio-fault" : "radio-deadline-passed";
          report({ kind: "failed", artifact, actuation, bootUs: bootUs(), code });
          return;
        }
        silence();
        on = { artifact, actuation, deadlineBootUs, power };
        transmissions.push({ artifact, actuation, fromUs: timeline.nowUs(), untilUs: null });
        watchDeadline();
        const matches = script.arming === "on";
        report({ kind: "on", artifact, actuation, bootUs: bootUs(), matches });
      });
    },
    powerOff() {
      silence();
      power += 1;
      busyUntilUs = 0;
      take = null;
    },
    disconnect() {
      take = null;
    },
    connect(newClock, newTake) {
      clock = newClock;
      take = newTake;
    },
  };
}
