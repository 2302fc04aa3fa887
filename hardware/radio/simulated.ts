/**
 * A simulated radio inside the agent's own process, with the guard's own core. Honest about what that is worth:
 * when the process hangs nobody mutes, so `deadman` is `none` and it is for the bench and for simulations only.
 */

import type { OpenDriver, OptionValues } from "../../src/ports/driver.ts";
import type { Radio, RadioEvent } from "../../src/ports/radio.ts";
import { createEther, type Ether } from "../world/ether.ts";
import { memoryTransmitLog } from "../world/transmit-log.ts";
import { guardCapabilities, runGuard } from "./guard/guard-runner.ts";
import { openSession } from "./guard-session.ts";
import { localChannel } from "./local-channel.ts";
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
    const local = localChannel((id, command) => runner.take({ kind: "command", connection: 1, id, command }));
    const runner = runGuard(limits, device, clock, {
      send: (_, message) => local.line.deliver(message),
      drop: () => {},
      stopped: () => {},
    });
    runner.take({ kind: "connected", connection: 1 });
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
          local.lose();
          await device.close();
        })();
        return closing;
      },
    };
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
