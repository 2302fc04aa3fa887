import { openMarket } from "./market.ts";
import { openHolder } from "./settle.ts";
import { memoryStore } from "./memory-store.ts";
import inspector from "node:inspector/promises";
import { writeFileSync } from "node:fs";
const m = await openMarket();
const session = new inspector.Session(); session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 200 });
let profile: any = null;
const lines: string[] = [];
for (let r = 0; r < 80; r++) {
  const desk = await openHolder(m, memoryStore(m.holder.frames));
  if (r === 40) await session.post("Profiler.start");
  const c0 = process.cpuUsage(); const t0 = performance.now();
  const per: number[] = [];
  for (const [i, p] of m.pairs.entries()) {
    const t1 = performance.now();
    desk.message(p.offer);
    const t2 = performance.now();
    desk.message(p.acceptance);
    const t3 = performance.now();
    await desk.appended("settlement", 8 + i + 1);
    if (i % 16 === 15) per.push(t2 - t1, t3 - t2, performance.now() - t3);
  }
  const c = process.cpuUsage(c0);
  lines.push(`${r} wall ${((performance.now() - t0) / 64).toFixed(3)} cpu ${((c.user + c.system) / 64000).toFixed(3)} | ${per.map((x) => x.toFixed(2)).join(" ")}`);
  if (r === 79) profile = (await session.post("Profiler.stop")).profile;
  await desk.close();
}
writeFileSync("/tmp/warm.cpuprofile", JSON.stringify(profile));
console.log(lines.join("\n"));
