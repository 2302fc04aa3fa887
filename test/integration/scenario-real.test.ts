/**
 * One scenario file on real drivers (issue: "The same file runs against real drivers"): agents of the production code in the
 * command's own program, over mosquitto, gpsd, two TPM programs and a guard program of its own; and in the simulated world.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTransmitLog } from "../../hardware/world/transmit-log.ts";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { ensureBuilt } from "../support/built.ts";
import { GUARDED_RADIO } from "../support/fleet.ts";
import { type AgentChoice, BENCH_OFFER, consumerProfile, holderProfile } from "../support/fleet-profiles.ts";
import {
  feedReceiver,
  type Gpsd,
  type PtyPair,
  programMissing,
  startGpsd,
  startPtyPair,
} from "../support/gpsd.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../support/mosquitto.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";
import { type WorldOfOne, worldOfOne } from "../support/world-of-one.ts";

const missing =
  (hasMosquitto() ? null : "mosquitto is not installed") ?? programMissing("gpsd", "socat") ?? swtpmMissing();
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);
const LONG_MS = 180_000;
/** A sky full of satellites: both sides' errors count against the window of 50 m. */
const GOOD_SKY = [0.5, 0.4, 0.3] as const;

/** Nothing in it names a driver: the shipped bench profiles are simulated, and `--devices` stands in their place. */
const STORY = `schema: spectrum-agent.scenario/1
name: same-file
about: A consumer buys by hand, its licence falls in mid-lease, and a jammer comes that only a simulated sky knows.
duration: 60s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}, accepts: []}
links:
  - {between: [lender, taker], latency: 20ms}
steps:
  - {name: buy, at: 15s, agent: taker, do: accept, resource: bench-433}
  - {name: fall, at: 28s, agent: taker, do: revoke}
faults:
  - {name: jammer, at: 35s, fault: gnss-jammed, host: taker, for: 20s}
expectations:
  - {name: silent before it buys, never: {emissions: any}, until: 14s}
  - {name: both hold the lease, expect: {settled: bench-433}, within: 8s, after: buy}
  - {name: on the air, expect: {agent: taker, radio: "on"}, at: 27s}
  - {name: silent once its licence fell, expect: {agent: taker, radio: "off"}, within: 3s, after: fall}
  - {name: jammed, expect: {agent: taker, ready: false}, within: 15s, after: jammer}
  - {name: settled once in all, expect: {settled: any, at-most: 1, at-least: 1}, at: 60s}
`;

let broker: Mosquitto;
let pty: PtyPair;
let receiver: ReturnType<typeof feedReceiver>;
let gpsd: Gpsd;
let tpms: readonly Swtpm[] = [];
let world: WorldOfOne;
let base = "";
let file = "";

beforeAll(async () => {
  if (missing !== null) return;
  await ensureBuilt("dist/src/cli/scenario.js");
  base = mkdtempSync(join(tmpdir(), "scenario-real-"));
  file = join(base, "same-file.yaml");
  writeFileSync(file, STORY);
  pty = await startPtyPair();
  receiver = feedReceiver(pty, GOOD_SKY);
  [broker, gpsd, world, ...tpms] = await Promise.all([
    startMosquitto(),
    startGpsd(pty.path),
    worldOfOne(),
    startSwtpm(),
    startSwtpm(),
  ]);
}, LONG_MS);
afterAll(async () => {
  if (missing !== null) return;
  receiver.stop();
  await gpsd.stop();
  await pty.stop();
  await world.leave();
  await broker.close();
  for (const tpm of tpms) await tpm.stop();
  rmSync(base, { recursive: true, force: true });
}, LONG_MS);

/** Where `feedReceiver` says that it is. */
const OFFER = { ...BENCH_OFFER, latitude: "52.52deg", longitude: "13.405deg" };

/** A folder with each agent's profile; `radio` of the taker, where it is not the guard program's. */
function devices(name: string, port: number, radio?: string): string {
  const folder = join(base, name);
  mkdirSync(folder);
  const choice = (agent: string, i: number): AgentChoice => ({
    name: agent,
    tpm: `{driver: swtpm, port: ${tpms[i]?.port}, keys: ./keys-${i}}`,
    gnss: `{driver: gpsd, port: ${gpsd.port}}`,
    time: "{}",
  });
  const guarded = radio ?? GUARDED_RADIO.replace("WORLD", world.address);
  writeFileSync(join(folder, "lender.yaml"), holderProfile(choice("lender", 0), port, OFFER));
  writeFileSync(
    join(folder, "taker.yaml"),
    consumerProfile({ ...choice("taker", 1), radio: guarded }, port, OFFER),
  );
  return folder;
}

function run(...argv: readonly string[]): Promise<CommandResult> {
  return runCommand(["scenario", "run", file, ...argv]);
}

describe.skipIf(missing !== null)(title("one scenario file"), () => {
  test(
    "holds on mosquitto, gpsd, two swtpm and a guard program; what needs simulation is skipped by name and not judged",
    async () => {
      const [junit, artifacts] = [join(base, "junit.xml"), join(base, "artifacts")];
      const real = ["--real", "--devices", devices("real", broker.port)];
      const { code, stdout, stderr } = await run(
        ...real,
        "--json",
        "--junit",
        junit,
        "--artifacts",
        artifacts,
      );
      const [report] = JSON.parse(stdout).runs;
      const judged = report.results.map((each: { name: string; judged: boolean; passed: boolean }) => [
        each.name,
        each.judged ? each.passed : "not judged",
      ]);
      expect(judged, stdout + stderr).toEqual([
        ["silent before it buys", true],
        ["both hold the lease", true],
        ["on the air", true],
        ["silent once its licence fell", true],
        ["jammed", "not judged"],
        ["settled once in all", "not judged"],
      ]);
      expect(report).toMatchObject({ drivers: "real", seed: null, passed: false, verdict: "not-judged" });
      expect(report.notReady).toEqual([]);
      expect(report.skipped).toEqual([
        { what: "link", name: "lender to taker", reason: "needs the simulated mesh" },
        { what: "fault", name: "jammer", reason: "needs a simulated receiver" },
        {
          what: "invariants",
          name: "all",
          reason: "watched in simulated worlds only; the records are audited",
        },
      ]);
      expect(code).toBe(0);
      const xml = readFileSync(junit, "utf8");
      expect(xml).toContain('<testsuites tests="9" failures="0" skipped="5">');
      expect(xml).toMatch(/name="fault jammer" .*\n *<skipped message="needs a simulated receiver"[/]>/);
      await expectRealDevices(join(artifacts, "same-file-real"));
    },
    LONG_MS,
  );

  test(
    "in the simulated world every expectation of it is judged and holds",
    async () => {
      const { code, stdout } = await run();
      expect(stdout).toMatch(/^passed same-file, seed 1: 6 of 6 expectations held, /);
      expect(code).toBe(0);
    },
    LONG_MS,
  );

  test(
    "fails where the broker is not there, and says for what the agents wait",
    async () => {
      const short = STORY.replace("duration: 60s", "duration: 12s").replace(
        /^(links|steps|faults):\n( .*\n)+/gm,
        "",
      );
      const only = short.replace(/^expectations:\n( .*\n)+/m, EXPECTS_OFFER);
      file = join(base, "no-broker.yaml");
      writeFileSync(file, only);
      const nowhere = devices(
        "nowhere",
        1,
        "{driver: simulated, emitter: tx, lowest: 433MHz, highest: 435MHz}",
      );
      const { code, stdout } = await run("--real", "--devices", nowhere);
      expect(stdout).toMatch(/^FAILED same-file, real drivers: 0 of 1 expectations held, /);
      expect(stdout).toContain("measured taker ready false, required taker ready true");
      expect(stdout).toMatch(/not ready at the end: taker: mesh: /);
      expect(code).toBe(1);
    },
    LONG_MS,
  );
});

const EXPECTS_OFFER = `expectations:
  - {name: connected, expect: {agent: taker, ready: true}, at: 10s}
`;

/** What is left behind says itself on what it ran: the keys' tier, the receiver's level, and the world's own log. */
async function expectRealDevices(folder: string): Promise<void> {
  const verified = await runCommand([
    ...["verify", join(folder, "run.bundle"), "--trust", join(folder, "root.record"), "--json"],
  ]);
  expect(verified.code, verified.stdout).toBe(0);
  expect(readdirSync(join(folder, "records")).sort()).toEqual(["lender", "root", "taker"]);
  const seen = readTransmitLog(readFileSync(join(folder, "transmit.log"), "utf8"));
  const truth = world.transmitLog();
  expect(seen.damage).toBeNull();
  expect(seen.intervals.map(({ lease, cause }) => ({ lease, cause }))).toEqual(
    truth.intervals.map(({ lease, cause }) => ({ lease, cause })),
  );
  expect(truth.intervals).toHaveLength(1);
}
