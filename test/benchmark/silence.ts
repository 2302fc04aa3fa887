/** From a directive at a real broker to radios that are silent, beside a plain message through the same broker (PROTOCOL §7). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../../src/agent/pause.ts";
import { benchAuthority } from "../../src/compose/authority.ts";
import { type ComposedAgent, composeAgent, systemSurroundings } from "../../src/compose/compose.ts";
import { isUp } from "../../src/compose/mesh-up.ts";
import { openMesh } from "../../src/compose/open-ports.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { preemptionTopic } from "../../src/core/wire/topic.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import type { AgentProfile } from "../../src/profile/agent-profile.ts";
import { directiveOf } from "../../src/sim/scenario/directive.ts";
import { startMosquitto } from "../support/mosquitto.ts";
import { scenarioOf } from "../support/scenario-file.ts";

/** µs of each radio or listener and round. */
export type Samples = { readonly silenceUs: readonly number[]; readonly echoUs: readonly number[] };

const RADIOS = 4;
const VALID_US = 3_600_000_000;
const STANDS_US = 1_000_000;
const READY_US_MAX = 60_000_000;
const SILENT_US_MAX = 10_000_000;
const LOOK_EVERY_US = 20_000;
/** A directive in its envelope is about as long. */
const ECHO_BYTES = 600;
const around = systemSurroundings("error");
const names = Array.from({ length: RADIOS }, (_, i) => i + 1);

const scenario = scenarioOf(`schema: spectrum-agent.scenario/1
name: silence
about: radios that a directive silences, over and over
duration: 1h
policy: bench-cabled
commodity: spectrum-block
agents:
  - name: holder
    role: holder
    profile: bench-holder
    place: {north: 0m}
    offers:${names.map(offer).join("")}
${names.map((i) => `  - {name: radio-${i}, role: consumer, profile: bench-radio, place: {north: 5m}, accepts: [{resource: channel-${i}, commodity: spectrum-block, band: [433MHz, 434MHz], width: 25kHz, duration: 30min, power: 10dBm EIRP}]}`).join("\n")}
steps:
  - {at: 0s, name: silence, agent: holder, do: preempt, for: 1s, cause: incumbent}
expectations:
  - {name: any, expect: {audit: any}, at: 1h}
`);

function offer(i: number): string {
  const [lower, upper] = [433_000 + 50 * i, 433_025 + 50 * i];
  return `
      - resource: channel-${i}
        commodity: spectrum-block
        band: [${lower}kHz, ${upper}kHz]
        area: {circle: {centre: {latitude: 52.5163deg, longitude: 13.3777deg}, radius: 250m}}
        duration: 30min
        limits: [12dBm EIRP]
        exclusive: true
        price: 0 EUR
        eligibility: {level: user, class: bench}
        rules: [handshake]
        lease-class: bench-demo
        end-after: 10s
        refresh: 2s`;
}

/** A broker, a holder and its tenants, each a whole agent in this process; all is taken down at the end. */
export async function measureSilence(rounds: number): Promise<Samples> {
  const folder = await mkdtemp(join(tmpdir(), "bench-silence-"));
  const broker = await startMosquitto();
  const ends: (() => Promise<void>)[] = [broker.close, () => rm(folder, { recursive: true, force: true })];
  try {
    return await measured(rounds, { folder, url: `mqtt://127.0.0.1:${broker.port}`, ends });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

type Place = { readonly folder: string; readonly url: string; readonly ends: (() => Promise<void>)[] };

async function measured(rounds: number, { folder, url, ends }: Place): Promise<Samples> {
  const profiles = scenario.agents.map(({ name, role, profile }) => ({
    ...ownProfile(profile, folder, name, url),
    ...(role === "holder" ? { accepts: [] } : { offers: [] }),
  }));
  const { policy, commodity: schema } = scenario;
  const authority = await benchAuthority({ profiles, policy, schema, folder, validUs: VALID_US, around });
  const heard: AnyRecord[] = [];
  const onNote: typeof around.onNote = (note) => {
    if (note.what === "record" && note.record.kind === "actuation-outcome") heard.push(note.record);
  };
  const agents: ComposedAgent[] = [];
  for (const profile of profiles) agents.push(await composeAgent(profile, { ...around, onNote }));
  ends.push(...agents.map((agent) => () => agent.stop()));
  const speaker = await meshOf(url, 0, ends);
  const listeners = await Promise.all(names.map((i) => meshOf(url, i, ends)));

  const samples = { silenceUs: [] as number[], echoUs: [] as number[] };
  const [step] = scenario.steps;
  if (step === undefined) throw new Error("the story has its step");
  for (let round = 0; round < rounds; round++) {
    await until("radios on the air", READY_US_MAX, () => areOn(agents));
    samples.echoUs.push(...(await echo(speaker, listeners)));
    const issue = { issuedUs: around.clock.read().wallUs, nonce: around.entropy.bytes(16) };
    const body = { ...directiveOf(scenario, step, issue), untilUs: issue.issuedUs + STANDS_US };
    const { id, envelope } = await authority.preempt(body);
    const message = {
      topic: preemptionTopic(authority.root, id),
      bytes: around.pack(envelope),
      retain: false,
    };
    heard.length = 0;
    const sentUs = around.clock.read().bootUs;
    await speaker.publish(message);
    await until("radios silent", SILENT_US_MAX, () => mutesIn(heard).length >= RADIOS);
    samples.silenceUs.push(...mutesIn(heard).map((bootUs) => bootUs - sentUs));
  }
  return samples;
}

/** When each radio fell silent for a directive, boot time, as its agent recorded it. */
function mutesIn(heard: readonly AnyRecord[]): readonly number[] {
  return heard.flatMap((each) =>
    each.kind === "actuation-outcome" && each.body.result === "muted" && each.body.reason === "preempted"
      ? [each.body.bootUs]
      : [],
  );
}

async function areOn(agents: readonly ComposedAgent[]): Promise<boolean> {
  const radios = agents.flatMap(({ radio }) => (radio === null ? [] : [radio]));
  const read = await Promise.all(radios.map((radio) => radio.readBack()));
  return read.length === RADIOS && read.every(({ on }) => on);
}

async function echo(speaker: Mesh, listeners: readonly Mesh[]): Promise<readonly number[]> {
  let sentUs = 0;
  const came = listeners.map(
    (mesh) =>
      new Promise<number>((resolve) => {
        const cancel = mesh.listen(({ kind }) => {
          if (kind !== "message") return;
          cancel();
          resolve(around.clock.read().bootUs - sentUs);
        });
      }),
  );
  sentUs = around.clock.read().bootUs;
  await speaker.publish({ topic: "spectrum/v1/echo", bytes: new Uint8Array(ECHO_BYTES), retain: false });
  return Promise.all(came);
}

async function meshOf(url: string, nth: number, ends: (() => Promise<void>)[]): Promise<Mesh> {
  const place = {
    driver: "mqtt" as const,
    url,
    caPath: null,
    certPath: null,
    keyPath: null,
    isEnrolled: false,
    rangeRings: 0,
  };
  const mesh = await openMesh({ mesh: place }, around, new Uint8Array(32).fill(nth + 1));
  ends.push(() => mesh.close());
  const up = isUp(mesh, around.clock, SILENT_US_MAX);
  if (nth > 0) await mesh.subscribe(["spectrum/v1/echo"]);
  await up;
  return mesh;
}

async function until(what: string, withinUs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const lastUs = around.clock.read().bootUs + withinUs;
  while (!(await holds())) {
    if (around.clock.read().bootUs > lastUs) throw new Error(`not within ${withinUs} us: ${what}`);
    await pause(around.clock, LOOK_EVERY_US);
  }
}

function ownProfile(profile: AgentProfile, folder: string, name: string, url: string): AgentProfile {
  const statePath = join(folder, name);
  return {
    ...profile,
    name,
    statePath,
    controlPath: join(statePath, "control.sock"),
    mesh: { ...profile.mesh, url },
    tpm: { ...profile.tpm, options: { ...profile.tpm.options, state: join(statePath, "tpm") } },
    trustPaths: [join(folder, "trust", "root.record")],
    documentPaths: [join(folder, "documents")],
    policy: scenario.policy.name,
  };
}
