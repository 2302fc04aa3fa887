/**
 * A transmitter of the simulated ether. Its deadman is the ether's: the emitter there falls silent by itself
 * when this device does not feed it in time or its connection closes, whatever becomes of this process.
 */
import type { Clock } from "../../src/ports/clock.ts";
import type { OptionValues } from "../../src/ports/driver.ts";
import { PortError } from "../../src/ports/port-error.ts";
import {
  EMITTER_NAME,
  type Ether,
  type EtherAttachment,
  type EtherLink,
  type EtherState,
} from "../world/ether.ts";
import { etherAddress } from "../world/ether-address.ts";
import { remoteEther } from "../world/ether-remote.ts";
import type { Device, DeviceCapabilities, DeviceEvent, DeviceOptions, DeviceState } from "./device.ts";
import { type RadioFaults, radioFaults } from "./radio-faults.ts";

export type SimulatedDeviceOptions = {
  readonly emitter: string;
  readonly feedPeriodUs: number | null;
  readonly offLatencyUs: number;
  readonly lowestHz: number;
  readonly highestHz: number;
  readonly powerMaxCentiDbm: number;
};

export const SIMULATED_DEFAULTS: Omit<SimulatedDeviceOptions, "emitter"> = {
  feedPeriodUs: 500_000,
  offLatencyUs: 250_000,
  lowestHz: 24_000_000,
  highestHz: 6_000_000_000,
  powerMaxCentiDbm: 2000,
};

/** Pause before a lost world is looked for again, µs. */
const REATTACH_US = 500_000;

/** Rejects with the ether's PortError when the emitter cannot be had now; later losses are events. */
export async function simulatedDevice(
  ether: Ether,
  clock: Clock,
  options: SimulatedDeviceOptions,
  faults: RadioFaults = radioFaults(),
): Promise<Device> {
  const listeners: ((event: DeviceEvent) => void)[] = [];
  const tell = (event: DeviceEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const attachment: EtherAttachment = { emitter: options.emitter, feedPeriodUs: options.feedPeriodUs };
  const line = await keepAttached(ether, clock, attachment, tell);
  const stuck = feedWhileStuck(line, clock, options.feedPeriodUs, faults);
  let obeying: Promise<unknown> | null = null;
  let lost = faults.current().lost;
  const forget = faults.listen((fault) => {
    const changed = fault.lost !== lost;
    // Before anybody is told: a guard orders silence at once, and must not reach a device that is lost.
    lost = fault.lost;
    if (changed) tell(lost ? { kind: "lost", reason: "device lost" } : { kind: "found" });
  });
  const reach = async (call: (link: EtherLink) => Promise<EtherState>): Promise<DeviceState> => {
    if (lost) throw new PortError("radio", "radio-lost", "the device is lost", true);
    if (obeying !== null) await obeying;
    return deviceState(await call(line.link()));
  };
  return {
    capabilities: capabilities(options),
    on({ emission, lease, cause }) {
      return reach((link) => {
        if (emission.eirpCentiDbm <= options.powerMaxCentiDbm) return link.on({ ...emission, lease, cause });
        throw new PortError("radio", "radio-out-of-range", "beyond the transmitter's power", false);
      });
    },
    off(reason) {
      const { slowMuteUs } = faults.current();
      if (slowMuteUs > 0 && obeying === null) {
        obeying = sleep(clock, slowMuteUs).then(() => {
          obeying = null;
        });
      }
      return reach((link) => (faults.current().stuckOn ? link.state() : link.off(reason)));
    },
    feed: () => reach((link) => link.feed()),
    readBack: () => reach((link) => link.state()),
    listen: (listener) => void listeners.push(listener),
    async close() {
      forget();
      stuck();
      await line.close();
    },
  };
}

/** What the guard program's `--option`s say, in the units of their names. */
export async function openSimulatedDevice(clock: Clock, given: DeviceOptions): Promise<Device> {
  const known = ["world", "emitter", ...Object.keys(SIMULATED_DEFAULTS)];
  for (const name of given.keys()) if (!known.includes(name)) throw new Error(`no option ${name}`);
  const address = etherAddress(given.get("world") ?? "");
  const emitter = given.get("emitter") ?? "";
  if (address === null) throw new Error("option world must be unix:/path or tcp:127.0.0.1:port");
  if (!EMITTER_NAME.test(emitter)) throw new Error("option emitter must be 1 to 32 of a-z, 0-9 and -");
  const number = (name: keyof typeof SIMULATED_DEFAULTS): number => {
    const value = Number(given.get(name) ?? SIMULATED_DEFAULTS[name]);
    if (!Number.isSafeInteger(value)) throw new Error(`option ${name} must be an integer`);
    return value;
  };
  return simulatedDevice(remoteEther(address, clock), clock, {
    emitter,
    feedPeriodUs: number("feedPeriodUs"),
    offLatencyUs: number("offLatencyUs"),
    lowestHz: number("lowestHz"),
    highestHz: number("highestHz"),
    powerMaxCentiDbm: number("powerMaxCentiDbm"),
  });
}

/** The transmitter's figures that a profile gave, by the names that both simulated drivers use. */
export function transmitterOptions(options: OptionValues): Partial<SimulatedDeviceOptions> {
  const given: { -readonly [Key in keyof SimulatedDeviceOptions]?: SimulatedDeviceOptions[Key] } = {};
  const number = (name: string): number | undefined => options[name] as number | undefined;
  const lowestHz = number("lowest");
  const highestHz = number("highest");
  const powerMaxCentiDbm = number("power-max");
  if (lowestHz !== undefined) given.lowestHz = lowestHz;
  if (highestHz !== undefined) given.highestHz = highestHz;
  if (powerMaxCentiDbm !== undefined) given.powerMaxCentiDbm = powerMaxCentiDbm;
  return given;
}

/** The world's address as text; PortError `radio-option-invalid` when there is none that could be meant. */
export function worldOption(options: OptionValues): string {
  const world = options["world"];
  if (typeof world === "string" && etherAddress(world) !== null) return world;
  throw new PortError(
    "radio",
    "radio-option-invalid",
    "world must be unix:/path or tcp:127.0.0.1:port",
    false,
  );
}

/** PortError `radio-option-invalid` for a name that the ether would refuse. */
export function emitterOption(options: OptionValues): string {
  const emitter = options["emitter"] ?? "transmitter";
  if (typeof emitter === "string" && EMITTER_NAME.test(emitter)) return emitter;
  throw new PortError("radio", "radio-option-invalid", "emitter must be 1 to 32 of a-z, 0-9 and -", false);
}

type Line = {
  /** PortError `radio-lost` while there is none. */
  link(): EtherLink;
  /** Feeds when it can, and says nothing. */
  feed(): void;
  close(): Promise<void>;
};

/** Attaches, and again whenever the world was lost: a fresh line starts silent. */
async function keepAttached(
  ether: Ether,
  clock: Clock,
  attachment: EtherAttachment,
  tell: (event: DeviceEvent) => void,
): Promise<Line> {
  let link: EtherLink | null = null;
  let closed = false;
  const attach = async (): Promise<void> => {
    const made = await ether.attach(attachment);
    if (closed) return made.close("device-closed");
    link = made;
    made.whenLost((reason) => {
      link = null;
      if (closed) return;
      tell({ kind: "lost", reason });
      again();
    });
  };
  const again = (): void => {
    clock.at(clock.read().bootUs + REATTACH_US, () => {
      if (closed) return;
      attach().then(
        () => tell({ kind: "found" }),
        (error: unknown) => {
          if (!(error instanceof PortError)) throw error;
          again();
        },
      );
    });
  };
  await attach();
  return {
    link() {
      if (link === null) throw new PortError("radio", "radio-lost", "the ether cannot be reached", true);
      return link;
    },
    feed() {
      link?.feed().catch(() => {});
    },
    async close() {
      closed = true;
      await link?.close("device-closed");
    },
  };
}

/** A transmitter that is stuck on needs no host: it keeps its emitter fed until it comes loose. */
function feedWhileStuck(
  line: Line,
  clock: Clock,
  feedPeriodUs: number | null,
  faults: RadioFaults,
): () => void {
  let cancel: (() => void) | null = null;
  if (feedPeriodUs === null) return () => {};
  const feed = (): void => {
    cancel = null;
    if (!faults.current().stuckOn) return;
    line
      .link()
      .feed()
      .catch(() => {});
    cancel = clock.at(clock.read().bootUs + Math.ceil(feedPeriodUs / 4), feed);
  };
  const forget = faults.listen(() => {
    if (cancel === null) feed();
  });
  return () => {
    forget();
    cancel?.();
  };
}

function capabilities(options: SimulatedDeviceOptions): DeviceCapabilities {
  const { lowestHz, highestHz, powerMaxCentiDbm, offLatencyUs, feedPeriodUs } = options;
  const model = `simulated transmitter ${options.emitter}`;
  const figures = { lowestHz, highestHz, powerMaxCentiDbm, offLatencyUs, feedPeriodUs };
  return { model, simulated: true, ...figures, dutyCycles: "kept" };
}

function deviceState({ on }: EtherState): DeviceState {
  if (on === null) return { emission: null };
  const { lowerHz, upperHz, eirpCentiDbm, dutyCycles } = on;
  return { emission: { lowerHz, upperHz, eirpCentiDbm, dutyCycles } };
}

function sleep(clock: Clock, us: number): Promise<void> {
  return new Promise((woken) => {
    clock.at(clock.read().bootUs + us, woken);
  });
}
