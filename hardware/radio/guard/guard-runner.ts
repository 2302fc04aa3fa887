/** Performs what the guard decides: device calls, messages, wakes. The same in the guard program and in-process. */
import type { Clock } from "../../../src/ports/clock.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Device, DeviceState } from "../device.ts";
import { stepGuard } from "./guard.ts";
import { type GuardEffect, type GuardInput, type GuardLimits, newGuard, wakeBootUs } from "./guard-state.ts";
import type { GuardCapabilities, GuardMessage } from "./guard-wire.ts";

/** `slept` is true once after each suspend of the host, where the clock can tell. */
export type GuardClock = Clock & { slept?(): boolean };

export type GuardOutlets = {
  send(connection: number, message: GuardMessage): void;
  /** Ends a connection that the guard has no room for. */
  drop(connection: number): void;
  /** After `shutdown`: the device is silent. */
  stopped(): void;
};

export type GuardRunner = { take(input: GuardInput): void };

/** Starts with silencing the device. */
export function runGuard(
  limits: GuardLimits,
  device: Device,
  clock: GuardClock,
  outlets: GuardOutlets,
): GuardRunner {
  const guard = newGuard(limits, clock.read().bootUs);
  let wake: { readonly bootUs: number; readonly cancel: () => void } | null = null;
  const take = (input: GuardInput): void => {
    const { bootUs } = clock.read();
    if (clock.slept?.()) stepGuard(guard, { kind: "slept" }, bootUs).forEach(perform);
    stepGuard(guard, input, bootUs).forEach(perform);
    plan();
  };
  const plan = (): void => {
    const next = wakeBootUs(guard);
    if (next === (wake?.bootUs ?? null)) return;
    wake?.cancel();
    wake = next === null ? null : { bootUs: next, cancel: clock.at(next, woken) };
  };
  const woken = (): void => {
    wake = null;
    take({ kind: "tick" });
  };
  const settle = (token: number, call: Promise<DeviceState>): void => {
    call.then(
      (state) => take({ kind: "device", token, outcome: { ok: true, state } }),
      (error: unknown) => {
        // A device's trouble is an outcome; anything else is a programming error and ends the guard.
        if (!(error instanceof PortError)) throw error;
        take({ kind: "device", token, outcome: { ok: false, reason: `${error.code}: ${error.message}` } });
      },
    );
  };
  const perform = (effect: GuardEffect): void => {
    switch (effect.kind) {
      case "device-on":
        settle(effect.token, device.on(effect.order));
        break;
      case "device-off":
        settle(effect.token, device.off(effect.reason));
        break;
      case "device-feed":
        settle(effect.token, device.feed());
        break;
      case "device-read":
        settle(effect.token, device.readBack());
        break;
      case "send":
        outlets.send(effect.connection, effect.message);
        break;
      case "drop":
        outlets.drop(effect.connection);
        break;
      case "stopped":
        outlets.stopped();
        break;
    }
  };
  device.listen((event) => {
    if (event.kind === "found") take({ kind: "device-found" });
    else take({ kind: "device-lost", reason: event.reason });
  });
  take({ kind: "startup" });
  return { take };
}

/** What a guard may claim for `device`. `outlives`: the guard is a process of its own. */
export function guardCapabilities(device: Device, outlives: boolean): GuardCapabilities {
  const { model, simulated, lowestHz, highestHz, powerMaxCentiDbm, offLatencyUs, feedPeriodUs } =
    device.capabilities;
  const { spectrum, dutyCycles } = device.capabilities;
  return {
    ...(spectrum === undefined ? {} : { spectrum }),
    ...(dutyCycles === undefined ? {} : { dutyCycles }),
    model,
    simulated,
    lowestHz,
    highestHz,
    powerMaxCentiDbm,
    deadman: outlives && feedPeriodUs !== null ? "guard" : "none",
    // The guard may die an instant before a deadline: then the device's own feed period runs out.
    muteLatencyUs: offLatencyUs + (feedPeriodUs ?? 0),
  };
}
