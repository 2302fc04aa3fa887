/** On which devices a scenario is read and run: simulated ones, or those that profiles and a folder of them name. */
import { statSync } from "node:fs";
import type { RealDevices } from "../profile/scenario-sources.ts";
import { exitCodes } from "./command.ts";
import { fail } from "./output.ts";

export type DeviceOptions = { readonly real?: boolean; readonly devices?: string };

/** `value` null: simulated ones. Not ok: it was said what is wrong, with exit 2. */
export function devicesOf({
  real = false,
  devices,
}: DeviceOptions): { readonly ok: true; readonly value: RealDevices | null } | { readonly ok: false } {
  if (!real && devices !== undefined)
    return wrong("--devices goes with --real", "simulated runs take the profiles that the file names");
  if (devices !== undefined && statSync(devices, { throwIfNoEntry: false })?.isDirectory() !== true)
    return wrong(`--devices ${devices} is no folder`, "it holds AGENT.yaml for agents of the file");
  return { ok: true, value: real ? { folder: devices ?? null } : null };
}

function wrong(message: string, hint: string): { readonly ok: false } {
  fail({ code: "usage", message, hint, exit: exitCodes.usage });
  return { ok: false };
}
