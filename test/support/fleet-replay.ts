/** What a fleet needs in order to work on a receiver's log: where it was recorded, and windows wider than its loop. */
import { connect } from "node:net";
import { logPath } from "../hardware/gnss/vectors.ts";
import type { OfferChoice } from "./fleet-profiles.ts";
import { type Gpsd, startGpsfake } from "./gpsd.ts";

const STARTS_MAX = 4;
const FIRST_FIX_MS_MAX = 8_000;

/** A NEO-M8N on a desk in 2017: 4.2 s of fixes with their own error estimates, height included. */
export const ADELAIDE = {
  log: "ublox-neo-m8n",
  latitude: "-34.9062266deg",
  longitude: "138.6081199deg",
} as const;

/** The log is of another year than the host's clock. */
export const REPLAY_TIME = "{check-system-clock: false}";

/** A gpsd that certainly plays: on a busy host gpsfake now and then starts one that never opens its receiver. */
export async function startPlaying(log: string): Promise<Gpsd> {
  for (let start = 1; ; start++) {
    const gpsd = await startGpsfake(logPath(log));
    const stopWatching = await watch(gpsd.port);
    if (stopWatching !== null) {
      const stop = async (): Promise<void> => {
        stopWatching();
        await gpsd.stop();
      };
      return { ...gpsd, stop };
    }
    await gpsd.stop();
    if (start === STARTS_MAX) throw new Error(`no gpsd played ${log} in ${start} starts`);
  }
}

/** A client that stays, so that the receiver is never closed for want of one; null where no fix comes. */
function watch(port: number): Promise<(() => void) | null> {
  return new Promise((known) => {
    const socket = connect(port, "127.0.0.1");
    const late = setTimeout(() => {
      socket.destroy();
      known(null);
    }, FIRST_FIX_MS_MAX);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      if (!chunk.toString("latin1").includes('"mode":3')) return;
      clearTimeout(late);
      known(() => socket.destroy());
    });
    socket.write('?WATCH={"enable":true,"json":true};\n');
  });
}

export function replayedGnss(port: number): string {
  return `{driver: gpsd, port: ${port}, source: replay}`;
}

/**
 * Each agent takes the time of its first fix and goes on from there by its own clock: two agents that meet the log at
 * different places stay so far apart as it is long, and as their starts were.
 */
export const REPLAY_POLICY: readonly (readonly [key: string, value: string])[] = [
  ["start", "2014-01-01T00:00:00Z"],
  ["temporal-window", "1min"],
  ["snapshot-age-max", "0s"],
  ["context-skew-max", "1min"],
];

export const REPLAY_OFFER: Partial<OfferChoice> = {
  latitude: ADELAIDE.latitude,
  longitude: ADELAIDE.longitude,
  // Its reach of 30 s leaves room for two clocks that differ by seconds.
  leaseClass: "bench",
  endAfter: "1min",
};
