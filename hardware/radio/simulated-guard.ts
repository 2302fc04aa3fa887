/**
 * A guard with its transmitter, both simulated, on one clock: as the guard program it outlives the process that uses
 * it, and mutes when that one's connection ends or its heartbeat stops. For worlds on virtual time.
 */
import type { Clock } from "../../src/ports/clock.ts";
import type { DriverContext } from "../../src/ports/driver.ts";
import type { Radio, RadioEvent } from "../../src/ports/radio.ts";
import type { Ether } from "../world/ether.ts";
import { guardCapabilities, runGuard } from "./guard/guard-runner.ts";
import { openSession } from "./guard-session.ts";
import { type LocalLine, localChannel } from "./local-channel.ts";
import { type RadioFaults, radioFaults } from "./radio-faults.ts";
import { type SimulatedDeviceOptions, simulatedDevice } from "./simulated-device.ts";

export type SimulatedGuardOptions = SimulatedDeviceOptions & {
  /** Silence of the owner that mutes, µs. */
  readonly heartbeatUs: number;
};

export type GuardConnection = {
  readonly radio: Radio;
  /** What the end of the process is to the guard. */
  drop(): void;
};

export type SimulatedGuard = {
  readonly faults: RadioFaults;
  connect(context: DriverContext): Promise<GuardConnection>;
  /** The host's power is gone: the device lets go of its emitter. */
  close(): Promise<void>;
};

/** Heartbeats in each period after which the guard would mute. */
const BEATS_A_PERIOD = 3;

export async function simulatedGuard(
  ether: Ether,
  clock: Clock,
  options: SimulatedGuardOptions,
): Promise<SimulatedGuard> {
  const faults = radioFaults();
  const device = await simulatedDevice(ether, clock, options, faults);
  const lines = new Map<number, LocalLine>();
  const limits = {
    capabilities: guardCapabilities(device, true),
    run: "0",
    heartbeatUs: options.heartbeatUs,
    feedPeriodUs: device.capabilities.feedPeriodUs,
    lookUs: null,
    gapUs: 0,
  };
  const runner = runGuard(limits, device, clock, {
    send: (connection, message) => lines.get(connection)?.deliver(message),
    drop: (connection) => void lines.delete(connection),
    stopped: () => {},
  });
  let connections = 0;

  async function connect({ clock: own }: DriverContext): Promise<GuardConnection> {
    connections += 1;
    const connection = connections;
    const listeners = new Set<(event: RadioEvent) => void>();
    const { channel, line, lose } = localChannel((id, command) =>
      runner.take({ kind: "command", connection, id, command }),
    );
    lines.set(connection, line);
    runner.take({ kind: "connected", connection });
    const drop = (): void => {
      lose();
      if (lines.delete(connection)) runner.take({ kind: "closed", connection });
    };
    const session = await openSession(channel, own, (event) => {
      for (const listener of listeners) listener(event);
    });
    const beat = (): void => {
      if (!lines.has(connection)) return;
      session.heartbeat().catch(() => {});
      own.at(own.read().bootUs + Math.floor(options.heartbeatUs / BEATS_A_PERIOD), beat);
    };
    beat();
    const radio: Radio = {
      ...session,
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async close() {
        await session.mute().catch(() => {});
        drop();
      },
    };
    return { radio, drop };
  }

  return { faults, connect, close: () => device.close() };
}
