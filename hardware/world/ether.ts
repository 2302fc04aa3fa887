/**
 * The simulated space of emissions. Each emitter is attached by its device; the ether itself knows whether it is
 * on, writes the transmit log, and silences an emitter whose device does not feed it in time or lets go of it.
 */
import { assert } from "../../src/core/base/assert.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { TransmitLog } from "./transmit-log.ts";

export type EtherEmission = {
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  /** 32 bytes each, in hex. */
  readonly lease: string;
  readonly cause: string;
};

export type EtherState = {
  readonly on: EtherEmission | null;
  /** Boot clock of the last change, µs; 0 before any. */
  readonly sinceBootUs: number;
};

export type EtherAttachment = {
  /** `[a-z0-9-]{1,32}`, one device an emitter. */
  readonly emitter: string;
  /** The emitter falls silent by itself when neither `on` nor `feed` came for this long, µs; null: never. */
  readonly feedPeriodUs: number | null;
};

/** A device's line to its emitter. Calls act in the order in which they were made. */
export interface EtherLink {
  /** On the air when it resolves; the log line was flushed before the first wave. */
  on(emission: EtherEmission): Promise<EtherState>;
  /** Silent when it resolves. Idempotent. */
  off(reason: string): Promise<EtherState>;
  /** Keeps the emitter on; resolves with what it really does. */
  feed(): Promise<EtherState>;
  state(): Promise<EtherState>;
  /** Called once when the ether cannot be reached any more; the link is dead then. */
  whenLost(lost: (reason: string) => void): void;
  /** Silences the emitter (`reason` stands in the log) and lets go of it. Idempotent. */
  close(reason: string): Promise<void>;
}

export interface Ether {
  /** PortError `emitter-attached` when another device holds it, `ether-full`, `ether-lost`. */
  attach(attachment: EtherAttachment): Promise<EtherLink>;
  close(): Promise<void>;
}

/** An ether inside this process, where a simulated receiver can look. */
export interface LocalEther extends Ether {
  /** All that is on the air at this instant, by emitter. */
  onAir(): ReadonlyMap<string, EtherState>;
}

const EMITTERS_MAX = 1024;
export const EMITTER_NAME: RegExp = /^[a-z0-9-]{1,32}$/;

type Emitter = {
  readonly name: string;
  readonly feedPeriodUs: number | null;
  state: EtherState;
  fedBootUs: number;
  cancelWatch: (() => void) | null;
};

/** The ether inside one process: for the world process itself, the demo and simulations on virtual time. */
export function createEther(clock: Clock, log: TransmitLog): LocalEther {
  const emitters = new Map<string, Emitter>();
  return {
    async attach(attachment) {
      const { emitter: name, feedPeriodUs } = attachment;
      assert(EMITTER_NAME.test(name), "emitter names are checked where they enter");
      if (emitters.has(name)) {
        throw new PortError("radio", "emitter-attached", `another device holds emitter ${name}`, true);
      }
      if (emitters.size >= EMITTERS_MAX) {
        throw new PortError("radio", "ether-full", `the ether holds ${EMITTERS_MAX} emitters`, true);
      }
      const state = { on: null, sinceBootUs: 0 };
      const emitter: Emitter = { name, feedPeriodUs, state, fedBootUs: 0, cancelWatch: null };
      emitters.set(name, emitter);
      return link(clock, log, emitter, () => emitters.delete(name));
    },
    onAir() {
      const on = [...emitters.values()].filter((emitter) => emitter.state.on !== null);
      return new Map(on.map((emitter) => [emitter.name, emitter.state]));
    },
    async close() {
      for (const emitter of emitters.values()) switchOff(clock, log, emitter, "world-closed");
      emitters.clear();
    },
  };
}

function link(clock: Clock, log: TransmitLog, emitter: Emitter, release: () => void): EtherLink {
  let open = true;
  const live = (): void => {
    if (!open) throw new PortError("radio", "ether-lost", `emitter ${emitter.name} was let go`, true);
  };
  return {
    async on(emission) {
      live();
      switchOn(clock, log, emitter, emission);
      return emitter.state;
    },
    async off(reason) {
      live();
      switchOff(clock, log, emitter, reason);
      return emitter.state;
    },
    async feed() {
      live();
      emitter.fedBootUs = clock.read().bootUs;
      return emitter.state;
    },
    async state() {
      live();
      return emitter.state;
    },
    whenLost: () => {},
    async close(reason) {
      if (!open) return;
      open = false;
      switchOff(clock, log, emitter, reason);
      release();
    },
  };
}

function switchOn(clock: Clock, log: TransmitLog, emitter: Emitter, emission: EtherEmission): void {
  if (emitter.state.on !== null) switchOff(clock, log, emitter, "retuned");
  const bootUs = clock.read().bootUs;
  log.append({ bootUs, emitter: emitter.name, state: "on", ...band(emission), reason: "armed" });
  emitter.state = { on: emission, sinceBootUs: bootUs };
  emitter.fedBootUs = bootUs;
  watch(clock, log, emitter);
}

/** Silence first, the log after it: muting waits for no disk. */
function switchOff(clock: Clock, log: TransmitLog, emitter: Emitter, reason: string): void {
  const ended = emitter.state.on;
  emitter.cancelWatch?.();
  emitter.cancelWatch = null;
  if (ended === null) return;
  const bootUs = clock.read().bootUs;
  emitter.state = { on: null, sinceBootUs: bootUs };
  log.append({ bootUs, emitter: emitter.name, state: "off", ...band(ended), reason });
}

/** The emitter's own deadman. One timer an emitter: it looks again at the instant that the last feed moved it to. */
function watch(clock: Clock, log: TransmitLog, emitter: Emitter): void {
  const period = emitter.feedPeriodUs;
  if (period === null) return;
  const look = (): void => {
    emitter.cancelWatch = null;
    if (clock.read().bootUs >= emitter.fedBootUs + period) switchOff(clock, log, emitter, "feed-timeout");
    else emitter.cancelWatch = clock.at(emitter.fedBootUs + period, look);
  };
  emitter.cancelWatch = clock.at(emitter.fedBootUs + period, look);
}

function band(emission: EtherEmission): EtherEmission {
  const { lowerHz, upperHz, eirpCentiDbm, lease, cause } = emission;
  return { lowerHz, upperHz, eirpCentiDbm, lease, cause };
}
