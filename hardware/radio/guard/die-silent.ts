/** The last thing that a guard with a programming error does: silence its device, then exit. */
import type { EventEmitter } from "node:events";
import type { Device } from "../device.ts";

export const EXIT_FAULT = 70;

/** How long the device may take before the exit, which closes it, must do; ms. */
const LAST_MUTE_MS_MAX = 1000;

/** Unhandled rejections arrive as uncaught exceptions (Node's default). Nothing after the first is looked at. */
export function dieSilent(
  source: EventEmitter,
  device: Pick<Device, "off">,
  exit: (code: number) => void,
  say: (text: string) => void,
): void {
  let dying = false;
  source.on("uncaughtException", (error: unknown) => {
    if (dying) return;
    dying = true;
    const bound = new Promise<void>((passed) => setTimeout(passed, LAST_MUTE_MS_MAX));
    const silent = device.off("fault").catch(() => {});
    say(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    void Promise.race([silent, bound]).then(() => exit(EXIT_FAULT));
  });
}
