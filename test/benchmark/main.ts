import { openMarket } from "./market.ts";
const t = performance.now();
const m = await openMarket();
console.log(m.pairs.length, m.firsts.length, performance.now() - t, m.pairs[0]?.offer.length, m.pairs[63]?.acceptance.length, m.pairs[0]?.settlement.length, m.madeUs);
