/**
 * kill -9 of either agent at named effects, and of the broker in mid-exchange (PROTOCOL §2, §6): real processes over a
 * real mosquitto, the radio behind its guard in a world process, whose transmit log is the witness.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KindName } from "../../src/core/record/kinds.ts";
import { enrolFleet, type Fleet, fleetMissing, type Template } from "../support/fleet.ts";
import { SCENARIO_MS_MAX, type Scene, stage } from "../support/fleet-scene.ts";
import { pause } from "../support/world-of-one.ts";

type Side = "holder" | "consumer";

/** Longer than confirmBy and effectiveBy of the fleet's policy together with its clock bound. */
const PAST_DEADLINES_MS = 12_000;

const RESTARTED_AT_ONCE: readonly (readonly [Side, string])[] = [
  ["holder", "before-sign#2"],
  ["holder", "before-append#2"],
  ["holder", "appended-attestation"],
  ["holder", "appended-offer"],
  ["holder", "before-publish#4"],
  ["holder", "appended-admission"],
  ["holder", "appended-settlement"],
  ["holder", "before-publish#8"],
  ["holder", "appended-renewal"],
  ["holder", "appended-renewal#3"],
  ["consumer", "before-sign#2"],
  ["consumer", "appended-acceptance"],
  ["consumer", "before-append#3"],
  ["consumer", "before-publish#6"],
  ["consumer", "appended-settlement"],
  ["consumer", "appended-renewal-request"],
  ["consumer", "appended-actuation"],
  ["consumer", "before-arm"],
  ["consumer", "armed"],
  ["consumer", "appended-actuation-outcome"],
  ["consumer", "before-extend"],
  ["consumer", "appended-renewal-request#3"],
];
const GIVING_UP: readonly (readonly [Side, string])[] = [
  ["holder", "appended-lease-termination"],
  ["consumer", "appended-relinquishment"],
];
const RESTARTED_LATE: readonly (readonly [Side, string])[] = [
  ["holder", "appended-settlement"],
  ["consumer", "appended-acceptance"],
  ["consumer", "appended-settlement"],
  ["consumer", "appended-actuation"],
];

let template: Template;
const play = stage(() => template);
const inFleet = async (scenario: Parameters<typeof play>[0]): Promise<void> => {
  await play(scenario);
};

beforeAll(async () => {
  if (fleetMissing === null) template = await enrolFleet({});
});
afterAll(() => template?.leave());

const title = (text: string): string => (fleetMissing === null ? text : `${text} (${fleetMissing})`);

describe.skipIf(fleetMissing !== null).concurrent(title("kill -9"), () => {
  test.each(RESTARTED_AT_ONCE)(
    "of the %s at %s, then its restart",
    (side, failpoint) => inFleet((at) => dies(at, side, failpoint)),
    SCENARIO_MS_MAX,
  );

  test.each(GIVING_UP)(
    "of the %s at %s, when the consumer gives its lease up",
    (side, failpoint) =>
      inFleet(async ({ fleet }) => {
        start(fleet, side, failpoint);
        const { artifact } = await fleet.settled();
        await fleet.consumer.ask("relinquish", { artifact });
        await killedAt(fleet, side, failpoint);
        fleet[side].start();
        await fleet.settled(artifact);
      }),
    SCENARIO_MS_MAX,
  );

  test.each(RESTARTED_LATE)(
    "of the %s at %s, and its restart only after every deadline of the lease",
    (side, failpoint) => inFleet((at) => dies(at, side, failpoint, PAST_DEADLINES_MS)),
    SCENARIO_MS_MAX,
  );

  test(
    "of the consumer as its acceptance leaves, and its restart only after every deadline of the lease",
    () =>
      inFleet(async ({ fleet, witness }) => {
        const killed = new Promise<void>((done) => {
          witness.next("acceptance", () => {
            fleet.consumer.signal("SIGKILL");
            done();
          });
        });
        start(fleet);
        await killed;
        await pause(PAST_DEADLINES_MS);
        fleet.consumer.start();
        await fleet.settled();
      }),
    SCENARIO_MS_MAX,
  );

  test.each<KindName>(["acceptance", "settlement"])(
    "of the broker at the first %s that it carries, and its restart only after every deadline of the lease",
    (kind) => inFleet((at) => brokerDies(at, kind, PAST_DEADLINES_MS)),
    SCENARIO_MS_MAX,
  );

  test.each<KindName>(["acceptance", "settlement", "renewal-request", "renewal"])(
    "of the broker at the first %s that it carries, then its restart",
    (kind) => inFleet((at) => brokerDies(at, kind, 500)),
    SCENARIO_MS_MAX,
  );
});

async function dies({ fleet }: Scene, side: Side, failpoint: string, downMs = 0): Promise<void> {
  start(fleet, side, failpoint);
  await killedAt(fleet, side, failpoint);
  await pause(downMs);
  fleet[side].start();
  await fleet.settled();
}

async function brokerDies({ fleet, witness }: Scene, kind: KindName, downMs: number): Promise<void> {
  const killed = new Promise<void>((done) => {
    witness.next(kind, () => void fleet.broker.kill9().then(done));
  });
  start(fleet);
  await killed;
  await pause(downMs);
  await fleet.broker.start();
  await fleet.settled();
}

function start(fleet: Fleet, side?: Side, failpoint?: string): void {
  fleet.holder.start(side === "holder" ? failpoint : undefined);
  fleet.consumer.start(side === "consumer" ? failpoint : undefined);
}

async function killedAt(fleet: Fleet, side: Side, failpoint: string): Promise<void> {
  const name = failpoint.split("#")[0];
  await fleet.eventually(`the ${side} to reach ${failpoint}`, () =>
    fleet[side].failpointsReached() === `${name}\n` ? true : null,
  );
  expect(await fleet[side].ended()).toBe("SIGKILL");
}
