/** A receiver's log is not the sky (PROTOCOL §5): where it is refused, and what is written down of it. Real gpsd, real processes. */
import { afterAll, describe, expect, test } from "vitest";
import { vectorsMissing } from "../hardware/gnss/vectors.ts";
import { runCommand } from "../support/agent-process.ts";
import { enrolFleet, type Fleet, type FleetPlan, fleetMissing, startFleet } from "../support/fleet.ts";
import {
  ADELAIDE,
  REPLAY_OFFER,
  REPLAY_POLICY,
  REPLAY_TIME,
  replayedGnss,
  startPlaying,
} from "../support/fleet-replay.ts";
import { type Gpsd, programMissing } from "../support/gpsd.ts";
import { startSwtpm, swtpmMissing } from "../support/swtpm.ts";
import { pause } from "../support/world-of-one.ts";

const missing = fleetMissing ?? vectorsMissing ?? programMissing("gpsd", "gpsfake");
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);
const tpmMissing = missing ?? swtpmMissing();
const tpmTitle = (text: string): string => (tpmMissing === null ? text : `${text} (${tpmMissing})`);
const SCENARIO_MS_MAX = 120_000;
/** Offers are refreshed every second: after so long an agent that may offer has offered. */
const LONG_ENOUGH_MS = 4_000;

const gpsds = new Map<string, Promise<Gpsd>>();
afterAll(async () => {
  for (const gpsd of gpsds.values()) await (await gpsd).stop();
});

/** One gpsd a log, shared by all scenarios. */
async function portOf(log: string): Promise<number> {
  const standing = gpsds.get(log) ?? startPlaying(log);
  gpsds.set(log, standing);
  return (await standing).port;
}

describe.skipIf(missing !== null)(title("a replayed log"), () => {
  test(
    "is refused by a production profile that declares it: exit 78, and where",
    async () => {
      const gnss = replayedGnss(await portOf(ADELAIDE.log));
      const wrong = { holder: { production: true, gnss }, offer: REPLAY_OFFER };
      await withFleet({}, wrong, async ({ holder }) => {
        const { code, stderr } = await runCommand(["run", "--profile", holder.profile]);
        expect(code).toBe(78);
        expect(stderr).toMatch(
          /profile\.yaml:\d+:\d+: gnss\.source: simulated-in-production: found `replay`/,
        );
        expect((await holder.log()).ownOf("offer")).toEqual([]);
      });
    },
    SCENARIO_MS_MAX,
  );

  test(
    "is refused by a common policy that does not admit it: by the consumer before it accepts, no settlement, no RF",
    async () => {
      await withUnadmittedReplay(false, async (fleet) => {
        await fleet.eventually("the consumer's refusal", async () =>
          (await fleet.consumer.status())?.refused?.["time-assurance"] === undefined ? null : true,
        );
        const { holder, consumer } = await fleet.logs();
        expect(consumer.ownOf("acceptance")).toEqual([]);
        expect(holder.ownOf("settlement")).toEqual([]);
        expect(fleet.transmitLog().entries).toEqual([]);
      });
    },
    SCENARIO_MS_MAX,
  );

  test(
    "is refused by such a policy at the holder too: an insisted acceptance is rejected, no settlement, no RF",
    async () => {
      await withUnadmittedReplay(true, async (fleet) => {
        await fleet.eventually("a rejection", async () =>
          (await fleet.holder.logSoFar()).ownOf("rejection").length > 0 ? true : null,
        );
        const { holder, consumer } = await fleet.logs();
        const findings = holder.ownOf("rejection")[0]?.body.findings ?? [];
        for (const code of ["time-assurance", "place-assurance"])
          expect(findings.filter((each) => each.code === code)[0]).toMatchObject({
            measured: { assurance: "replay" },
            required: { oneOf: "gnss" },
          });
        expect([...holder.ownOf("settlement"), ...consumer.ownOf("settlement")]).toEqual([]);
        expect(fleet.transmitLog().entries).toEqual([]);
      });
    },
    SCENARIO_MS_MAX,
  );

  test(
    "that loops is written down as a rewind, and the agent's own time goes on",
    async () => {
      const agent = { gnss: replayedGnss(await portOf(ADELAIDE.log)), time: REPLAY_TIME };
      await withFleet({ holder: agent, offer: REPLAY_OFFER, policy: REPLAY_POLICY }, {}, async (fleet) => {
        fleet.holder.start();
        await fleet.eventually("a time-fault and an offer after it", async () => {
          const kinds = (await fleet.holder.logSoFar()).own.map(({ kind }) => kind);
          return kinds.includes("time-fault") && kinds.lastIndexOf("offer") > kinds.indexOf("time-fault")
            ? true
            : null;
        });
        await fleet.holder.stop();
        const log = await fleet.holder.log();
        const [fault] = log.ownOf("time-fault");
        expect(fault?.body.what).toBe("replay-rewind");
        expect(fault?.body.fixUs).toBeLessThan(fault?.body.expectedUs ?? 0);
        const times = log.own.flatMap(({ header }) => (header.time === null ? [] : [header.time.earliestUs]));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      });
    },
    SCENARIO_MS_MAX,
  );

  test(
    "of the year 2034 (bu353s4, week rollover) is refused as implausible, and both times are written down",
    async () => {
      const gnss = replayedGnss(await portOf("bu353s4"));
      const agent = { gnss, time: "{check-system-clock: true}" };
      await withFleet({ holder: agent }, {}, async (fleet) => {
        const { fixUs, expectedUs } = await implausible(fleet);
        expect(new Date(fixUs / 1000).getUTCFullYear()).toBe(2034);
        expect(Math.abs(expectedUs / 1000 - Date.now())).toBeLessThan(SCENARIO_MS_MAX);
      });
    },
    SCENARIO_MS_MAX,
  );

  test.skipIf(tpmMissing !== null)(
    tpmTitle("that nobody declared is refused by the system clock in production: no offer"),
    async () => {
      const tpm = await startSwtpm();
      try {
        const gnss = `{driver: gpsd, port: ${await portOf(ADELAIDE.log)}}`;
        const keys = `{driver: swtpm, port: ${tpm.port}, keys: ./keys}`;
        await withFleet({ holder: { production: true, gnss, tpm: keys, time: "{}" } }, {}, async (fleet) => {
          const { fixUs } = await implausible(fleet);
          expect(new Date(fixUs / 1000).getUTCFullYear()).toBe(2017);
        });
      } finally {
        await tpm.stop();
      }
    },
    SCENARIO_MS_MAX,
  );
});

/** Runs the holder alone until its log names the fault, and a while longer: it has no time, and offers nothing. */
async function implausible(fleet: Fleet): Promise<{ readonly fixUs: number; readonly expectedUs: number }> {
  fleet.holder.start();
  await fleet.eventually("a time-fault", async () =>
    (await fleet.holder.logSoFar()).ownOf("time-fault").length > 0 ? true : null,
  );
  await pause(LONG_ENOUGH_MS);
  const status = await fleet.holder.status();
  expect(status).toMatchObject({ ready: false, time: null, offers: [] });
  expect(status?.notReady["gnss"]).toMatch(/^not-assured/);
  await fleet.holder.stop();
  const log = await fleet.holder.log();
  expect(log.ownOf("offer")).toEqual([]);
  const [fault] = log.ownOf("time-fault");
  expect(fault?.body.what).toBe("implausible");
  return fault?.body ?? { fixUs: 0, expectedUs: 0 };
}

/** Both agents replay a log, under a policy that admits receivers of its own time alone. */
async function withUnadmittedReplay(
  insist: boolean,
  scenario: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  const gnss = replayedGnss(await portOf(ADELAIDE.log));
  const policy = [...REPLAY_POLICY, ["time-assurance", "[gnss]"], ["place-assurance", "[gnss]"]] as const;
  const agent = { gnss, time: REPLAY_TIME };
  const plan = { holder: agent, consumer: { ...agent, insist }, offer: REPLAY_OFFER, policy };
  await withFleet(plan, {}, async (fleet) => {
    fleet.holder.start();
    fleet.consumer.start();
    await scenario(fleet);
  });
}

/** Enrolled by `plan`, started with `changes`. */
async function withFleet(
  plan: FleetPlan,
  changes: FleetPlan,
  scenario: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  const template = await enrolFleet(plan);
  try {
    const fleet = await startFleet(template, changes);
    try {
      await scenario(fleet);
    } finally {
      await fleet.leave();
    }
  } finally {
    await template.leave();
  }
}
