/** What `verify` says of budgets and holdings, with whole logs and without (PROTOCOL §7, §9). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import type { BundleRecord } from "../../../src/core/audit/bundle.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { emptyBook } from "../../../src/core/budget/use-book.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const term: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: 60 * SECOND_US,
  window: "sliding",
  allowed: 2,
};

function trade(scene: Scene, nth: number): void {
  const lowerHz = 433_100_000 + nth * 25_000;
  const block = { ...sceneBlock, lowerHz, upperHz: lowerHz + 25_000 };
  scene.accept(scene.consumer, scene.offer({ block, resource: `piece ${nth}` }), true);
  scene.run(200_000);
}

/** The whole log of `host`, with all that it stored of others. */
function verified(scene: Scene, host: Host): (code: string) => readonly AuditCheck[] {
  const { lineage } = host.lineage.inception.header;
  const root = scene.authority.root.inception;
  const frames = host.disk.filter(({ kind }) => kind === "foreign").map(({ bytes }) => bytes);
  const own = host.disk.filter(({ kind }) => kind === "own").map(({ bytes }) => bytes);
  const foreign = [packEnvelope(root.envelope), ...frames];
  const records: readonly BundleRecord[] = [
    ...own.map((envelope) => ({ lineage, envelope })),
    ...foreign.map((envelope) => ({ lineage: null, envelope })),
  ];
  const claims = { lineages: [{ lineage, records: own.length }], foreign: foreign.length };
  const trustedRoots = [{ lineage: root.header.lineage }];
  const { primitives } = scene.scheme;
  const { checks } = verifyBundle({ records, claims, trustedRoots, primitives });
  return (code) => checks.filter((each) => each.code === code);
}

function results(checks: readonly AuditCheck[]): readonly string[] {
  return checks.map(({ result }) => result);
}

describe("a holder's whole log", () => {
  test("shows that its budget was kept, over a suspension and its end, and nothing of its consumer's", () => {
    const scene = twoAgents({ holderCredential: { budgets: [term] } });
    for (const nth of [0, 1, 2]) trade(scene, nth);
    scene.run(61 * SECOND_US);
    trade(scene, 3);
    expect(scene.holder.written("resumption")).toHaveLength(1);
    const checks = verified(scene, scene.holder);
    expect(checks("budget-held")).toMatchObject([{ result: "passed", measured: { stated: 3 } }]);
    expect(results(checks("refusal-recomputed"))).toEqual(["not-checkable"]);
    expect(results(checks("holdings-held"))).toEqual(["not-checkable"]);
    const consumers = verified(scene, scene.consumer);
    expect(results(consumers("holdings-held"))).toEqual(["passed"]);
    const holder = toHex(scene.holder.lineage.inception.header.lineage);
    expect(consumers("budget-held").find(({ subject }) => subject === holder)?.result).toBe("not-checkable");
  });

  test("shows that the boot clock let its budget be resumed, where its UTC stayed behind", () => {
    const scene = twoAgents({ holderCredential: { budgets: [term] } });
    for (const nth of [0, 1]) trade(scene, nth);
    scene.holder.now.timeErrorUs = -30 * SECOND_US;
    scene.run(62 * SECOND_US);
    const [suspension] = scene.holder.written("suspension");
    const [resumption] = scene.holder.written("resumption");
    const saidUs = resumption?.header.time?.latestUs ?? 0;
    expect(saidUs).toBeLessThan((suspension?.body.sinceUs ?? 0) + term.windowUs);
    expect(verified(scene, scene.holder)("budget-held")).toMatchObject([{ result: "passed" }]);
  });

  test("shows that it forgot what it used, and settled while it was suspended", () => {
    const scene = twoAgents({ holderCredential: { budgets: [term] } });
    trade(scene, 0);
    trade(scene, 1);
    const { durable, provisional } = scene.holder.agent();
    for (const state of [durable, provisional]) {
      state.uses = emptyBook;
      state.suspensions.clear();
    }
    trade(scene, 2);
    const suspension = scene.holder.written("suspension")[0]?.id ?? new Uint8Array();
    expect(verified(scene, scene.holder)("budget-held")).toMatchObject([
      { result: "failed", measured: { used: 1, counted: 3 }, required: { allowed: 2 } },
      { result: "failed", measured: { used: 1, suspension: toHex(suspension) } },
    ]);
  });
});

describe("a consumer's whole log", () => {
  test("shows what an acceptance left out, be it a lease or an acceptance that waits", () => {
    const scene = twoAgents();
    trade(scene, 0);
    const { durable, provisional } = scene.consumer.agent();
    const kept = [durable, provisional].map((state) => [...state.acceptances]);
    for (const state of [durable, provisional]) state.acceptances.clear();
    trade(scene, 1);
    for (const [i, state] of [durable, provisional].entries())
      for (const [id, each] of kept[i] ?? []) state.acceptances.set(id, each);
    const [lease] = durable.leases.values();
    expect(verified(scene, scene.consumer)("holdings-held")).toMatchObject([
      {
        subject: toHex(scene.consumer.written("acceptance")[1]?.id ?? new Uint8Array()),
        result: "failed",
        measured: { holdings: 0 },
        required: { held: lease === undefined ? "" : toHex(lease.derived.id) },
      },
    ]);
  });

  test("of one that gave a lease up has nothing to say against the next", () => {
    const scene = twoAgents();
    trade(scene, 0);
    const [lease] = scene.consumer.agent().durable.leases.values();
    if (lease === undefined) throw new Error("the pair is settled");
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(SECOND_US);
    trade(scene, 1);
    expect(scene.consumer.written("acceptance")[1]?.body.holdings).toEqual([]);
    expect(results(verified(scene, scene.consumer)("holdings-held"))).toEqual(["passed"]);
  });
});
