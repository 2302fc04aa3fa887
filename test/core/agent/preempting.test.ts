/** Directives: silence at once, records after it, nothing renewed or settled in scope meanwhile (PROTOCOL §7 Preemption). */
import { describe, expect, test } from "vitest";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US, sceneBlock, scenePolicy } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { BLOCK_END_US, type Incumbent, scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { leaseAt, leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

/** Guard and transmitter of the scene obey within this. */
const MUTE_US = 10_000;

function onAir(parts: Parameters<typeof twoAgents>[0] = {}): {
  of: Scene;
  lease: Lease;
  incumbent: Incumbent;
} {
  const of = twoAgents(parts);
  const lease = of.settle();
  return { of, lease, incumbent: scriptedIncumbent(of) };
}

const statesOf = (host: Host) => host.written("lease-state").map(({ body }) => body);
const refusals = (host: Host) =>
  host.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));

test("whose level is obeyed is a column of the policy: the same directive under either document", () => {
  const under = (response: "obey" | "advise" | "ignore"): boolean => {
    const levels = scenePolicy.levels.map((each) =>
      each.name === "licensee" ? { ...each, response } : each,
    );
    const of = twoAgents({ authority: { policy: { levels } } });
    of.settle();
    const incumbent = scriptedIncumbent(of, { level: "licensee" });
    tell(of, incumbent, incumbent.directive());
    of.run(3 * SECOND_US);
    return of.consumer.radio.isOn();
  };
  expect([under("obey"), under("advise"), under("ignore")]).toEqual([false, true, true]);
});

describe("a directive that ends before the lease", () => {
  test("mutes at once, and suspends on both sides alike", () => {
    const { of, lease, incumbent } = onAir();
    const directive = incumbent.directive();
    tell(of, incumbent, directive);
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.run(SECOND_US);
    const [held, let_] = [statesOf(of.consumer), statesOf(of.holder)];
    expect(held).toHaveLength(1);
    expect(held[0]).toEqual(let_[0]);
    expect(held[0]).toMatchObject({
      artifact: lease.derived.id,
      state: "suspended",
      cause: "incumbent",
      directive: directive.id,
      untilUs: directive.body.untilUs,
      unservedUs: 60 * SECOND_US,
    });
  });

  test("nothing is asked, renewed or armed while it stands; a fresh renewal follows its end", () => {
    const { of, lease, incumbent } = onAir();
    tell(of, incumbent, incumbent.directive());
    of.run(SECOND_US);
    const asked = of.consumer.written("renewal-request").length;
    const renewed = of.holder.written("renewal").length;
    of.run(58 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(of.consumer.written("renewal-request")).toHaveLength(asked);
    expect(of.holder.written("renewal")).toHaveLength(renewed);
    of.runUntil(() => of.consumer.radio.isOn(), 10 * SECOND_US, "RF is on again");
    expect(of.holder.written("renewal").length).toBeGreaterThan(renewed);
    expect(leaseAt(of.holder, lease).termination).toBeNull();
  });

  test("silence waits for no signer and no disk; the record follows when they answer", () => {
    const { of, incumbent } = onAir();
    of.consumer.now.stalled = true;
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(statesOf(of.consumer)).toEqual([]);
    of.consumer.now.stalled = false;
    of.run(2 * SECOND_US);
    expect(statesOf(of.consumer)).toHaveLength(1);
  });

  test("of what one step wants done, the mute stands before every record, at the very instant of receipt", () => {
    const { of, incumbent } = onAir();
    const atUs = of.nowUs();
    const before = of.consumer.trace.length;
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    const done = of.consumer.trace.slice(before).filter((each) => each.atUs === atUs);
    const kinds = done.map(({ effect }) => effect.kind);
    expect(kinds.filter((kind) => kind === "mute" || kind === "append")).toEqual(["mute", "append"]);
  });

  test("a restart forgets nothing of it", () => {
    const { of, incumbent } = onAir();
    tell(of, incumbent, incumbent.directive());
    of.run(SECOND_US);
    for (const host of of.hosts) {
      host.crash();
      host.start();
    }
    of.run(50 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.runUntil(() => of.consumer.radio.isOn(), 30 * SECOND_US, "RF is on again");
  });
});

describe("heard by one side alone", () => {
  test("the holder tells its consumer, which obeys the directive and not the word of the holder", () => {
    const { of, incumbent } = onAir();
    const directive = incumbent.directive();
    tell(of, incumbent, directive, [of.holder]);
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(statesOf(of.consumer)[0]?.directive).toEqual(directive.id);
  });

  test("without receipt the radio is silent within the reach of its last renewal", () => {
    const { of, incumbent } = onAir();
    of.mesh.carry = () => [];
    tell(of, incumbent, incumbent.directive(), [of.holder]);
    const [reachUs = 0] = scenePolicy.leaseClasses.map((each) => each.reachUs);
    of.run(reachUs);
    expect(of.consumer.radio.isOn()).toBe(false);
  });
});

describe("a directive that lasts as long as the lease, or has no end", () => {
  test.each([
    ["no end", null],
    ["the lease's end", BLOCK_END_US],
  ])("(%s) terminates: silence, relinquishment, and a termination that names it", (_, untilUs) => {
    const { of, lease, incumbent } = onAir();
    const directive = incumbent.directive({ untilUs });
    tell(of, incumbent, directive);
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.run(2 * SECOND_US);
    expect(leaseAt(of.holder, lease).termination?.body).toMatchObject({
      reason: "preempted",
      cause: directive.id,
    });
    expect(leaseAt(of.consumer, lease).relinquishment?.body.reason).toBe("preempted");
    for (const host of [of.holder, of.consumer]) {
      const [state] = statesOf(host);
      expect(state).toMatchObject({ state: "terminated", untilUs: null });
      expect(state?.unservedUs).toBe(BLOCK_END_US - directive.body.issuedUs);
    }
  });
});

describe("what is settled while one stands", () => {
  test("the consumer's own gate refuses, and so does the holder for who insists", () => {
    const of = twoAgents();
    const incumbent = scriptedIncumbent(of);
    tell(of, incumbent, incumbent.directive());
    of.run(SECOND_US);
    const offer = of.offer();
    const refused = of.accept(of.consumer, offer);
    expect(refused.ok ? [] : refused.rejections.map(({ code }) => code)).toContain("preempted");
    expect(of.accept(of.consumer, offer, true).ok).toBe(true);
    of.run(SECOND_US);
    expect(refusals(of.holder)).toContain("preempted");
    expect(leasesOf(of.holder)).toEqual([]);
  });
});

/** Each of these is refused by a record of the radio's host, and RF goes on. */
describe("a directive that is not to be obeyed", () => {
  const budget = {
    unit: "directives" as const,
    level: null,
    commodityClass: null,
    leaseClass: null,
    area: null,
    windowUs: 3_600 * SECOND_US,
    window: "sliding" as const,
    allowed: 1,
  };

  function refusedFor(
    credential: Parameters<typeof scriptedIncumbent>[1],
    change: Parameters<Incumbent["directive"]>[0] | ((of: Scene) => Parameters<Incumbent["directive"]>[0]),
  ): readonly string[] {
    const of = twoAgents();
    of.settle();
    const incumbent = scriptedIncumbent(of, credential);
    const directive = incumbent.directive(typeof change === "function" ? change(of) : change);
    tell(of, incumbent, directive);
    of.run(3 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(statesOf(of.consumer)).toEqual([]);
    expect(of.consumer.written("rejection").map(({ body }) => body.subject)).toEqual([directive.id]);
    return refusals(of.consumer);
  }

  test("its author has no verb for it", () => {
    expect(refusedFor({ verbs: ["acquire"] }, {})).toEqual(["preemption-verb"]);
  });

  test("policy does not have its level obeyed", () => {
    expect(refusedFor({ level: "licensee" }, {})).toEqual(["preemption-level"]);
  });

  test("a zone reaches beyond its author's scope", () => {
    const { lowerHz, area, commodityClass } = sceneBlock;
    const zones = [{ lowerHz, upperHz: 436_000_000, area, commodityClass }];
    expect(refusedFor({}, { zones })).toEqual(["preemption-scope"]);
  });

  test("it is of the future", () => {
    expect(refusedFor({}, (of) => ({ issuedUs: of.nowUs() + 5 * SECOND_US }))).toEqual(["preemption-time"]);
  });

  test("it hits more leases than it says", () => {
    expect(refusedFor({}, { leasesMax: 0 })).toEqual(["preemption-leases"]);
  });

  test("it keeps silent about a budget that it uses", () => {
    expect(refusedFor({ budgets: [budget] }, {})).toEqual(["preemption-budget"]);
  });

  test.each([
    ["directives", { ...budget, allowed: 0 }, 1],
    ["leases hit", { ...budget, unit: "leases-hit" as const, allowed: 0 }, 1],
    ["silence", { ...budget, unit: "silence-us" as const, allowed: 59 * SECOND_US }, 60 * SECOND_US],
  ])("its budget of %s is used up, by its own words", (_, term, used) => {
    const budgets = [{ term: 0, used, allowed: term.allowed }];
    expect(refusedFor({ budgets: [term] }, { budgets })).toEqual(["preemption-over-budget"]);
  });

  test("more of its author's were seen here than it says", () => {
    const of = twoAgents();
    of.settle();
    const incumbent = scriptedIncumbent(of, { budgets: [budget] });
    const said = { budgets: [{ term: 0, used: 1, allowed: 1 }] };
    tell(of, incumbent, incumbent.directive({ ...said, untilUs: of.nowUs() + 2 * SECOND_US }));
    of.run(5 * SECOND_US);
    of.runUntil(() => of.consumer.radio.isOn(), 10 * SECOND_US, "RF is on again");
    tell(of, incumbent, incumbent.directive(said));
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(refusals(of.consumer)).toEqual(["preemption-budget", "preemption-over-budget"]);
  });

  test("its author's credential was revoked", () => {
    const of = twoAgents();
    of.settle();
    const incumbent = scriptedIncumbent(of);
    const snapshot = of.authority.snapshot(of.nowUs(), [incumbent.link.id]);
    tell(of, { ...incumbent, ground: [...incumbent.ground, snapshot] }, incumbent.directive());
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(refusals(of.consumer)).toEqual(["credential-revoked"]);
  });

  test("one elsewhere in the band is obeyed and hits nothing", () => {
    const { of, incumbent } = onAir();
    const { area, commodityClass } = sceneBlock;
    const zones = [
      { lowerHz: sceneBlock.upperHz, upperHz: sceneBlock.upperHz + 25_000, area, commodityClass },
    ];
    tell(of, incumbent, incumbent.directive({ zones }));
    of.run(3 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect([...statesOf(of.consumer), ...refusals(of.consumer)]).toEqual([]);
  });
});
