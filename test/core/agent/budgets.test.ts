/** Budgets and ceilings as agents keep them: gates, suspensions, and what refills nothing (PROTOCOL §7). */
import { describe, expect, test } from "vitest";
import { budgetsSeen } from "../../../src/core/agent/budget-witness.ts";
import type { OfferCommand } from "../../../src/core/agent/input.ts";
import { emptyBook } from "../../../src/core/budget/use-book.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

const WINDOW_US = 60 * SECOND_US;

const term: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: WINDOW_US,
  window: "sliding",
  allowed: 2,
};

/** The nth piece of 25 kHz, so that no two of them collide. */
function piece(nth: number): Pick<OfferCommand, "block" | "resource"> {
  const lowerHz = 433_100_000 + nth * 25_000;
  return { block: { ...sceneBlock, lowerHz, upperHz: lowerHz + 25_000 }, resource: `piece ${nth}` };
}

/** Offers and accepts the nth piece, past the consumer's own gates; what the consumer answered. */
function trade(scene: Scene, nth: number): readonly string[] {
  const answer = scene.accept(scene.consumer, scene.offer(piece(nth)), true);
  scene.run(200_000);
  return answer.ok ? [] : answer.rejections.map(({ code }) => code);
}

function budgeted(budgets: readonly BudgetTerm[], parts: SceneParts = {}): Scene {
  return twoAgents({ ...parts, holderCredential: { budgets } });
}

function bound(host: Host): number {
  return host.written("settlement").length;
}

function refusals(host: Host) {
  return host.written("rejection").flatMap(({ body }) => body.findings);
}

/** Kinds of what the host wrote of its budgets, in order, with settlements between them. */
function story(host: Host): readonly string[] {
  const records = [
    ...host.written("settlement"),
    ...host.written("suspension"),
    ...host.written("resumption"),
  ];
  return records.sort((a, b) => a.header.seq - b.header.seq).map(({ kind }) => kind);
}

describe("a holder with a budget of two settlements a minute", () => {
  test("binds two, says so in each, suspends itself with the second, and refuses the third by its numbers", () => {
    const scene = budgeted([term]);
    const { holder } = scene;
    for (const nth of [0, 1, 2]) expect(trade(scene, nth)).toEqual([]);
    expect(story(holder)).toEqual(["settlement", "settlement", "suspension"]);
    const said = holder.written("settlement").map(({ body }) => body.context.budgets);
    const [credential] = holder.agent().config.credentials;
    const { bootId } = holder.agent().config;
    const of = { credential, term: 0, windowUs: WINDOW_US, allowed: 2, bootId };
    expect(said).toMatchObject([[{ ...of, used: 1 }], [{ ...of, used: 2 }]]);
    const [suspension] = holder.written("suspension") as [RecordOf<"suspension">];
    const { authority, used, sinceUs, untilUs } = suspension.body;
    expect(authority).toEqual(scene.authority.root.inception.header.lineage);
    expect([suspension.body.term, used]).toEqual([term, 2]);
    const [first] = holder.written("settlement") as [RecordOf<"settlement">];
    expect(untilUs).toBe((first.header.time?.latestUs ?? 0) + WINDOW_US);
    expect(sinceUs).toBeLessThan(untilUs ?? 0);
    const required = { allowed: 2, unit: "settlements", windowUs: WINDOW_US, window: "sliding" };
    expect(refusals(holder)).toEqual([
      { code: "budget-exhausted", field: "credential.budgets", measured: { used: 2, use: 1 }, required },
    ]);
  });

  test("resumes when enough has left the window, and binds again", () => {
    const scene = budgeted([term]);
    for (const nth of [0, 1]) trade(scene, nth);
    scene.run(WINDOW_US + SECOND_US);
    expect(story(scene.holder)).toEqual(["settlement", "settlement", "suspension", "resumption"]);
    const [resumption] = scene.holder.written("resumption") as [RecordOf<"resumption">];
    expect(resumption.body.suspension).toEqual(scene.holder.written("suspension")[0]?.id);
    expect(resumption.body.used).toBeLessThan(2);
    trade(scene, 2);
    expect(bound(scene.holder)).toBe(3);
  });

  test("has nothing refilled by a restart, a reboot, or a log that is folded anew", () => {
    for (const again of ["restart", "reboot"] as const) {
      const scene = budgeted([term]);
      trade(scene, 0);
      scene.holder.crash();
      if (again === "reboot") scene.holder.reboot();
      scene.holder.start();
      scene.run(SECOND_US);
      trade(scene, 1);
      trade(scene, 2);
      expect([again, bound(scene.holder), story(scene.holder)]).toEqual([
        again,
        2,
        ["settlement", "settlement", "suspension"],
      ]);
      const { uses, suspensions } = scene.holder.agent().durable;
      scene.holder.crash();
      scene.holder.start();
      expect(scene.holder.agent().durable.uses).toEqual(uses);
      expect([...scene.holder.agent().durable.suspensions.keys()]).toEqual([...suspensions.keys()]);
    }
  });

  test("counts on under a renewed credential, and has room for more only by a larger number", () => {
    const scene = budgeted([term]);
    const { holder, authority } = scene;
    trade(scene, 0);
    const renewed = (allowed: number): void => {
      const link = authority.issue(holder.lineage, {
        level: "licensee",
        verbs: ["allocate"],
        budgets: [{ ...term, allowed }],
        nonce: new Uint8Array(16).fill(allowed),
      });
      for (const host of scene.hosts) host.take({ kind: "message", bytes: packEnvelope(link.envelope) });
      const config = holder.agent().config as { credentials: readonly Uint8Array[] };
      config.credentials = [link.id, ...config.credentials];
    };
    renewed(1);
    trade(scene, 1);
    // The older one still stands: the larger of both applies, and their sum does not.
    expect(bound(holder)).toBe(2);
    trade(scene, 2);
    expect(bound(holder)).toBe(2);
    renewed(3);
    scene.run(SECOND_US);
    expect(story(holder)).toEqual(["settlement", "settlement", "suspension", "resumption"]);
    trade(scene, 3);
    trade(scene, 4);
    expect(bound(holder)).toBe(3);
  });

  test("of none at all is suspended by the first refusal, for good", () => {
    const scene = budgeted([{ ...term, allowed: 0 }]);
    trade(scene, 0);
    expect(bound(scene.holder)).toBe(0);
    expect(scene.holder.written("suspension").map(({ body }) => [body.used, body.untilUs])).toEqual([
      [0, null],
    ]);
  });
});

test("what does not fit is refused without suspending what does", () => {
  const seconds = (sceneBlock.untilUs - sceneBlock.fromUs) / SECOND_US;
  const unit = "hertz-seconds";
  const scene = budgeted([{ ...term, unit, allowed: Math.ceil(seconds) * 30_000 }]);
  trade(scene, 0);
  trade(scene, 1);
  expect(story(scene.holder)).toEqual(["settlement"]);
  expect(refusals(scene.holder).map(({ code }) => code)).toEqual(["budget-exhausted"]);
});

test("another level's budget is not used", () => {
  const scene = budgeted([{ ...term, level: "licensee", allowed: 0 }]);
  trade(scene, 0);
  expect(bound(scene.holder)).toBe(1);
  expect(scene.holder.written("settlement")[0]?.body.context.budgets).toEqual([]);
});

describe("a consumer", () => {
  test("with a budget of acceptances keeps to it, even where it insists, and over a restart", () => {
    const budgets = [{ ...term, unit: "acceptances" as const, allowed: 1 }];
    const scene = twoAgents({ consumerCredential: { budgets } });
    expect(trade(scene, 0)).toEqual([]);
    expect(scene.consumer.written("acceptance")[0]?.body.budgets).toMatchObject([{ used: 1, allowed: 1 }]);
    expect(trade(scene, 1)).toEqual(["budget-exhausted"]);
    scene.consumer.crash();
    scene.consumer.start();
    scene.run(SECOND_US);
    expect(trade(scene, 2)).toEqual(["budget-exhausted"]);
    expect(scene.consumer.written("suspension")).toHaveLength(1);
    scene.run(WINDOW_US);
    expect(trade(scene, 3)).toEqual([]);
  });

  test("that insists on going above its ceiling is refused by the holder, by its own statement", () => {
    const scene = twoAgents({ consumerCredential: { holdingsMaxHz: 50_000 } });
    for (const nth of [0, 1, 2]) trade(scene, nth);
    expect(bound(scene.holder)).toBe(2);
    expect(refusals(scene.holder)).toMatchObject([
      {
        code: "holdings-ceiling",
        measured: { heldHz: 50_000, widthHz: 25_000 },
        required: { holdingsMaxHz: 50_000, by: "the consumer's credential" },
      },
    ]);
  });

  test("that does not insist finds it out for itself, under the policy's ceiling too", () => {
    const { commodityClass } = sceneBlock;
    const ceiling = { commodityClass, leaseClass: null, area: null, holdingsMaxHz: 24_999 };
    const scene = twoAgents({ authority: { policy: { ceilings: [ceiling] } } });
    const answer = scene.accept(scene.consumer, scene.offer(piece(0)));
    expect(answer.ok ? [] : answer.rejections.map(({ code }) => code)).toContain("holdings-ceiling");
    expect(scene.consumer.written("acceptance")).toEqual([]);
  });
});

describe("a holder that forgets what it used", () => {
  test("is refused by a consumer that saw it, by the holder's own words", () => {
    const scene = budgeted([{ ...term, allowed: 3 }]);
    trade(scene, 0);
    const { durable, provisional } = scene.holder.agent();
    for (const state of [durable, provisional]) state.uses = emptyBook;
    trade(scene, 1);
    expect(bound(scene.holder)).toBe(2);
    expect(refusals(scene.consumer)).toMatchObject([
      { code: "budget-overrun-seen", measured: { used: 1, seen: 2 }, required: { allowed: 3 } },
    ]);
    expect(bound(scene.consumer)).toBe(1);
  });

  test("and says nothing of its budgets is refused for its silence", () => {
    const scene = budgeted([term]);
    trade(scene, 0);
    const [settlement] = scene.holder.written("settlement") as [RecordOf<"settlement">];
    const [lease] = scene.consumer.agent().durable.leases.values();
    if (lease === undefined) throw new Error("the pair is settled");
    const { context } = settlement.body;
    const silent = { ...settlement, body: { ...settlement.body, context: { ...context, budgets: [] } } };
    const wrong = { ...context, budgets: context.budgets.map((each) => ({ ...each, allowed: 99 })) };
    const lying = { ...settlement, body: { ...settlement.body, context: wrong } };
    const turn = { agent: scene.consumer.agent(), now: scene.consumer.reading(), effects: [] };
    const pending = { record: lease.acceptance, offer: lease.offer };
    const codes = (said: RecordOf<"settlement">) => budgetsSeen(turn, pending, said).map(({ code }) => code);
    expect(codes(settlement)).toEqual([]);
    expect(codes(silent)).toEqual(["budget-statement"]);
    expect(codes(lying)).toEqual(["budget-statement", "budget-statement"]);
  });
});
