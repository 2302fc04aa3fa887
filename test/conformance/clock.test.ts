import { systemClock } from "../../src/adapters/system/clock.ts";
import { clockConformance } from "./clock.ts";

function wait(us: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.ceil(us / 1000) + 2));
}

clockConformance("of this host", async () => ({ clock: systemClock(), advance: wait }));

clockConformance("of this host, as after another boot", async () => {
  const clock = systemClock({ bootId: new Uint8Array(16).fill(7), bootOffsetUs: -1_000_000 });
  return { clock, advance: wait };
});
