/**
 * A simulated radio inside the agent's own process, with the guard's own core. Honest about what that is worth:
 * when the process hangs nobody mutes, so `deadman` is `none` and it is for the bench and for simulations only.
 */

import type { OpenDriver, OptionValues } from "../../src/ports/driver.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Radio, RadioEvent } from "../../src/ports/radio.ts";
import { createEther, type Ether } from "../world/ether.ts";
import { memoryTransmitLog } from "../world/transmit-log.ts";
import { guardCapabilities, runGuard } from "./guard/guard-runner.ts";
import type { GuardEvent, GuardMessage, GuardResult } from "./guard/guard-wire.ts";
import { type GuardChannel, openSession } from "./guard-session.ts";
import type { RadioFaults } from "./radio-faults.ts";
import {
  emitterOption,
  SIMULATED_DEFAULTS,
  simulatedDevice,
  transmitterOptions,
} from "./simulated-device.ts";

/** What a demo or a simulation shares between its radios; alone, a radio has an ether of its own. */
export type SimulatedBindings = { readonly ether?: Ether; readonly faults?: RadioFaults };

/** Silence is near at hand in one process; the measured bound that it declares unless told otherwise, µs. */
const MUTE_LATENCY_US = 50_000;

export const openSimulatedRadio: OpenDriver<Radio> = simulatedRadio({});

/** The driver bound to a shared ether and to faults on somebody's timeline. */
export function simulatedRadio(bindings: SimulatedBindings): OpenDriver<Radio> {
  return async (context, options) => {
    const { clock, log } = context;
    const ether = bindings.ether ?? createEther(clock, memoryTransmitLog());
    const device = await simulatedDevice(ether, clock, deviceOptions(options), bindings.faults);
    const limits = {
      capabilities: guardCapabilities(device, false),
      run: "0",
      heartbeatUs: null,
      feedPeriodUs: device.capabilities.feedPeriodUs,
      lookUs: null,
      gapUs: 0,
    };
    const listeners = new Set<(event: RadioEvent) => void>();
    const local = localChannel();
    const runner = runGuard(limits, device, clock, {
      send: (_, message) => local.deliver(message),
      drop: () => {},
      stopped: () => {},
    });
    runner.take({ kind: "connected", connection: 1 });
    local.open((id, command) => runner.take({ kind: "command", connection: 1, id, command }));
    const session = await openSession(local.channel, clock, (event) => {
      for (const listener of listeners) listener(event);
    });
    // The device is silenced at the start, as by every guard; orders before that is done would be superseded.
    await session.mute();
    let closing: Promise<void> | null = null;
    return {
      capabilities: session.capabilities,
      arm: session.arm,
      extend: session.extend,
      async mute() {
        const muted = await session.mute();
        if (muted.latencyUs > session.capabilities.muteLatencyUs) {
          log.warn("radio.mute-slower-than-declared", { latencyUs: muted.latencyUs });
        }
        return muted;
      },
      readBack: session.readBack,
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close() {
        closing ??= (async () => {
          await session.mute().catch(() => {});
          local.shut();
          await device.close();
        })();
        return closing;
      },
    };
  };
}

type Waiting = { readonly done: (result: GuardResult) => void; readonly failed: (error: PortError) => void };

function localChannel(): {
  readonly channel: GuardChannel;
  open(order: (id: number, command: Parameters<GuardChannel["request"]>[0]) => void): void;
  deliver(message: GuardMessage): void;
  shut(): void;
} {
  const waiting = new Map<number, Waiting>();
  let order: ((id: number, command: Parameters<GuardChannel["request"]>[0]) => void) | null = null;
  let listener: (event: GuardEvent) => void = () => {};
  let nextId = 1;
  return {
    open(deliverOrder) {
      order = deliverOrder;
    },
    shut() {
      order = null;
    },
    deliver(message) {
      if ("event" in message) {
        listener(message.event);
        return;
      }
      const one = waiting.get(message.id);
      waiting.delete(message.id);
      if ("result" in message) one?.done(message.result);
      else {
        const { code, message: text, retryable } = message.refused;
        one?.failed(new PortError("radio", code, text, retryable));
      }
    },
    channel: {
      listen(heard) {
        listener = heard;
      },
      request(command) {
        return new Promise((done, failed) => {
          if (order === null) {
            failed(new PortError("radio", "radio-lost", "the radio was closed", false));
            return;
          }
          const id = nextId++;
          waiting.set(id, { done, failed });
          order(id, command);
        });
      },
    },
  };
}

function deviceOptions(options: OptionValues): Parameters<typeof simulatedDevice>[2] {
  return {
    ...SIMULATED_DEFAULTS,
    ...transmitterOptions(options),
    emitter: emitterOption(options),
    feedPeriodUs: null,
    offLatencyUs: (options["mute-latency"] as number | undefined) ?? MUTE_LATENCY_US,
  };
}
