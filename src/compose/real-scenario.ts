/** A scenario's agents in this program, over the drivers that their profiles name, with a root of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../agent/pause.ts";
import type { Note } from "../core/agent/effect.ts";
import { assert } from "../core/base/assert.ts";
import type { Lease } from "../core/settlement/lease.ts";
import {
  acknowledgementFilter,
  acknowledgementTopic,
  agentTopic,
  broadcastFilter,
  preemptionTopic,
  statusTopic,
} from "../core/wire/topic.ts";
import type { Log } from "../ports/log.ts";
import type { Mesh } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import type { Frame } from "../ports/store.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import type { Scenario, ScenarioAgent, ScenarioStep } from "../profile/scenario.ts";
import { directiveOf } from "../sim/scenario/directive.ts";
import { auditOf, type PartyLog, type ScenarioEvidence } from "../sim/scenario/evidence.ts";
import { type PartyEvents, type RealParty, RealRun, type RealRunParts } from "../sim/scenario/real-run.ts";
import type { ScenarioReport } from "../sim/scenario/report.ts";
import { type BenchAuthority, benchAuthority } from "./authority.ts";
import { type ComposedAgent, composeAgent, type Surroundings, systemSurroundings } from "./compose.ts";
import { isUp } from "./mesh-up.ts";
import { openMesh, openStore } from "./open-ports.ts";

type Going = Pick<RealRunParts, "pace" | "isInterrupted">;

/** Long after the end of any scenario. */
const VALID_US = 30 * 86_400_000_000;
/** How long a broker takes to hand out what it keeps. */
const RETAINED_WITHIN_US = 500_000;
const UP_WITHIN_US = 5_000_000;

/**
 * State and control sockets lie in a folder that is removed at the end: nothing of a story gets into the log of an agent
 * that is in use. Rejects with the TPM's PortError where a key cannot be had.
 */
export async function playRealScenario(scenario: Scenario, going: Going): Promise<ScenarioReport> {
  const folder = await mkdtemp(join(tmpdir(), "spectrum-scenario-"));
  try {
    return await new RealStage(scenario, folder).play(going);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class RealStage {
  readonly #scenario: Scenario;
  readonly #profiles: ReadonlyMap<string, AgentProfile>;
  readonly #folder: string;
  readonly #around: Surroundings = systemSurroundings("error");
  readonly #hosts = new Map<string, RealHost>();
  readonly #revoked: Uint8Array[] = [];

  constructor(scenario: Scenario, folder: string) {
    this.#scenario = scenario;
    this.#folder = folder;
    this.#profiles = new Map(
      scenario.agents.map((agent) => [agent.name, ownProfile(agent, scenario, folder)]),
    );
  }

  async play({ pace, isInterrupted }: Going): Promise<ScenarioReport> {
    const { clock } = this.#around;
    const authority = await this.#openAuthority();
    const run = new RealRun(this.#scenario, {
      clock,
      pace,
      isInterrupted,
      root: {
        revoke: (agent) => this.#revoke(authority, agent),
        preempt: (step) => this.#preempt(authority, step),
        acknowledge: (lease) => this.#acknowledge(authority, lease),
      },
      switchOn: ({ name }, events) => {
        const host = new RealHost(this.#profileOf(name), this.#around, events);
        this.#hosts.set(name, host);
        return host;
      },
    });
    await run.play();
    await Promise.all([...this.#hosts.values()].map((host) => host.switchOff()));
    await this.#tidy(authority);
    return run.report(await this.#gather(authority, run));
  }

  #openAuthority(): Promise<BenchAuthority> {
    const { policy, commodity, agents } = this.#scenario;
    const { wallUs } = this.#around.clock.read();
    return benchAuthority({
      profiles: [...this.#profiles.values()],
      policy,
      schema: commodity,
      folder: this.#folder,
      validUs: VALID_US,
      around: this.#around,
      granted({ name }) {
        const agent = agents.find((each) => each.name === name);
        assert(agent !== undefined, "each agent's profile has its name");
        const { level, eligibilityClass, endsUs } = agent.credential;
        const untilUs = endsUs === null ? null : wallUs + endsUs;
        return { level, eligibilityClasses: [eligibilityClass], untilUs };
      },
    });
  }

  #profileOf(name: string): AgentProfile {
    const profile = this.#profiles.get(name);
    assert(profile !== undefined, "a scenario that was read names only agents that it has");
    return profile;
  }

  async #revoke(authority: BenchAuthority, agent: string): Promise<void> {
    const issued = authority.agents.find(({ name }) => name === agent);
    assert(issued !== undefined, "every agent of a scenario has a credential");
    this.#revoked.push(issued.credential);
    const bytes = await authority.revoke(this.#revoked);
    await this.#onBrokers(authority, (mesh) =>
      mesh.publish({ topic: statusTopic(authority.root), bytes, retain: true }),
    );
  }

  async #preempt(authority: BenchAuthority, step: ScenarioStep): Promise<void> {
    const { clock, entropy, pack } = this.#around;
    const issue = { issuedUs: clock.read().wallUs, nonce: entropy.bytes(16) };
    const { id, envelope } = await authority.preempt(directiveOf(this.#scenario, step, issue));
    const topic = preemptionTopic(authority.root, id);
    await this.#onBrokers(authority, (mesh) => mesh.publish({ topic, bytes: pack(envelope), retain: true }));
  }

  async #acknowledge(authority: BenchAuthority, { derived, holderSettlement }: Lease): Promise<void> {
    const { id, artifact } = derived;
    const word = await authority.acknowledge({ artifact: id, record: holderSettlement.id });
    const topic = acknowledgementTopic(artifact.consumer, authority.root, word.id);
    const bytes = this.#around.pack(word.envelope);
    await this.#onBrokers(authority, (mesh) => mesh.publish({ topic, bytes, retain: true }));
  }

  /** What a broker keeps of this story for those who come later is of no use to them. */
  #tidy(authority: BenchAuthority): Promise<void> {
    const lineages = authority.agents.map(({ identity }) => identity.lineage);
    return this.#onBrokers(authority, async (mesh) => {
      const topics = new Set([
        statusTopic(authority.root),
        ...authority
          .records()
          .flatMap(({ kind, id }) => (kind === "preemption" ? [preemptionTopic(authority.root, id)] : [])),
        ...lineages.map((each) => agentTopic(each, "identity")),
      ]);
      mesh.listen((event) => {
        if (event.kind === "message" && event.message.retain) topics.add(event.message.topic);
      });
      await mesh.subscribe(lineages.flatMap((each) => [broadcastFilter(each), acknowledgementFilter(each)]));
      await pause(this.#around.clock, RETAINED_WITHIN_US);
      for (const topic of topics) await mesh.publish({ topic, bytes: new Uint8Array(0), retain: true });
    });
  }

  /** On each broker that an agent of the story hears; one that cannot be reached has its agents to say so. */
  async #onBrokers(authority: BenchAuthority, act: (mesh: Mesh) => Promise<void>): Promise<void> {
    const brokers = new Map([...this.#profiles.values()].map((each) => [each.mesh.url, each]));
    for (const profile of brokers.values()) {
      // An agent with an embedded broker of its own has it running by now.
      const reached = { ...profile, mesh: { ...profile.mesh, driver: "mqtt" as const } };
      const mesh = await openMesh(reached, this.#around, authority.root);
      try {
        await isUp(mesh, this.#around.clock, UP_WITHIN_US);
        await act(mesh);
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        this.#around.log.warn("broker-not-reached", { url: profile.mesh.url, reason: error.message });
      } finally {
        await mesh.close();
      }
    }
  }

  async #gather(authority: BenchAuthority, run: RealRun): Promise<ScenarioEvidence> {
    const { pack, primitives, entropy } = this.#around;
    const own = authority.records().map(({ envelope }): Frame => ({ kind: "own", bytes: pack(envelope) }));
    const [first] = own;
    assert(first !== undefined, "a root begins with its inception");
    const logs: PartyLog[] = [{ name: "root", lineage: authority.root, frames: own }];
    for (const { name, identity } of authority.agents) {
      // Who still waits for a port may have its log open.
      if (this.#hosts.get(name)?.running() === null) continue;
      const store = await openStore(this.#profileOf(name).statePath, entropy);
      const frames: Frame[] = [];
      for await (const frame of store.frames()) frames.push(frame);
      await store.close();
      logs.push({ name, lineage: identity.lineage, frames });
    }
    const verdict = auditOf(logs, first.bytes, primitives);
    return { logs, root: first.bytes, transmissions: run.transmissions, verdict };
  }
}

/** One agent of the story, as `spectrum-agent run` would run it. */
class RealHost implements RealParty {
  readonly name: string;
  readonly #waits = new Map<string, string>();
  readonly #opened: Promise<void>;
  #composed: ComposedAgent | null = null;

  constructor(profile: AgentProfile, around: Surroundings, { noted, failed }: PartyEvents) {
    this.name = profile.name;
    const onNote = (note: Note): void => noted(note);
    this.#waits.set("start", "opening ports");
    this.#opened = composeAgent(profile, { ...around, log: this.#log(around.log), onNote }).then(
      (composed) => {
        this.#composed = composed;
      },
      (error: unknown) => {
        if (!(error instanceof PortError)) throw error;
        this.#waits.set("start", `${error.code}: ${error.message}`);
        failed(error.code);
      },
    );
  }

  running() {
    return this.#composed?.running ?? null;
  }

  radio() {
    return this.#composed?.radio ?? null;
  }

  waitsFor(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#waits);
  }

  /** One that still waits for a port is left: it has nothing to end but this program. */
  async switchOff(): Promise<void> {
    if (this.#composed === null) return;
    await this.#opened;
    await this.#composed.stop();
  }

  /** Ports that do not open say so in the log alone. */
  #log(log: Log): Log {
    return {
      ...log,
      warn: (event, fields) => {
        if (event === "not-ready") this.#waits.set(String(fields?.["port"]), String(fields?.["reason"]));
        log.warn(event, fields);
      },
    };
  }
}

/** Two agents of a story may name one profile: what is a host's own lies apart. */
function ownProfile(
  { name, role, profile }: ScenarioAgent,
  { policy }: Scenario,
  folder: string,
): AgentProfile {
  const statePath = join(folder, name);
  const isSimulated = profile.tpm.driver === "simulated";
  const state = { ...profile.tpm.options, state: join(statePath, "tpm") };
  return {
    ...profile,
    name,
    statePath,
    controlPath: join(statePath, "control.sock"),
    tpm: isSimulated ? { ...profile.tpm, options: state } : profile.tpm,
    trustPaths: [join(folder, "trust", "root.record")],
    documentPaths: [join(folder, "documents")],
    policy: policy.name,
    offers: role === "holder" ? profile.offers : [],
    accepts: role === "holder" ? [] : profile.accepts,
  };
}
