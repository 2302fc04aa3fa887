/**
 * The guard program: owns one transmitter and silences it whatever becomes of the agent (PROTOCOL §6).
 *
 *   node dist/hardware/radio/guard/main.js --socket PATH --device ID [--option NAME=VALUE]…
 *        [--heartbeat-us N] [--exit-with-stdin]
 *
 * Prints `ready PATH` when sessions may connect. SIGTERM and SIGINT mute, then exit 0; an uncaught error mutes,
 * then exits 70. Exit 5: no device. Exit 75: another guard serves the socket. Exit 78: wrong arguments.
 *
 * Before a suspend it is told to be silent by `mute-main`, which systemd/spectrum-sleep.service runs before
 * sleep.target. Without that unit the host may stop between two instructions; what holds then: a device with a feed
 * period of its own falls silent unless it sleeps as well, and on resume the guard mutes before it does anything else.
 */
import { parseArgs } from "node:util";
import { PortError } from "../../../src/ports/port-error.ts";
import type { Device, DeviceOptions } from "../device.ts";
import { bootClock } from "./boot-clock.ts";
import { guardDevices } from "./devices.ts";
import { dieSilent } from "./die-silent.ts";
import { guardCapabilities, runGuard } from "./guard-runner.ts";
import { guardServer } from "./guard-server.ts";

/** Silence of the owning session that mutes unless the caller says otherwise, µs. */
const HEARTBEAT_US = 2_000_000;
const LOOK_US = 100_000;
/** A gap between two looks that means that the host or the guard stood still, µs. */
const GAP_US = 1_000_000;
/** How long an orderly end may take, µs. */
const SHUTDOWN_US_MAX = 3_000_000;

type Arguments = {
  readonly socket: string;
  readonly device: string;
  readonly options: DeviceOptions;
  readonly heartbeatUs: number;
  readonly exitWithStdin: boolean;
};

// Nobody reads along any more when the agent is gone: no reason to stop guarding.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}`);
  process.exit(exitCode(error));
}

async function main(given: Arguments): Promise<void> {
  const clock = bootClock();
  const device = await openDevice(given, clock);
  dieSilent(process, device, (code) => process.exit(code), say);
  const { feedPeriodUs } = device.capabilities;
  const server = guardServer();
  const limits = {
    capabilities: guardCapabilities(device, true),
    run: `${process.pid}.${clock.read().bootUs}`,
    heartbeatUs: given.heartbeatUs,
    feedPeriodUs,
    lookUs: LOOK_US,
    gapUs: GAP_US,
  };
  const runner = runGuard(limits, device, clock, {
    ...server.outlets,
    stopped() {
      server.close();
      void device.close().finally(() => process.exit(0));
    },
  });
  const stop = (): void => {
    runner.take({ kind: "shutdown" });
    clock.at(clock.read().bootUs + SHUTDOWN_US_MAX, () => process.exit(1));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (given.exitWithStdin) process.stdin.on("end", stop).on("error", stop).resume();
  await server.listen(given.socket, runner);
  process.stdout.write(`ready ${given.socket}\n`);
}

async function openDevice(given: Arguments, clock: ReturnType<typeof bootClock>): Promise<Device> {
  const entry = guardDevices.find(({ id }) => id === given.device);
  if (entry === undefined) {
    throw new Error(`no device ${given.device}; known: ${guardDevices.map(({ id }) => id).join(", ")}`);
  }
  const open = await entry.load();
  return open(clock, given.options);
}

function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      socket: { type: "string" },
      device: { type: "string" },
      option: { type: "string", multiple: true },
      "heartbeat-us": { type: "string" },
      "exit-with-stdin": { type: "boolean" },
    },
  });
  const { socket, device, option = [] } = values;
  const heartbeatUs = Number(values["heartbeat-us"] ?? HEARTBEAT_US);
  if (socket === undefined || device === undefined) throw new Error("--socket and --device are required");
  if (!Number.isSafeInteger(heartbeatUs) || heartbeatUs < 10_000) {
    throw new Error("--heartbeat-us must be an integer of at least 10000");
  }
  const pairs = option.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1) throw new Error(`--option ${pair} is not NAME=VALUE`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const exitWithStdin = values["exit-with-stdin"] ?? false;
  return { socket, device, options: new Map(pairs), heartbeatUs, exitWithStdin };
}

function exitCode(error: unknown): number {
  if (error instanceof PortError) return 5;
  return error instanceof Error && error.message.startsWith("another guard") ? 75 : 78;
}

function say(text: string): void {
  process.stderr.write(`radio guard: ${text}\n`);
}
