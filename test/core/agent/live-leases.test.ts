/** What runs at every tick and message goes through the leases that something can still act on, and no others. */
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

function isLive(host: Host, { derived }: Lease): boolean {
  return host.agent().durable.live.has(toHex(derived.id));
}

/** From here on, whoever looks at the lease at this host fails. */
function forbid(host: Host, lease: Lease): void {
  const forbidden = new Proxy(leaseAt(host, lease), {
    get(_, name) {
      throw new Error(`an ended lease was looked at: ${String(name)}`);
    },
  });
  for (const state of [host.agent().durable, host.agent().provisional])
    state.leases.set(toHex(lease.derived.id), forbidden);
}

function ended(scene: Scene, consumer: Host): Lease {
  const lease = scene.settle({}, consumer);
  consumer.command({ verb: "relinquish", artifact: lease.derived.id });
  scene.run(SECOND_US);
  return lease;
}

describe("a lease that is relinquished and terminated", () => {
  test("is live at neither side, after a restart too, and stays known", () => {
    const scene = twoAgents();
    const running = scene.settle();
    for (const host of scene.hosts) expect(isLive(host, running)).toBe(true);
    scene.consumer.command({ verb: "relinquish", artifact: running.derived.id });
    scene.run(SECOND_US);
    for (const host of scene.hosts) {
      expect(isLive(host, running)).toBe(false);
      host.crash();
      host.start();
      expect(isLive(host, running)).toBe(false);
      expect(leaseAt(host, running).relinquishment).not.toBeNull();
    }
  });

  test("is not looked at by ticks, re-sending, lanes, the book, or another lease's whole life", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const [one, two] = scene.consumers as [Host, Host];
    const over = ended(scene, one);
    forbid(scene.holder, over);
    forbid(one, over);
    scene.run(3 * SECOND_US);
    const next = ended(scene, two);
    expect(leaseAt(scene.holder, next).termination?.body.reason).toBe("relinquished");
  });
});

describe("a lease that is over on one word only", () => {
  test("terminated with renewals out stays live at the holder, whose block waits, until the relinquishment comes", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const { carry } = scene.mesh;
    scene.mesh.carry = () => [];
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(2 * SECOND_US);
    expect(isLive(scene.holder, lease)).toBe(true);
    scene.mesh.carry = carry;
    scene.run(12 * SECOND_US);
    expect(leaseAt(scene.holder, lease).relinquishment).not.toBeNull();
    expect(isLive(scene.holder, lease)).toBe(false);
  });

  test("terminated before any renewal was signed is live no more: its block is free", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    scene.mesh.carry = (message) => (message.kind === "settlement" ? [] : [3_000]);
    scene.accept(scene.consumer, offer);
    scene.run(17 * SECOND_US);
    const [lease] = scene.holder.agent().durable.leases.values();
    if (lease === undefined) throw new Error("the holder bound it");
    expect(lease.termination?.body.reason).toBe("not-countersigned");
    expect(isLive(scene.holder, lease)).toBe(false);
  });

  test("relinquished without a termination stays live at the consumer, which says it again", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.mesh.carry = () => [];
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(2 * SECOND_US);
    expect(isLive(scene.consumer, lease)).toBe(true);
    const said = scene.carried.filter(({ kind }) => kind === "relinquishment").length;
    scene.run(4 * SECOND_US);
    expect(scene.carried.filter(({ kind }) => kind === "relinquishment").length).toBeGreaterThan(said);
  });
});
