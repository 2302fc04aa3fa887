/** Directives whose author, time or lease is not known yet, or is another's (PROTOCOL §7 Preemption). */
import { describe, expect, test } from "vitest";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

const MUTE_US = 10_000;

function onAir(): { of: Scene; incumbent: ReturnType<typeof scriptedIncumbent> } {
  const of = twoAgents();
  of.settle();
  return { of, incumbent: scriptedIncumbent(of) };
}

const hear = (host: Host, record: AnyRecord) =>
  host.take({ kind: "message", bytes: packEnvelope(record.envelope) });

const asked = (host: Host, id: Uint8Array) =>
  host.effects("want").filter(({ ids }) => ids.some((each) => equalBytes(each, id))).length;

const counted = (host: Host, code: string) => host.agent().volatile.counters.get(code) ?? 0;

describe("a directive whose chain is not at hand", () => {
  test("waits, its credential is asked for, and it is obeyed as soon as that comes", () => {
    const { of, incumbent } = onAir();
    const { consumer } = of;
    hear(consumer, incumbent.lineage.inception);
    hear(consumer, incumbent.directive());
    of.run(SECOND_US);
    expect(consumer.radio.isOn()).toBe(true);
    expect(asked(consumer, incumbent.link.id)).toBeGreaterThan(0);
    hear(consumer, incumbent.link);
    of.run(MUTE_US);
    expect(consumer.radio.isOn()).toBe(false);
  });

  test("of one author only so many wait", () => {
    const { of, incumbent } = onAir();
    hear(of.consumer, incumbent.lineage.inception);
    for (let i = 0; i <= bounds.PENDING_PER_PEER_MAX; i++) hear(of.consumer, incumbent.directive());
    expect(counted(of.consumer, "pending-full")).toBe(1);
  });

  test("the other side's word of it has it looked at again, and asks once more", () => {
    const { of, incumbent } = onAir();
    const directive = incumbent.directive();
    hear(of.consumer, incumbent.lineage.inception);
    hear(of.consumer, directive);
    tell(of, incumbent, directive, [of.holder]);
    of.run(SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(false);
    expect(of.consumer.written("lease-state").map(({ body }) => body.directive)).toEqual([directive.id]);
  });
});

test("without an own time it waits for a fix; RF is off until then", () => {
  const { of, incumbent } = onAir();
  const { consumer } = of;
  consumer.now.fixes = false;
  consumer.reboot();
  consumer.start();
  tell(of, incumbent, incumbent.directive(), [consumer]);
  of.run(SECOND_US);
  expect(consumer.radio.isOn()).toBe(false);
  expect(consumer.written("lease-state")).toEqual([]);
  consumer.now.fixes = true;
  of.run(10 * SECOND_US);
  expect(consumer.radio.isOn()).toBe(false);
  expect(consumer.written("lease-state")).toHaveLength(1);
});

test("one that is over when it comes is counted; nobody is told, and RF goes on", () => {
  const { of, incumbent } = onAir();
  tell(of, incumbent, incumbent.directive({ untilUs: of.nowUs() - 3 * SECOND_US }), [of.consumer]);
  of.run(SECOND_US);
  expect(of.consumer.radio.isOn()).toBe(true);
  expect(of.consumer.written("rejection")).toEqual([]);
  expect(counted(of.consumer, "preemption-time")).toBe(1);
});

test("one of its holder's before the lease settled does not count against its author twice", () => {
  const { of, incumbent } = onAir();
  const directive = incumbent.directive();
  tell(of, incumbent, directive);
  of.run(SECOND_US);
  tell(of, incumbent, directive);
  of.run(SECOND_US);
  expect(of.consumer.written("lease-state")).toHaveLength(1);
});

describe("a word of a lease's state", () => {
  /** As `by` could sign it, of the consumer's lease, for a directive that nobody knows. */
  function stateBy(of: Scene, by: Host, artifact: Uint8Array): AnyRecord {
    const { head, nextSeq } = by.agent().durable;
    const body = {
      artifact,
      state: "suspended" as const,
      directive: new Uint8Array(32).fill(7),
      cause: "incumbent" as const,
      untilUs: of.nowUs() + 60 * SECOND_US,
      unservedUs: 60 * SECOND_US,
      unservedMicroUnits: 0n,
      settled: "none" as const,
      seen: [],
    };
    const { inception } = by.lineage;
    return by.lineage.write("lease-state", body, {
      ...inception.header,
      seq: nextSeq,
      previous: head,
      credential: null,
    }) as unknown as AnyRecord;
  }
  const unknown = new Uint8Array(32).fill(7);

  test("of its other side has the directive asked for, and mutes nothing by itself", () => {
    const { of } = onAir();
    const [lease] = leasesOf(of.consumer);
    if (lease === undefined) throw new Error("a lease is settled");
    hear(of.consumer, stateBy(of, of.holder, lease.derived.id));
    expect(asked(of.consumer, unknown)).toBe(1);
    expect(of.consumer.radio.isOn()).toBe(true);
  });

  test("of somebody else, or of no lease held here, asks for nothing", () => {
    const of = twoAgents({ consumers: [{}, {}] });
    of.settle();
    const [lease] = leasesOf(of.consumer);
    const [, bystander] = of.consumers;
    if (lease === undefined || bystander === undefined) throw new Error("a lease is settled");
    hear(of.consumer, stateBy(of, bystander, lease.derived.id));
    hear(of.consumer, stateBy(of, bystander, unknown));
    expect(asked(of.consumer, unknown)).toBe(0);
    expect(of.consumer.radio.isOn()).toBe(true);
  });
});

test("of two leases in one zone both fall silent; one that is over is not counted among those hit", () => {
  const of = twoAgents();
  of.settle();
  const incumbent = scriptedIncumbent(of);
  tell(of, incumbent, incumbent.directive({ untilUs: null }));
  of.run(3 * SECOND_US);
  expect(leasesOf(of.holder).filter(({ termination }) => termination !== null)).toHaveLength(1);
  const { lowerHz, upperHz, area, commodityClass } = sceneBlock;
  tell(
    of,
    incumbent,
    incumbent.directive({ zones: [{ lowerHz, upperHz, area, commodityClass }], leasesMax: 0 }),
  );
  of.run(SECOND_US);
  expect(of.holder.written("rejection")).toEqual([]);
});
