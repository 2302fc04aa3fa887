/** Says every while how far a scenario is, and holds virtual time back to the pace of the wall's where that is asked for. */
import type { Scenario } from "../profile/scenario.ts";
import { printMessage } from "./output.ts";
import { waitMs } from "./wall-pace.ts";

const PROGRESS_EVERY_MS = 2_000;

/** `seed` null: on real drivers. */
export function scenarioPace(
  { name, durationUs }: Scenario,
  seed: number | null,
  isPaced: boolean,
): (nowUs: number) => Promise<void> {
  const run = seed === null ? name : `${name}, seed ${seed}`;
  const begun = performance.now();
  let told = begun;
  return async (nowUs) => {
    const now = performance.now();
    if (now - told >= PROGRESS_EVERY_MS) {
      told = now;
      const part = Math.floor((nowUs * 100) / durationUs);
      printMessage(`${run}: ${(nowUs / 1e6).toFixed(0)} s of ${durationUs / 1e6} s, ${part} %`);
    }
    const aheadMs = isPaced ? waitMs(nowUs, now - begun) : 0;
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  };
}
