/** Whole numbers in flags. */
import { exitCodes } from "./command.ts";
import { fail } from "./output.ts";

/** The number that `text` says, or null after a failure with exit 2. */
export function wholeNumber(name: string, text: string, least: number, most: number): number | null {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
  const message = `--${name} ${text} is not a whole number from ${least} to ${most}`;
  fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
  return null;
}
