/**
 * An agent that stands still or dies in mid-lease: the other process's transmit log shows RF off by the deadline
 * (PROTOCOL §6 The guard, Renewals are asked for). Afterwards both go on, and settle or renew as before.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmissionInterval } from "../../hardware/world/transmit-log.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { enrolFleet, type Fleet, fleetMissing, GUARDED_RADIO, type Template } from "../support/fleet.ts";
import { type Aftermath, SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";
import { pause } from "../support/world-of-one.ts";

/** bench-demo: no renewal grants more. */
const REACH_US = 3_000_000;
const GUARD = "dist/hardware/radio/guard/main.js";
/** So long that only the deadline can be what mutes. */
const PATIENT = GUARDED_RADIO.replace("{", "{heartbeat: 1min, ");
const STRICT = GUARDED_RADIO.replace("{", "{heartbeat: 500ms, ");
/** The guard is a service of its own. */
const ATTACHED = GUARDED_RADIO.replace("{", "{spawn: false, ");

let template: Template;
const inFleet = stage(() => template);

beforeAll(async () => {
  if (fleetMissing === null) template = await enrolFleet({});
});
afterAll(() => template?.leave());

const title = (text: string): string => (fleetMissing === null ? text : `${text} (${fleetMissing})`);

describe.skipIf(fleetMissing !== null).concurrent(title("in mid-lease"), () => {
  test(
    "a stopped consumer is muted at the deadline of its last renewal, and arms again only by a new actuation",
    async () => {
      const after = await inFleet(
        async ({ fleet }) => {
          const emission = await transmitting(fleet);
          const stoppedUs = await standStill(fleet, fleet.consumer);
          const { endBootUs } = await silent(fleet, emission, "deadline");
          expect(endBootUs).toBeLessThan(stoppedUs + REACH_US);
          // However long it stays stopped, and whatever it meant to do when it goes on.
          await pause(2_000);
          expect(fleet.transmitLog().intervals).toHaveLength(emission + 1);
          fleet.consumer.signal("SIGCONT");
          await again(fleet, emission);
        },
        { consumer: { radio: PATIENT } },
      );
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "a stopped consumer is muted when its heartbeat is stale, before its deadline",
    async () => {
      const after = await inFleet(
        async ({ fleet }) => {
          const emission = await transmitting(fleet);
          const stoppedUs = await standStill(fleet, fleet.consumer);
          const { endBootUs } = await silent(fleet, emission, "heartbeat");
          expect(endBootUs).toBeLessThan(stoppedUs + REACH_US);
          fleet.consumer.signal("SIGCONT");
          await again(fleet, emission);
        },
        { consumer: { radio: STRICT } },
      );
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "a killed consumer is muted by the guard that it had started",
    async () => {
      const after = await inFleet(async ({ fleet }) => {
        const emission = await transmitting(fleet);
        fleet.consumer.signal("SIGKILL");
        expect(await fleet.consumer.ended()).toBe("SIGKILL");
        const killedUs = fleet.world.clock.read().bootUs;
        const { endBootUs } = await silent(fleet, emission, "pipe-closed", "shutdown");
        expect(endBootUs).toBeLessThan(killedUs + REACH_US);
        fleet.consumer.start();
        await again(fleet, emission);
      });
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "a killed consumer is muted by a guard that runs as a service, and attaches to it again",
    async () => {
      const after = await inFleet(
        async ({ fleet }) => {
          const guard = await startGuard(fleet);
          const emission = await transmitting(fleet);
          fleet.consumer.signal("SIGKILL");
          expect(await fleet.consumer.ended()).toBe("SIGKILL");
          await silent(fleet, emission, "pipe-closed");
          expect(guard.child.exitCode).toBeNull();
          fleet.consumer.start();
          await again(fleet, emission);
        },
        { consumer: { radio: ATTACHED } },
      );
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "a stopped holder renews no more: RF is off by the transmit expiry of its last renewal",
    async () => {
      const after = await inFleet(async ({ fleet }) => {
        const emission = await transmitting(fleet);
        const stoppedUs = await standStill(fleet, fleet.holder);
        const { endBootUs } = await silent(fleet, emission, "deadline");
        expect(endBootUs).toBeLessThan(stoppedUs + REACH_US);
        expectBeforeExpiry(fleet, endBootUs, await fleet.holder.logSoFar());
        await pause(2_000);
        expect(fleet.transmitLog().intervals).toHaveLength(emission + 1);
        fleet.holder.signal("SIGCONT");
        await again(fleet, emission);
      });
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "a killed holder renews no more: RF is off by the transmit expiry of its last renewal",
    async () => {
      const after = await inFleet(async ({ fleet }) => {
        const emission = await transmitting(fleet);
        fleet.holder.signal("SIGKILL");
        expect(await fleet.holder.ended()).toBe("SIGKILL");
        const { endBootUs } = await silent(fleet, emission, "deadline");
        expectBeforeExpiry(fleet, endBootUs, await fleet.holder.log());
        fleet.holder.start();
        await again(fleet, emission);
      });
      expectNewCauses(after);
    },
    SCENARIO_MS_MAX,
  );
});

/** Resolves with the number of the emission that is under way. */
async function transmitting(fleet: Fleet): Promise<number> {
  fleet.holder.start();
  fleet.consumer.start();
  await fleet.settled();
  return fleet.transmitLog().intervals.length - 1;
}

/** SIGSTOP; resolves with a boot instant, µs, from which on the process certainly does nothing. */
async function standStill(fleet: Fleet, agent: AgentProcess): Promise<number> {
  agent.signal("SIGSTOP");
  const stands = (): true | null =>
    /\) T /.test(readFileSync(`/proc/${agent.pid()}/stat`, "latin1")) ? true : null;
  await fleet.eventually("the process to stand still", stands);
  return fleet.world.clock.read().bootUs;
}

type Ended = EmissionInterval & { readonly endBootUs: number };

/** The end of that emission, which one of `reasons` brought about. */
async function silent(fleet: Fleet, emission: number, ...reasons: readonly string[]): Promise<Ended> {
  const ended = await fleet.eventually("RF to go off", () => {
    const found = fleet.transmitLog().intervals[emission];
    return found === undefined || found.endBootUs === null ? null : (found as Ended);
  });
  expect(reasons).toContain(ended.endReason);
  return ended;
}

/** RF on once more, on the old lease or on a new one. */
async function again(fleet: Fleet, emission: number): Promise<void> {
  await fleet.eventually("RF to come on again", () =>
    fleet.transmitLog().intervals.length > emission + 1 ? true : null,
  );
  await fleet.settled();
}

function expectNewCauses({ intervals }: Aftermath): void {
  expect(new Set(intervals.map(({ cause }) => cause)).size).toBe(intervals.length);
}

/** The simulated receivers tell the host's time, so that the world's boot instant can be read as UTC. */
function expectBeforeExpiry(
  fleet: Fleet,
  endBootUs: number,
  log: Awaited<ReturnType<AgentProcess["log"]>>,
): void {
  const { wallUs, bootUs } = fleet.world.clock.read();
  const expiries = log.ownOf("renewal").map(({ body }) => body.transmitExpiryUs);
  expect(expiries.length).toBeGreaterThan(0);
  expect(endBootUs + wallUs - bootUs).toBeLessThan(Math.max(...expiries));
}

async function startGuard(fleet: Fleet): Promise<ReturnType<Fleet["world"]["start"]>> {
  const device = ["--option", `world=${fleet.world.address}`, "--option", "emitter=tx"];
  const tuning = ["--option", "lowestHz=433000000", "--option", "highestHz=435000000"];
  const socket = join(fleet.consumer.folder, "guard.sock");
  const guard = fleet.world.start(GUARD, ["--socket", socket, "--device", "simulated", ...device, ...tuning]);
  await guard.said;
  return guard;
}
