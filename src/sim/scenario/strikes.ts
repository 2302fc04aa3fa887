/** Faults of a scenario, each struck on the host that the file names, and mended when its time is over. */
import { assert } from "../../core/base/assert.ts";
import type { ScenarioFault } from "../../profile/scenario.ts";
import {
  CLEAR_SKY,
  type SimBroker,
  type SimDiskImage,
  type SkyFault,
  type TransmitterFault,
} from "../drivers.ts";
import type { Harm } from "../faults/fault.ts";
import type { Host } from "../host.ts";
import { CENTRE_SITE } from "../sites.ts";
import type { Timeline } from "../timeline.ts";
import type { MeshRules } from "./mesh-rules.ts";

export type StrikeParts = {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly broker: SimBroker;
  readonly timeline: Timeline;
  readonly rules: MeshRules;
  readonly harm: Harm;
  /** Which bits rot, in [0, below). */
  readonly draw: (below: number) => number;
  /** By the names of the faults that put them back. */
  readonly backups: ReadonlyMap<string, SimDiskImage>;
};

const SOUND: TransmitterFault = { slowMuteUs: 0, lost: false, stuckOn: false };
/** How long a lie may act on after it ended: until its last renewal has run out, and true fixes are believed again. */
const AFTER_LIE_US = 60_000_000;
/** The dishonest holder forgets again what it signed meanwhile. */
const FORGET_EVERY_US = 10_000;
const USUAL_STORE_US = 1_000;
const FOREVER_US = 86_400_000_000;

type Mend = (() => void) | null;

/** The result mends it; null where nothing is to be mended. */
export function strike(fault: ScenarioFault, parts: StrikeParts): Mend {
  const { broker, rules } = parts;
  switch (fault.fault) {
    case "broker-restart":
      broker.stop(CENTRE_SITE);
      return () => broker.start(CENTRE_SITE);
    case "partition":
    case "loss":
    case "replay":
    case "late":
      return rules.strike(fault);
    default:
      return strikeHost(fault, hostOf(parts, fault.host), parts);
  }
}

function hostOf({ hosts }: StrikeParts, name: string): Host {
  const host = hosts.get(name);
  assert(host !== undefined, "a scenario that was read names only agents that it has");
  return host;
}

function strikeHost(fault: ScenarioFault, host: Host, parts: StrikeParts): Mend {
  switch (fault.fault) {
    case "kill":
      host.kill();
      return () => host.start();
    case "power-cut":
      host.powerCut();
      return () => host.start();
    case "freeze":
      host.freeze();
      return () => host.thaw();
    case "key-rolled":
      host.rollKey({ graceUs: 0, diesAt: null });
      return null;
    case "cut-off": {
      const id = host.clientId();
      parts.broker.cut(id);
      return () => parts.broker.restore(id);
    }
    case "sells-twice":
      return forgetLeases(host, parts.timeline);
    case "gnss-outage":
    case "gnss-jammed":
    case "gnss-unplugged":
    case "spoof-noticed":
    case "spoof-unnoticed":
    case "gnss-drift":
      return strikeSky(fault, host, parts);
    case "wall-step":
      host.weather.wallErrorUs = fault.byUs;
      return () => {
        host.weather.wallErrorUs = 0;
      };
    case "oscillator-off":
      parts.harm.offSpeed(host, (fault.lastsUs ?? FOREVER_US) + AFTER_LIE_US);
      host.setDrift(fault.driftPpm);
      return () => host.setDrift(host.spec.driftPpm);
    case "radio-lost":
      return strikeTransmitter({ lost: true }, host);
    case "radio-slow":
      return strikeTransmitter({ slowMuteUs: fault.byUs }, host);
    case "radio-stuck":
      return strikeTransmitter({ stuckOn: true }, host);
    case "tpm-lost":
      host.machine.tpm.setLost(true);
      return () => host.machine.tpm.setLost(false);
    case "tpm-lockout":
      host.machine.tpm.setLockedOut(true);
      return () => host.machine.tpm.setLockedOut(false);
    default:
      return strikeDisk(fault, host, parts);
  }
}

function strikeTransmitter(fault: Partial<TransmitterFault>, { machine }: Host): Mend {
  machine.transmitter.setFault({ ...SOUND, ...fault });
  return () => machine.transmitter.setFault(SOUND);
}

function strikeSky(fault: ScenarioFault, host: Host, { harm }: StrikeParts): Mend {
  const { receiver } = host.machine;
  const { northMm, eastMm, byUs: timeUs, rateMmPerS: northMmPerS } = fault;
  const spoofed = (detected: boolean): Partial<SkyFault> => ({
    spoof: { northMm, eastMm, timeUs, detected },
  });
  const skies: Readonly<Record<string, Partial<SkyFault>>> = {
    "gnss-outage": { outage: true },
    "gnss-jammed": { jammed: true },
    "gnss-unplugged": { disconnected: true },
    "spoof-noticed": spoofed(true),
    "spoof-unnoticed": spoofed(false),
    "gnss-drift": { drift: { northMmPerS, eastMmPerS: 0, timeUsPerS: 0 } },
  };
  if (fault.fault === "spoof-unnoticed" || fault.fault === "gnss-drift")
    harm.misled(host, (fault.lastsUs ?? FOREVER_US) + AFTER_LIE_US);
  receiver.setSky({ ...CLEAR_SKY, ...skies[fault.fault] });
  return () => receiver.setSky(CLEAR_SKY);
}

function strikeDisk(struck: ScenarioFault, host: Host, parts: StrikeParts): Mend {
  const { fault, name, from, byUs } = struck;
  const { disk } = host.machine;
  switch (fault) {
    case "flush-error":
    case "write-error":
      disk.failAt(disk.operations(), fault);
      return null;
    case "full-disk":
      disk.leave(0);
      return () => disk.leave(null);
    case "slow-disk":
      host.weather.storeBeforeUs = byUs;
      host.weather.storeAfterUs = byUs;
      return () => {
        host.weather.storeBeforeUs = USUAL_STORE_US;
        host.weather.storeAfterUs = USUAL_STORE_US;
      };
    case "rot-tail":
    case "rot-old":
      parts.harm.forgetful(host);
      disk.rot(fault === "rot-tail" ? "tail" : "old", parts.draw);
      return null;
    case "backup-put-back":
      parts.harm.forgetful(host);
      return exchangeDisk(host, parts.backups.get(name) ?? disk.image());
    case "cloned-disk":
      return exchangeDisk(host, hostOf(parts, from).machine.disk.image());
    default:
      return null;
  }
}

function exchangeDisk(host: Host, image: SimDiskImage): Mend {
  host.powerCut();
  host.machine.disk.putBack(image);
  host.start();
  return null;
}

/** Production code with a book that forgets: what is let counts as free at once, and everything else stays as it is. */
function forgetLeases(host: Host, timeline: Timeline): Mend {
  let isOver = false;
  const forget = (): void => {
    if (isOver) return;
    const agent = host.agent();
    agent?.durable.live.clear();
    agent?.provisional.live.clear();
    timeline.at(timeline.nowUs() + FORGET_EVERY_US, forget);
  };
  forget();
  return () => {
    isOver = true;
  };
}
