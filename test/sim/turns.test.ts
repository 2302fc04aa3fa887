/** Who has to come to a settlement in calm, and what there has to be left to buy for it (src/sim/turns.ts, openings.ts). */
import { describe, expect, test } from "vitest";
import type { Agent } from "../../src/core/agent/turn.ts";
import type { BudgetTerm } from "../../src/core/record/budget-fields.ts";
import type { RecordOf } from "../../src/core/record/record.ts";
import type { Block } from "../../src/core/record/spectrum-fields.ts";
import type { Host } from "../../src/sim/host.ts";
import { WORLD_BEGAN_US } from "../../src/sim/host-clock.ts";
import { newOpenings, type Openings } from "../../src/sim/openings.ts";
import { newTimeline } from "../../src/sim/timeline.ts";
import { newTurns } from "../../src/sim/turns.ts";
import { sceneBlock } from "../support/scripted-authority.ts";
import type { Host as ScriptedHost } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";

const SECOND_US = 1_000_000;

/** As the simulation sees hosts, all at one place; `standing`: blocks that its settings offer. */
function seen(name: string, lineage: Uint8Array, agent: () => Agent, standing: readonly Block[] = []): Host {
  const role = name.startsWith("holder") ? "holder" : "consumer";
  const offers = standing.map((block) => ({ offer: { block } }));
  const spec = { name, role, site: 0, northMm: 0, eastMm: 0, settings: { offers } };
  return { spec, agent, lineage: () => lineage, running: () => null } as unknown as Host;
}

function scripted({ script, lineage, agent }: ScriptedHost, standing: readonly Block[] = []): Host {
  return seen(script.name, lineage.inception.header.lineage, agent, standing);
}

/** What a holder that let `sceneBlock` to the first of two consumers has left. */
function afterASettlement({ allowed = 9, timeMinimumUs = 0, guardBandHz = 0 } = {}) {
  const scene = twoAgents({ consumers: [{}, {}] });
  const lease = scene.settle();
  const any = { level: null, commodityClass: null, leaseClass: null, area: null };
  const term: BudgetTerm = {
    ...any,
    unit: "settlements",
    windowUs: 60 * SECOND_US,
    window: "sliding",
    allowed,
  };
  let laterUs = 0;
  const openings = newOpenings({
    timeline: { nowUs: () => scene.nowUs() - WORLD_BEGAN_US + laterUs },
    schema: {
      steps: {
        frequencyStepHz: 1,
        frequencyMinimumHz: 1,
        timeStepUs: 0,
        timeMinimumUs,
        areaDivisible: false,
      },
      guardBandHz,
    },
    budgetsOf: () => [term],
  });
  const above = { ...sceneBlock, lowerHz: sceneBlock.upperHz, upperHz: sceneBlock.upperHz + 25_000 };
  const [consumer, other] = scene.consumers.map((each) => scripted(each)) as [Host, Host];
  const pass = (us: number): void => {
    laterUs += us;
  };
  return {
    scene,
    openings,
    offer: lease.offer,
    holder: scripted(scene.holder, [sceneBlock]),
    holderOfMore: scripted(scene.holder, [sceneBlock, above]),
    consumer,
    other,
    pass,
  };
}

describe("what a holder has left to let", () => {
  test("an offer that one consumer settled lies open for that one alone", () => {
    const { openings, offer, holder, consumer, other } = afterASettlement();
    expect(openings.isOpen(offer, { holder, consumer })).toBe(true);
    expect(openings.isOpen(offer, { holder, consumer: other })).toBe(false);
    expect(openings.isOpen(offer, { holder, consumer: null })).toBe(false);
  });

  test("an offer that is shorter than what the schema lets anybody buy is nobody's", () => {
    const { fromUs, untilUs } = sceneBlock;
    const just = afterASettlement({ timeMinimumUs: untilUs - fromUs });
    expect(just.openings.isOpen(just.offer, just)).toBe(true);
    const short = afterASettlement({ timeMinimumUs: untilUs - fromUs + 1 });
    expect(short.openings.isOpen(short.offer, short)).toBe(false);
  });

  test("nor one that was withdrawn", () => {
    const { scene, openings, offer, holder, consumer } = afterASettlement();
    scene.holder.command({ verb: "withdraw", offer: offer.id, reason: "owner's choice" });
    scene.run(SECOND_US);
    expect(openings.isOpen(offer, { holder, consumer })).toBe(false);
  });

  test("there is room beside what was let, up to the guard band", () => {
    const { openings, holder, holderOfMore } = afterASettlement();
    expect(openings.hasRoom(holder)).toBe(false);
    expect(openings.hasRoom(holderOfMore)).toBe(true);
    const guarded = afterASettlement({ guardBandHz: 1 });
    expect(guarded.openings.hasRoom(guarded.holderOfMore)).toBe(false);
  });

  test("and none while the budget is used up: until its window, and the holder's time to notice, are over", () => {
    const { openings, holderOfMore, pass } = afterASettlement({ allowed: 1 });
    expect(openings.hasRoom(holderOfMore)).toBe(false);
    pass(59 * SECOND_US);
    expect(openings.hasRoom(holderOfMore)).toBe(false);
    pass(4 * SECOND_US);
    expect(openings.hasRoom(holderOfMore)).toBe(true);
  });
});

const [HOLDER, CONSUMER] = [new Uint8Array([1]), new Uint8Array([2])];
const offer = { id: new Uint8Array([3]), header: { lineage: HOLDER } } as unknown as RecordOf<"offer">;

/** An agent outside quarantine; the holder's settled in calm with somebody, the consumer's never did. */
function agentWith(role: "holder" | "consumer"): Agent {
  const latestUs = WORLD_BEGAN_US + SECOND_US;
  const lease = { role, holderSettlement: { header: { time: { latestUs } } }, consumerSettlement: null };
  return { volatile: { quarantine: null }, durable: { leases: new Map([["a", lease]]) } } as unknown as Agent;
}

/** A calm of 150 s with a holder, a consumer that settles nothing, and an offer at 60 s. */
async function calmWith(openings: Openings) {
  const timeline = newTimeline(() => Promise.resolve());
  const hosts = [
    seen("holder-0", HOLDER, () => agentWith("holder")),
    seen("consumer-1", CONSUMER, () => agentWith("consumer")),
  ];
  const turns = newTurns({ hosts, timeline, isExcused: () => false, isEntitled: () => true, openings });
  turns.begin();
  timeline.at(60 * SECOND_US, () => turns.offered(offer));
  await timeline.run(150 * SECOND_US, () => false);
  return turns;
}

describe("a consumer that settled nothing in calm", () => {
  test("is a breach where it had its turn and what it tried still lay open afterwards", async () => {
    const turns = await calmWith({ isOpen: () => true, hasRoom: () => false });
    expect(() => turns.check()).toThrow("without a settlement in calm: consumer-1");
  });

  test("is none where others took all that there was", async () => {
    const beaten: Openings = { isOpen: (_, { consumer }) => consumer === null, hasRoom: () => false };
    for (const openings of [beaten, { isOpen: () => false, hasRoom: () => false }]) {
      const turns = await calmWith(openings);
      expect(() => turns.check()).not.toThrow();
    }
  });

  test("is a breach where a holder beside it had room for half a minute and offered nothing", async () => {
    const turns = await calmWith({ isOpen: () => false, hasRoom: () => true });
    expect(() => turns.check()).toThrow("without a settlement in calm: consumer-1");
    // Never so long without a break.
    const looks = { left: 5, isOpen: () => false, hasRoom: () => looks.left++ % 10 !== 0 };
    const busy = await calmWith(looks);
    expect(() => busy.check()).not.toThrow();
  });
});
