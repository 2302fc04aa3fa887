/** Failpoints of a daemon under test: named in its environment, they kill or hold it at one effect. */
import { appendFileSync } from "node:fs";
import { type Failpoints, noFailpoints } from "../agent/failpoints.ts";

/**
 * `SPECTRUM_FAILPOINT=NAME` or `NAME#N`: SIGKILL to the own process at the Nth (first) time that NAME is reached, after a line
 * in the file `SPECTRUM_FAILPOINT_LOG`. Only where `SPECTRUM_FAILPOINTS_ALLOWED=yes` says that this is a test.
 */
export function fileFailpoints(env: Readonly<Record<string, string | undefined>>): Failpoints {
  const wanted = env["SPECTRUM_FAILPOINT"];
  if (wanted === undefined || env["SPECTRUM_FAILPOINTS_ALLOWED"] !== "yes") return noFailpoints;
  const [name, times = "1"] = wanted.split("#");
  const log = env["SPECTRUM_FAILPOINT_LOG"];
  const state = { left: Number(times) };
  return (reached) => {
    if (reached !== name) return;
    state.left -= 1;
    if (state.left > 0) return;
    if (log !== undefined) appendFileSync(log, `${reached}\n`);
    process.kill(process.pid, "SIGKILL");
  };
}
