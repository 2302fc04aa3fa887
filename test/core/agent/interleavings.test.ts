/** Random interleavings of two or three agents and one contested exclusive block (PROTOCOL §2, §6). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { chance } from "../../support/scripted-chance.ts";
import type { Host } from "../../support/scripted-host.ts";
import { invariants } from "../../support/scripted-invariants.ts";
import { leasesOf, offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

type Fault =
  | "accept"
  | "relinquish"
  | "terminate"
  | "crash"
  | "reboot"
  | "lose-queue"
  | "forget"
  | "stall"
  | "deafen"
  | "blind";

type Event = {
  readonly fault: Fault;
  readonly host: number;
  /** Before it happens. */
  readonly waitUs: number;
  readonly forUs: number;
  readonly flushed: number;
};

const FAULTS: readonly Fault[] = [
  "accept",
  "relinquish",
  "terminate",
  "crash",
  "reboot",
  "lose-queue",
  "forget",
  "stall",
  "deafen",
  "blind",
];

const event: fc.Arbitrary<Event> = fc.record({
  fault: fc.constantFrom(...FAULTS),
  host: fc.nat(2),
  waitUs: fc.nat(6 * SECOND_US),
  forUs: fc.nat(15 * SECOND_US),
  flushed: fc.nat(3),
});

const story = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  consumers: fc.integer({ min: 1, max: 2 }),
  lossPercent: fc.constantFrom(0, 10, 30),
  doublePercent: fc.constantFrom(0, 20),
  latePercent: fc.constantFrom(0, 20),
  lateUs: fc.constantFrom(200_000, 3 * SECOND_US, 20 * SECOND_US),
  drifts: fc.tuple(driftPpm(), driftPpm(), driftPpm()),
  errors: fc.tuple(timeError(), timeError(), timeError()),
  muteUs: fc.constantFrom(1_000, 200_000),
  storeUs: fc.constantFrom(500, 40_000, 700_000),
  events: fc.array(event, { minLength: 1, maxLength: 14 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function driftPpm(): fc.Arbitrary<number> {
  return fc.integer({ min: -190, max: 190 });
}

function timeError(): fc.Arbitrary<number> {
  return fc.integer({ min: -19_000, max: 19_000 });
}

function open(told: Story): Scene {
  const held = invariants();
  const fates = chance(told.seed);
  const radio = { armUs: 3_000, muteUs: told.muteUs, arming: "on" as const };
  const script = (i: number) => ({ driftPpm: told.drifts[i] ?? 0, timeErrorUs: told.errors[i] ?? 0, radio });
  const scene = twoAgents({
    holder: script(0),
    consumers: Array.from({ length: told.consumers }, (_, i) => script(i + 1)),
    watch: (watched) => held.check(watched),
  });
  for (const host of scene.hosts) host.now.storeUs = told.storeUs;
  scene.mesh.carry = () => {
    if (fates.hits(told.lossPercent)) return [];
    const delay = (): number => 1_000 + fates.below(fates.hits(told.latePercent) ? told.lateUs : 30_000);
    return fates.hits(told.doublePercent) ? [delay(), delay()] : [delay()];
  };
  return scene;
}

function happen(scene: Scene, { fault, host: index, forUs, flushed }: Event): void {
  const host = scene.hosts[index % scene.hosts.length] as Host;
  const buyer = scene.consumers[index % scene.consumers.length] as Host;
  const again = (act: () => void): void => scene.timeline.at(scene.nowUs() + forUs, act);
  const restart = (): void => {
    if (!host.isRunning()) host.start();
  };
  switch (fault) {
    case "accept": {
      const offer = scene.holder.written("offer").at(-1);
      if (offer !== undefined && buyer.isRunning()) scene.accept(buyer, offer);
      return;
    }
    case "relinquish": {
      const lease = buyer.isRunning() ? leasesOf(buyer).at(-1) : undefined;
      if (lease !== undefined) buyer.command({ verb: "relinquish", artifact: lease.derived.id });
      return;
    }
    case "terminate": {
      const lease = scene.holder.isRunning() ? leasesOf(scene.holder).at(-1) : undefined;
      if (lease !== undefined) scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
      return;
    }
    case "crash":
      if (host.isRunning()) host.crash(flushed);
      again(restart);
      return;
    case "reboot":
      if (host.isRunning()) host.reboot(flushed);
      again(restart);
      return;
    case "forget":
      // All that is volatile is thrown away; the log stands.
      if (!host.isRunning()) return;
      host.crash(flushed);
      host.start();
      return;
    case "lose-queue":
      host.loseQueue(flushed);
      return;
    case "stall":
      host.now.stalled = true;
      again(() => {
        host.now.stalled = false;
      });
      return;
    case "deafen": {
      const { carry } = scene.mesh;
      scene.mesh.carry = (message) => (message.to === host.script.name ? [] : carry(message));
      again(() => {
        scene.mesh.carry = carry;
      });
      return;
    }
    case "blind":
      host.now.fixes = false;
      again(() => {
        host.now.fixes = true;
      });
      return;
  }
}

/** From here on everything works. */
function calm(scene: Scene): void {
  scene.run(20 * SECOND_US);
  scene.mesh.carry = () => [2_000];
  for (const host of scene.hosts) {
    host.now.stalled = false;
    host.now.fixes = true;
    host.now.storeUs = 1_000;
    if (!host.isRunning()) host.start();
  }
  scene.run(60 * SECOND_US);
}

function expectAgreement(scene: Scene): void {
  for (const sold of leasesOf(scene.holder)) {
    const key = toHex(sold.derived.id);
    const held = scene.consumers
      .map((each) => each.agent().durable.leases.get(key))
      .find((each) => each !== undefined);
    if (sold.termination === null) {
      expect(held, "an unterminated lease is held by both").toBeDefined();
      expect(held?.termination ?? held?.relinquishment ?? null, "and over at neither").toBeNull();
    } else if (held !== undefined) {
      expect(held.termination, "a terminated lease is terminated at both").not.toBeNull();
    }
  }
}

function expectNewPair(scene: Scene): void {
  for (const lease of leasesOf(scene.holder)) {
    if (lease.termination === null) scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
  }
  scene.run(25 * SECOND_US);
  const lease = scene.settle();
  expect(lease.lastRenewal).not.toBeNull();
}

test("at every step of any interleaving the invariants hold, and after the faults both sides agree and a new pair settles", () => {
  fc.assert(
    fc.property(story, (told) => {
      const scene = open(told);
      const folds = invariants();
      const offered = scene.holder.command({
        verb: "offer",
        offer: offerWith(scene),
      });
      expect(offered.ok).toBe(true);
      scene.run(1_500_000);
      for (const consumer of scene.consumers) {
        const offer = scene.holder.written("offer").at(-1);
        if (offer !== undefined) scene.accept(consumer, offer);
      }
      for (const each of told.events) {
        scene.run(each.waitUs);
        happen(scene, each);
        for (const host of scene.hosts) folds.checkFold(host);
      }
      calm(scene);
      for (const host of scene.hosts) folds.checkFold(host);
      expectAgreement(scene);
      expectNewPair(scene);
    }),
    {
      numRuns: Number(process.env["SPECTRUM_RUNS"] ?? 60),
      seed: Number(process.env["SPECTRUM_SEED"] ?? 20_261_122),
      endOnFailure: true,
    },
  );
}, 120_000);

function offerWith({ authority }: Scene): ReturnType<typeof offerOf> {
  return offerOf(authority, sceneBlock);
}
