/** How scenarios are to be run, as the command line says it. */
import type { RealDevices } from "../profile/scenario-sources.ts";
import { exitCodes } from "./command.ts";
import { fail } from "./output.ts";
import { type DeviceOptions, devicesOf } from "./scenario-devices.ts";
import { wholeNumber } from "./whole-number.ts";

export type RunOptions = DeviceOptions & {
  readonly seed?: string;
  readonly speed?: string;
  readonly repeat?: string;
  readonly artifacts?: string;
  readonly junit?: string;
  readonly json?: boolean;
};

export type ScenarioSettings = {
  /** null: the file's own. */
  readonly seed: number | null;
  readonly repeat: number;
  readonly isPaced: boolean;
  /** null: simulated devices and virtual time. */
  readonly real: RealDevices | null;
};

export const SEED_MAX = 0xffff_ffff;
const REPEAT_MAX = 100_000;

/** null after a failure with exit 2. */
export function scenarioSettings(options: RunOptions): ScenarioSettings | null {
  const { seed: written, speed = "max", repeat: times = "1" } = options;
  const devices = devicesOf(options);
  if (!devices.ok) return null;
  const isReal = devices.value !== null;
  if (speed !== "max" && speed !== "1x") return wrong(`--speed ${speed} is not max or 1x`, "");
  if (isReal && (written !== undefined || options.speed === "max"))
    return wrong("--real goes with neither --seed nor --speed max", "real devices keep the time of the wall");
  const seed = written === undefined ? null : wholeNumber("seed", written, 0, SEED_MAX);
  const repeat = wholeNumber("repeat", times, 1, REPEAT_MAX);
  if (repeat === null || (seed === null && written !== undefined)) return null;
  return { seed, repeat, isPaced: speed === "1x", real: devices.value };
}

function wrong(message: string, hint: string): null {
  fail({ code: "usage", message, hint, exit: exitCodes.usage });
  return null;
}
