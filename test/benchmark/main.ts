import { openMarket } from "./market.ts";
import { benchSettle } from "./settle.ts";

const t = performance.now();
const m = await openMarket();
console.table(await benchSettle(m));
console.log(performance.now() - t);
