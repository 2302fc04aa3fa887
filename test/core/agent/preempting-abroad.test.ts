/**
 * Directives across two roots (PROTOCOL §6 C, §7): the holder lets its own root's spectrum to a consumer that trusts another
 * root alone. What the seller's root orders counts for that lease as far as the consumer's root recognises its directives.
 */
import { describe, expect, test } from "vitest";
import type { Recognition } from "../../../src/core/record/kinds/recognition.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import {
  type Authority,
  SECOND_US,
  START_US,
  sceneBlock,
  scenePolicy,
  scriptedAuthority,
} from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Incumbent, scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";
import { verifiedLog } from "../../support/whole-log.ts";

const MUTE_US = 10_000;
/** What lets a directive of the other root count: its verb, at its author's level. */
const PREEMPTING: Partial<Recognition> = { level: "root", verbs: ["allocate", "acquire", "preempt"] };

function scene(holder: Partial<Recognition> = PREEMPTING): Scene {
  return twoAgents({ twoRoots: { consumers: {}, holder } });
}

function onAir(holder: Partial<Recognition> = PREEMPTING): { of: Scene; incumbent: Incumbent } {
  const of = scene(holder);
  of.settle();
  return { of, incumbent: scriptedIncumbent(of) };
}

function abroad({ other }: Scene): Authority {
  if (other === null) throw new Error("the scene has two roots");
  return other;
}

const rootOf = ({ root }: Authority): Uint8Array => root.inception.header.lineage;
const statesOf = (host: Host) => host.written("lease-state").map(({ body }) => body);
const refusals = (host: Host) =>
  host.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
const failures = (of: Scene, host: Host, auditor: Authority) =>
  verifiedLog(of, host, [], auditor)
    .filter(({ result }) => result === "failed")
    .map(({ code, measured }) => ({ code, measured }));

function hears(host: Host, ...records: readonly AnyRecord[]): void {
  for (const { envelope } of records) host.take({ kind: "message", bytes: packEnvelope(envelope) });
}

describe("a directive of the root whose spectrum was let, recognised to preempt", () => {
  test("mutes at once a consumer of another root, and both sides suspend alike", () => {
    const { of, incumbent } = onAir();
    const directive = incumbent.directive();
    tell(of, incumbent, directive);
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.run(SECOND_US);
    expect(statesOf(of.consumer)).toHaveLength(1);
    expect(statesOf(of.consumer)).toEqual(statesOf(of.holder));
    expect(statesOf(of.consumer)[0]?.directive).toEqual(directive.id);
    expect(refusals(of.consumer)).toEqual([]);
  });

  test("verifies in either log, before an auditor of either root alone", () => {
    const { of, incumbent } = onAir();
    tell(of, incumbent, incumbent.directive());
    of.run(3 * SECOND_US);
    for (const auditor of [of.authority, abroad(of)]) {
      const states = verifiedLog(of, of.consumer, [], auditor).filter(
        ({ code }) => code === "preemption-entitled",
      );
      expect(states.map(({ result }) => result)).toEqual(["passed"]);
      expect(failures(of, of.consumer, auditor)).toEqual([]);
    }
    expect(failures(of, of.holder, of.authority)).toEqual([]);
  });

  test("without an end terminates, and the consumer gives the lease up", () => {
    const { of, incumbent } = onAir();
    tell(of, incumbent, incumbent.directive({ untilUs: null }));
    of.run(2 * SECOND_US);
    expect(of.consumer.written("relinquishment").map(({ body }) => body.reason)).toEqual(["preempted"]);
    expect(of.holder.written("lease-termination").map(({ body }) => body.reason)).toEqual(["preempted"]);
  });

  test("stands in the way of a new lease of that spectrum, at the consumer's own gate", () => {
    const of = scene();
    const incumbent = scriptedIncumbent(of);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    const answer = of.accept(of.consumer, of.offer());
    expect(answer.ok ? [] : answer.rejections.map(({ code }) => code)).toContain("preempted");
  });

  test("is not forgotten by a restart", () => {
    const { of, incumbent } = onAir();
    tell(of, incumbent, incumbent.directive());
    of.run(SECOND_US);
    of.consumer.crash();
    of.consumer.start();
    of.run(50 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.runUntil(() => of.consumer.radio.isOn(), 30 * SECOND_US, "RF is on again");
  });

  test("that came before the recognition was refused, and is obeyed as soon as that is heard", () => {
    const of = scene({});
    of.settle();
    const incumbent = scriptedIncumbent(of);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    expect(of.consumer.radio.isOn()).toBe(true);
    of.run(SECOND_US);
    expect(refusals(of.consumer)).toEqual(["outside-recognition", "outside-recognition"]);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    hears(of.consumer, abroad(of).recognise(rootOf(of.authority), PREEMPTING) as AnyRecord);
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    of.run(SECOND_US);
    expect(statesOf(of.consumer)).toHaveLength(2);
  });
});

describe("it is refused by a record, and the consumer goes on until its renewals run out", () => {
  test.each<[string, Partial<Recognition>]>([
    ["no directives are recognised", { level: "root" }],
    ["its author's level is above what is recognised", { ...PREEMPTING, level: "licensee" }],
  ])("where %s", (_, holder) => {
    const { of, incumbent } = onAir(holder);
    tell(of, incumbent, incumbent.directive());
    of.run(MUTE_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    of.run(SECOND_US);
    expect(refusals(of.consumer)).toEqual(["outside-recognition"]);
    expect(statesOf(of.consumer)).toEqual([]);
    const [reachUs = 0] = scenePolicy.leaseClasses.map((each) => each.reachUs);
    of.run(reachUs);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(failures(of, of.consumer, abroad(of))).toEqual([]);
  });
});

describe("it reaches nothing", () => {
  /** Beside the one that lets the pair settle; what the consumer's root says of directives. */
  function besides(change: Partial<Recognition>): { of: Scene; incumbent: Incumbent } {
    const { of, incumbent } = onAir({});
    const given = abroad(of).recognise(rootOf(of.authority), {
      ...PREEMPTING,
      verbs: ["preempt"],
      documents: false,
      ...change,
    });
    hears(of.consumer, given as AnyRecord);
    return { of, incumbent };
  }

  test("but what is let inside the recognition; a pair still settles beside one that is for directives alone", () => {
    const inside = besides({});
    tell(inside.of, inside.incumbent, inside.incumbent.directive(), [inside.of.consumer]);
    inside.of.run(MUTE_US);
    expect(inside.of.consumer.radio.isOn()).toBe(false);

    const [box] = abroad(inside.of).rootLink.body.scope;
    if (box === undefined) throw new Error("a root has a scope");
    const { of, incumbent } = besides({ scope: [{ ...box, lowerHz: sceneBlock.upperHz }] });
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    of.run(2 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect([...statesOf(of.consumer), ...refusals(of.consumer)]).toEqual([]);
  });

  test.each<[string, Partial<Recognition>]>([
    ["begun", { fromUs: START_US + 300 * SECOND_US }],
    ["lasted", { untilUs: START_US + 1 }],
  ])("where the recognition has not %s", (_, change) => {
    const { of, incumbent } = besides(change);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    of.run(2 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(new Set(refusals(of.consumer))).toEqual(new Set(["outside-recognition"]));
  });

  test("where the recognition was taken back", () => {
    const { of, incumbent } = onAir({});
    const given = abroad(of).recognise(rootOf(of.authority), { ...PREEMPTING, verbs: ["preempt"] });
    hears(of.consumer, given as AnyRecord, abroad(of).snapshot(of.nowUs(), [given.id]) as AnyRecord);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(refusals(of.consumer)[0]).toBe("outside-recognition");
  });

  test("of what is let from another root's spectrum: the consumer's root does not silence the holder's", () => {
    const of = twoAgents({ twoRoots: { consumers: PREEMPTING, holder: PREEMPTING } });
    of.settle();
    const incumbent = scriptedIncumbent(of, {}, "incumbent abroad", abroad(of));
    tell(of, incumbent, incumbent.directive(), [of.holder]);
    of.run(2 * SECOND_US);
    expect([...statesOf(of.holder), ...refusals(of.holder)]).toEqual([]);
    expect(of.consumer.radio.isOn()).toBe(true);
  });

  test("of a third root that the second one recognises: it is never passed on", () => {
    const { of } = onAir();
    const third = scriptedAuthority(of.scheme, {}, "third root");
    const incumbent = scriptedIncumbent(of, {}, "incumbent of a third root", third);
    const passedOn = of.authority.recognise(rootOf(third), PREEMPTING);
    hears(of.consumer, ...third.ground, passedOn as AnyRecord);
    tell(of, incumbent, incumbent.directive(), [of.consumer]);
    of.run(2 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    expect(refusals(of.consumer)).toEqual(["chain-root"]);
  });
});
