/**
 * The main job on real input (PROTOCOL §2, §5, §6): two agents as processes of their own over a real mosquitto, positions
 * from one real gpsd that plays a receiver's log, each key in a real TPM program; chosen by profile alone.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { equalBytes } from "../../src/core/base/bytes.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { vectorsMissing } from "../hardware/gnss/vectors.ts";
import type { AgentLog } from "../support/agent-process-log.ts";
import { enrolFleet, fleetMissing, type Template } from "../support/fleet.ts";
import {
  ADELAIDE,
  REPLAY_OFFER,
  REPLAY_POLICY,
  REPLAY_TIME,
  replayedGnss,
  startPlaying,
} from "../support/fleet-replay.ts";
import { SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";
import { type Gpsd, programMissing } from "../support/gpsd.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";

const missing = fleetMissing ?? vectorsMissing ?? programMissing("gpsd", "gpsfake") ?? swtpmMissing();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);

let gpsd: Gpsd;
let tpms: readonly Swtpm[] = [];
let template: Template;
const inFleet = stage(() => template);

beforeAll(async () => {
  if (missing !== null) return;
  [gpsd, ...tpms] = await Promise.all([startPlaying(ADELAIDE.log), startSwtpm(), startSwtpm()]);
  const [first, second] = tpms.map(({ port }) => `{driver: swtpm, port: ${port}, keys: ./keys}`);
  const common = { gnss: replayedGnss(gpsd.port), time: REPLAY_TIME };
  template = await enrolFleet({
    holder: { ...common, tpm: first ?? "" },
    consumer: { ...common, tpm: second ?? "" },
    offer: REPLAY_OFFER,
    policy: REPLAY_POLICY,
  });
});
afterAll(async () => {
  await template?.leave();
  await gpsd?.stop();
  for (const tpm of tpms) await tpm.stop();
});

describe.skipIf(missing !== null)(title("two agents on real mosquitto, gpsd and swtpm"), () => {
  test(
    "settle on the same artifact, and switch RF on only after both settlements and a renewal are durable",
    async () => {
      let artifact = "";
      const after = await inFleet(async ({ fleet }) => {
        fleet.holder.start();
        fleet.consumer.start();
        ({ artifact } = await fleet.settled());
        expect(fleet.holder.pid()).not.toBe(fleet.consumer.pid());
      });
      const { holder, consumer, intervals } = after;
      const [theirs, ours] = [holder.state.leases.get(artifact), consumer.state.leases.get(artifact)];
      expect(theirs?.derived.bytes).toEqual(ours?.derived.bytes);
      expect(intervals[0]?.lease).toBe(artifact);
      for (const log of [holder, consumer]) {
        expectReplayEverywhere(log);
        expectSoftwareTpm(log);
      }
      expect(holder.lineage).not.toBe(consumer.lineage);
    },
    SCENARIO_MS_MAX,
  );
});

/** A replay is marked in the records themselves: nobody who reads them takes the log for the sky. */
function expectReplayEverywhere(log: AgentLog): void {
  const timed = log.own.filter((each) => each.header.time !== null && each.header.place !== null);
  expect(timed.length).toBeGreaterThan(2);
  const levels = (each: AnyRecord): unknown => [
    each.header.time?.assurance,
    each.header.place?.value?.assurance,
  ];
  expect(timed.map(levels)).toEqual(timed.map(() => ["replay", "replay"]));
}

/** The inception names the attestation key, and an attestation by that TPM is in the log. */
function expectSoftwareTpm(log: AgentLog): void {
  const [inception] = log.ownOf("key-event");
  const [attestation] = log.ownOf("attestation");
  expect(inception?.body).toMatchObject({ tier: "software" });
  expect(attestation?.body.quote.length).toBeGreaterThan(0);
  expect(
    log.own.every((each) => equalBytes(each.header.lineage, log.own[0]?.header.lineage ?? each.id)),
  ).toBe(true);
}
