/** Containment against brute force: no chain that is admitted grants anything that a link above it does not. */
import { expect, test } from "vitest";
import { checkChain } from "../../../src/core/authority/chain.ts";
import type { Policy } from "../../../src/core/record/kinds/policy.ts";
import { seeded } from "../geometry/random-polygon.ts";
import { LEVELS, overGrant, ROOT, randomChain, randomWorld } from "./random-chains.ts";

/** `SPECTRUM_CHAINS=1000000` is the soak; `SPECTRUM_CHAINS_SEED` another seed. */
const CHAINS = Number(process.env["SPECTRUM_CHAINS"] ?? "20000");
const SEED = Number(process.env["SPECTRUM_CHAINS_SEED"] ?? "23");
/** A world of other areas every so many chains. */
const CHAINS_A_WORLD = 20_000;
const SHAPES = 120;
const SOAK_MS_MAX = 3_600_000;

const policy = { levels: LEVELS } as unknown as Policy;

test(
  `of ${CHAINS} random chains, seed ${SEED}, none that is admitted grants more than any of its links`,
  () => {
    const random = seeded(SEED);
    const admitted: number[] = [0, 0, 0, 0, 0, 0];
    let [refusedRightly, refusedAll] = [0, 0];
    let world = randomWorld(random, SHAPES);
    for (let i = 0; i < CHAINS; i++) {
      if (i > 0 && i % CHAINS_A_WORLD === 0) world = randomWorld(random, SHAPES);
      const made = randomChain(random, world);
      const { links } = made.chain;
      const atUs = random(8) === 0 ? random(7) : (links[0]?.body.fromUs ?? 0);
      const interval = { earliestUs: atUs, latestUs: atUs };
      const { subjectLineage: lineage, subjectKey: signerKey } = links[0]?.body ?? expect.fail();
      const demand = { subject: { lineage, signerKey }, roots: [ROOT], policy, interval, side: "offer" };
      const passes = checkChain(made.chain, demand).every(({ passed }) => passed);
      if (passes) {
        const excess = overGrant(made, atUs);
        if (excess !== null)
          expect.fail(`chain ${i}: ${excess}: ${JSON.stringify(links.map(({ body }) => body))}`);
        admitted[links.length] = (admitted[links.length] ?? 0) + 1;
      } else if (i % 20 === 0) {
        refusedAll += 1;
        if (overGrant(made, atUs) !== null) refusedRightly += 1;
      }
    }
    const total = admitted.reduce((sum, count) => sum + count, 0);
    console.log(
      `${CHAINS} chains: admitted ${total}, by links ${admitted.slice(2).join(" ")}; of ${refusedAll} refused ones looked at, ${refusedRightly} over-grant`,
    );
    // A check that admits nothing, or a world in which nothing goes too far, would prove nothing.
    expect(total).toBeGreaterThan(CHAINS / 20);
    for (const count of admitted.slice(2)) expect(count).toBeGreaterThan(CHAINS / 500);
    expect(refusedRightly).toBeGreaterThan(refusedAll / 2);
  },
  SOAK_MS_MAX,
);

test("the grid notices an excess of one cell, one point, one step of power", () => {
  const random = seeded(5);
  const world = randomWorld(random, SHAPES);
  let noticed = 0;
  for (let i = 0; i < 3_000 && noticed < 100; i++) {
    const made = randomChain(random, world);
    if (overGrant(made, made.chain.links[0]?.body.fromUs ?? 0) !== null) continue;
    const [leaf, parent] = made.chain.links;
    const box = leaf?.body.scope[0];
    if (leaf === undefined || parent === undefined || box === undefined) continue;
    const outside = Math.max(...parent.body.scope.map(({ upperHz }) => upperHz)) + 1;
    const [begin, end] = [Math.max(box.fromUs, leaf.body.fromUs), Math.min(box.untilUs, leaf.body.untilUs)];
    if (outside > 6 || box.lowerHz >= outside || begin >= end) continue;
    const wider = { ...box, upperHz: outside };
    const shapesOf = new Map([...made.shapesOf, [wider, made.shapesOf.get(box) ?? expect.fail()] as const]);
    const links = [{ ...leaf, body: { ...leaf.body, scope: [wider] } }, ...made.chain.links.slice(1)];
    expect(overGrant({ chain: { links, missing: null }, shapesOf }, leaf.body.fromUs)).toMatch(/^cells/);
    noticed += 1;
  }
  expect(noticed).toBeGreaterThan(20);
});
