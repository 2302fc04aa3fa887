/**
 * The simulated space of emissions. Each emitter is attached by its device; the ether itself knows whether it is
 * on, writes the transmit log, and silences an emitter whose device does not feed it in time or lets go of it.
 * It is the emitters' hardware: their duty cycles are kept here, whatever becomes of guards and hosts.
 */
import { assert } from "../../src/core/base/assert.ts";
import type { DutyCycle } from "../../src/core/record/spectrum-fields.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { PortError } from "../../src/ports/port-error.ts";
import { type Airtime, newAirtime } from "./airtime.ts";
import type { TransmitLog } from "./transmit-log.ts";

export type EtherEmission = {
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  readonly dutyCycles: readonly DutyCycle[];
  /** 32 bytes each, in hex. */
  readonly lease: string;
  readonly cause: string;
};

export type EtherState = {
  /** Also in a pause between two bursts. */
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
  /** On the air when it resolves, or as soon as its duty cycles allow; the log line was flushed before the first wave. */
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
  readonly airtime: Airtime;
  /** Since when there are waves; null in silence. */
  waveBootUs: number | null;
  cancelBurst: (() => void) | null;
};

/** The ether inside one process: for the world process itself, the demo and simulations on virtual time. */
export function createEther(clock: Clock, log: TransmitLog): LocalEther {
  const emitters = new Map<string, Emitter>();
  /** By name; a transmitter that is let go of keeps its count. */
  const airtimes = new Map<string, Airtime>();
  return {
    async attach(attachment) {
      const { emitter: name, feedPeriodUs } = attachment;
      assert(EMITTER_NAME.test(name), "emitter names are checked where they enter");
      if (emitters.has(name)) {
        throw new PortError("radio", "emitter-attached", `another device holds emitter ${name}`, true);
      }
      const airtime = airtimes.get(name) ?? newAirtime();
      if (!airtimes.has(name) && airtimes.size >= EMITTERS_MAX) {
        throw new PortError("radio", "ether-full", `the ether holds ${EMITTERS_MAX} emitters`, true);
      }
      airtimes.set(name, airtime);
      const emitter = newEmitter(name, feedPeriodUs, airtime);
      emitters.set(name, emitter);
      return link(clock, log, emitter, () => emitters.delete(name));
    },
    onAir() {
      const on = [...emitters.values()].filter((emitter) => emitter.waveBootUs !== null);
      return new Map(on.map((emitter) => [emitter.name, emitter.state]));
    },
    async close() {
      for (const emitter of emitters.values()) switchOff(clock, log, emitter, "world-closed");
      emitters.clear();
    },
  };
}

function newEmitter(name: string, feedPeriodUs: number | null, airtime: Airtime): Emitter {
  const silent = { state: { on: null, sinceBootUs: 0 }, waveBootUs: null };
  return { name, feedPeriodUs, airtime, ...silent, fedBootUs: 0, cancelWatch: null, cancelBurst: null };
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
  sendBurst(clock, log, emitter, { emission, reason: "armed" });
  const bootUs = clock.read().bootUs;
  emitter.state = { on: emission, sinceBootUs: bootUs };
  emitter.fedBootUs = bootUs;
  watch(clock, log, emitter);
}

type Sending = { readonly emission: EtherEmission; readonly reason: "armed" | "duty-cycle" };

/** Now, or as soon as its duty cycles have room for a burst; and one after another from then on. */
function sendBurst(clock: Clock, log: TransmitLog, emitter: Emitter, sending: Sending): void {
  const { emission, reason } = sending;
  const bootUs = clock.read().bootUs;
  const burst = emitter.airtime.next(emission, bootUs);
  emitter.cancelBurst = null;
  if (burst === null) return;
  if (burst.fromBootUs > bootUs) {
    emitter.cancelBurst = clock.at(burst.fromBootUs, () => sendBurst(clock, log, emitter, sending));
    return;
  }
  log.append({ bootUs, emitter: emitter.name, state: "on", ...band(emission), reason });
  emitter.waveBootUs = bootUs;
  if (burst.untilBootUs === null) return;
  emitter.cancelBurst = clock.at(burst.untilBootUs, () => {
    const next = { emission, reason: "duty-cycle" } as const;
    endWave(clock, log, emitter, next);
    sendBurst(clock, log, emitter, next);
  });
}

/** Silence first, the log after it: muting waits for no disk. */
function switchOff(clock: Clock, log: TransmitLog, emitter: Emitter, reason: string): void {
  const ended = emitter.state.on;
  emitter.cancelWatch?.();
  emitter.cancelBurst?.();
  [emitter.cancelWatch, emitter.cancelBurst] = [null, null];
  if (ended === null) return;
  emitter.state = { on: null, sinceBootUs: clock.read().bootUs };
  endWave(clock, log, emitter, { emission: ended, reason });
}

/** In a pause there is no wave to end, and nothing to log. */
function endWave(
  clock: Clock,
  log: TransmitLog,
  emitter: Emitter,
  { emission, reason }: { readonly emission: EtherEmission; readonly reason: string },
): void {
  const since = emitter.waveBootUs;
  if (since === null) return;
  const bootUs = clock.read().bootUs;
  emitter.waveBootUs = null;
  emitter.airtime.note(emission, since, bootUs);
  log.append({ bootUs, emitter: emitter.name, state: "off", ...band(emission), reason });
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

function band(emission: EtherEmission): Omit<EtherEmission, "dutyCycles"> {
  const { lowerHz, upperHz, eirpCentiDbm, lease, cause } = emission;
  return { lowerHz, upperHz, eirpCentiDbm, lease, cause };
}
