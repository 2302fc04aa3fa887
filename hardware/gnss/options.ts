/** Reads one option of a profile as the type that the registry declares, or refuses it by name. */
import type { OptionValues } from "../../src/ports/driver.ts";
import { PortError } from "../../src/ports/port-error.ts";

/** What a profile declares of a real receiver: `replay` marks a recorded log, so that nobody takes it for the sky. */
export type LiveOrReplay = "live" | "replay";

export function textOption(options: OptionValues, name: string, fallback: string | null): string {
  const value = options[name] ?? fallback;
  if (typeof value !== "string" || value === "") throw invalid(name, "a text");
  return value;
}

/** An integer in [least, most]; durations arrive in µs, lengths in mm, degrees in 1e-7 degree. */
export function integerOption(
  options: OptionValues,
  name: string,
  range: readonly [least: number, most: number],
  fallback: number | null,
): number {
  const value = options[name] ?? fallback;
  const [least, most] = range;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    throw invalid(name, `an integer from ${least} to ${most}`);
  }
  return value;
}

export function sourceOption(options: OptionValues): LiveOrReplay {
  const value = options["source"] ?? "live";
  if (value !== "live" && value !== "replay") throw invalid("source", "`live` or `replay`");
  return value;
}

function invalid(name: string, expected: string): PortError {
  return new PortError("gnss", "gnss-option-invalid", `option ${name} must be ${expected}`, false);
}
