/** One session with a guard, in this process or another: orders as promises, the mute epoch kept up to date. */
import { assert } from "../../src/core/base/assert.ts";
import { fromHex, toHex } from "../../src/core/base/bytes.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type {
  ArmOrder,
  ExtendOrder,
  Muted,
  RadioCapabilities,
  RadioEvent,
  ReadBack,
} from "../../src/ports/radio.ts";
import {
  GUARD_WIRE_VERSION,
  type GuardCommand,
  type GuardEvent,
  type GuardReadBack,
  type GuardResult,
  type MuteReason,
} from "./guard/guard-wire.ts";

/** A way to a guard. `request` rejects with PortError: the guard's refusal, or `radio-lost`. */
export type GuardChannel = {
  request(command: GuardCommand): Promise<GuardResult>;
  /** Set once, before the first request. */
  listen(listener: (event: GuardEvent) => void): void;
};

export type GuardSession = {
  readonly capabilities: RadioCapabilities;
  readonly heartbeatUs: number | null;
  arm(order: ArmOrder): Promise<ReadBack>;
  extend(order: ExtendOrder): Promise<ReadBack>;
  mute(): Promise<Muted>;
  readBack(): Promise<ReadBack>;
  heartbeat(): Promise<void>;
};

/**
 * How far the guard's boot clock may lie outside the exchange that asks for it, µs: two readers of /proc/uptime
 * differ by up to its step of 10 ms after a suspend.
 */
const CLOCK_AGREEMENT_US = 20_000;

/** Greets the guard. Rejects with PortError `radio-clock-disagrees` when deadlines would mean different instants. */
export async function openSession(
  channel: GuardChannel,
  clock: Clock,
  tell: (event: RadioEvent) => void,
): Promise<GuardSession> {
  let epoch = 0;
  channel.listen((event) => {
    if (event.kind === "muted") epoch = Math.max(epoch, event.epoch);
    tell(radioEvent(event));
  });
  const askedBootUs = clock.read().bootUs;
  const hello = await ask(channel, { do: "hello", version: GUARD_WIRE_VERSION }, "hello");
  const answeredBootUs = clock.read().bootUs;
  checkClocks(askedBootUs, hello.bootUs, answeredBootUs);
  epoch = Math.max(epoch, hello.epoch);
  const { session } = hello;
  return {
    capabilities: { ...hello.capabilities, controls: "transmitter" },
    heartbeatUs: hello.heartbeatUs,
    async arm({ lease, cause, deadlineBootUs, emission }) {
      const order = { lease: hex32(lease), cause: hex32(cause), deadlineBootUs, emission };
      return readBack(await ask(channel, { do: "arm", session, epoch, ...order }, "read-back"));
    },
    async extend({ lease, deadlineBootUs }) {
      const order = { lease: hex32(lease), deadlineBootUs };
      return readBack(await ask(channel, { do: "extend", session, epoch, ...order }, "read-back"));
    },
    async mute() {
      const muted = await ask(channel, { do: "mute" }, "muted");
      epoch = Math.max(epoch, muted.epoch);
      return { mutedBootUs: muted.mutedBootUs, latencyUs: muted.latencyUs };
    },
    readBack: async () => readBack(await ask(channel, { do: "read-back" }, "read-back")),
    async heartbeat() {
      await ask(channel, { do: "heartbeat" }, "alive");
    },
  };
}

async function ask<Kind extends GuardResult["kind"]>(
  channel: GuardChannel,
  command: GuardCommand,
  kind: Kind,
): Promise<Extract<GuardResult, { kind: Kind }>> {
  const result = await channel.request(command);
  if (result.kind !== kind) {
    throw new PortError("radio", "radio-lost", `the guard answered ${result.kind} to ${command.do}`, true);
  }
  return result as Extract<GuardResult, { kind: Kind }>;
}

function checkClocks(askedBootUs: number, guardBootUs: number, answeredBootUs: number): void {
  const early = askedBootUs - guardBootUs;
  const late = guardBootUs - answeredBootUs;
  const offUs = Math.max(early, late);
  if (offUs <= CLOCK_AGREEMENT_US) return;
  const message = `the guard's boot clock is ${offUs} µs off; at most ${CLOCK_AGREEMENT_US} is allowed`;
  throw new PortError("radio", "radio-clock-disagrees", message, false);
}

function readBack({ readBack: read }: { readonly readBack: GuardReadBack }): ReadBack {
  const { emission, deadlineBootUs, readBootUs } = read;
  const lease = read.lease === null ? null : fromHex(read.lease);
  return { on: emission !== null, emission, lease, deadlineBootUs, readBootUs };
}

function radioEvent(event: GuardEvent): RadioEvent {
  if (event.kind !== "muted") return event;
  return { kind: "muted", reason: portReason(event.reason), mutedBootUs: event.mutedBootUs };
}

/** Another session's order, the guard's own start or its end are none of the port's words: a fault to this session. */
function portReason(reason: MuteReason): Extract<RadioEvent, { kind: "muted" }>["reason"] {
  return reason === "commanded" || reason === "startup" || reason === "shutdown" ? "fault" : reason;
}

function hex32(id: Uint8Array): string {
  assert(id.length === 32, "leases and causes are record ids of 32 bytes");
  return toHex(id);
}
