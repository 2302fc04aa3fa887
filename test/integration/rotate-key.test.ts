/**
 * Two devices' keys roll between two leases: the same lineage, the same attestation key, the credentials as they were; each
 * side follows the other's rotation from the records alone, and `verify` does too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { exportBundle } from "../../src/compose/bundles.ts";
import type { Frame } from "../../src/ports/store.ts";
import { runCommand } from "../support/agent-process.ts";
import type { AgentLog } from "../support/agent-process-log.ts";
import { enrolFleet, fleetMissing, SHORT_POLICY, type Template } from "../support/fleet.ts";
import { SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";

const title = (text: string): string => (fleetMissing === null ? text : `${text} (${fleetMissing})`);
const pack = msgpackrEnvelope();
let template: Template;
let work = "";
const inFleet = stage(() => template);

async function* framesOf({ own, foreign }: AgentLog): AsyncGenerator<Frame> {
  for (const [seq, { envelope }] of own.entries()) {
    for (const { record } of foreign.filter(({ underSeq }) => underSeq === seq)) {
      yield { kind: "foreign", bytes: pack(record.envelope) };
    }
    yield { kind: "own", bytes: pack(envelope) };
  }
}

beforeAll(async () => {
  if (fleetMissing !== null) return;
  work = await mkdtemp(join(tmpdir(), "rotate-key-test-"));
  template = await enrolFleet({ policy: SHORT_POLICY });
}, SCENARIO_MS_MAX);
afterAll(async () => {
  await template?.leave();
  if (work !== "") await rm(work, { recursive: true, force: true });
});

describe.skipIf(fleetMissing !== null)(title("an agent whose key is rolled"), () => {
  test(
    "settles again under its old credential, and the bundle of both logs is accepted",
    async () => {
      const { holder, consumer } = await inFleet(async ({ fleet }) => {
        fleet.holder.start();
        fleet.consumer.start();
        const { artifact: first } = await fleet.settled();
        const running = await runCommand(["rotate-key", "--profile", fleet.consumer.profile]);
        expect([running.code, running.stderr]).toEqual([75, expect.stringContaining("store-locked")]);
        for (const agent of [fleet.consumer, fleet.holder]) {
          await agent.stop();
          const rolled = await runCommand(["rotate-key", "--profile", agent.profile, "--json"]);
          expect(rolled).toMatchObject({ code: 0, stderr: "" });
          expect(JSON.parse(rolled.stdout)).toMatchObject({ schema: "spectrum-agent.rotate-key/1" });
          agent.start();
        }
        expect((await fleet.settled(first)).artifact).not.toBe(first);
      });
      for (const { own } of [holder, consumer]) {
        expect(own.filter(({ kind }) => kind === "key-rotation")).toHaveLength(1);
      }
      const bundle = join(work, "end.bundle");
      await exportBundle(bundle, "test", [() => framesOf(holder), () => framesOf(consumer)]);
      const { code, stdout } = await runCommand([
        "verify",
        bundle,
        "--trust",
        join(template.folder, "bench/trust/root.record"),
      ]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^(passed|not-checkable): .* 0 failed/)]);
    },
    SCENARIO_MS_MAX,
  );
});
