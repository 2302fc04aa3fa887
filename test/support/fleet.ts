/** Two agents, a broker, a world and what else a test names, each a real process; enrolled once, copied for each fleet. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TransmitReport } from "../../hardware/world/transmit-log.ts";
import { type AgentProcess, type AgentStatus, agentProcess, runCommand } from "./agent-process.ts";
import { ensureBuilt } from "./built.ts";
import type { Logs } from "./fleet-invariants.ts";
import {
  type AgentChoice,
  BENCH_OFFER,
  benchPolicy,
  consumerProfile,
  holderProfile,
  type OfferChoice,
} from "./fleet-profiles.ts";
import { hasMosquitto, type Mosquitto, type MosquittoOptions, startMosquitto } from "./mosquitto.ts";
import { pause, type WorldOfOne, worldOfOne } from "./world-of-one.ts";

export type FleetPlan = {
  readonly holder?: Omit<AgentChoice, "name">;
  /** `radio` names the world WORLD: only a running fleet knows its address. */
  readonly consumer?: Omit<AgentChoice, "name">;
  readonly offer?: Partial<OfferChoice>;
  readonly policy?: readonly (readonly [key: string, value: string])[];
  /**
   * Gives the agents their credentials: fills `bench/trust/root.record` and `bench/documents` of the folder, where the
   * profiles and `policy.yaml` lie. `bench-enrol`, unless told.
   */
  readonly enrol?: (folder: string) => Promise<void>;
  readonly broker?: MosquittoOptions;
};

export type Template = {
  readonly plan: FleetPlan;
  readonly folder: string;
  leave(): Promise<void>;
};

export type Settled = {
  readonly artifact: string;
  readonly holder: AgentStatus;
  readonly consumer: AgentStatus;
};

export type Fleet = {
  readonly folder: string;
  readonly broker: Mosquitto;
  readonly world: WorldOfOne;
  readonly holder: AgentProcess;
  readonly consumer: AgentProcess;
  transmitLog(): TransmitReport;
  /** Polls until it gives something; at its bound it throws with what the agents said. */
  eventually<T>(what: string, probe: () => T | null | Promise<T | null>, waitMs?: number): Promise<T>;
  /** RF is on for a lease that is effective on both sides, and every other lease is terminated on both. */
  settled(unlike?: string): Promise<Settled>;
  /** Stops both agents in the orderly way, and reads what they left. */
  logs(): Promise<Logs>;
  leave(): Promise<void>;
};

const POLL_MS = 100;
const WAIT_MS = 60_000;

export const GUARDED_RADIO =
  '{driver: guarded-simulated, socket: ./guard.sock, world: "WORLD", emitter: tx, lowest: 433MHz, highest: 435MHz}';

/** Deadlines of seconds instead of half minutes, so that a lease that nobody confirms ends while a test waits. */
export const SHORT_POLICY: readonly (readonly [string, string])[] = [
  ["confirm-by-max", "5s"],
  ["effective-by-max", "5s"],
  // The guard's half second of feeding counts into the latency that it declares.
  ["mute-latency-max", "1s"],
];

/** Why no fleet can run here, or null. */
export const fleetMissing: string | null = hasMosquitto() ? null : "mosquitto is not installed";

/** Profiles, keys, credentials, by the program's own commands. */
export async function enrolFleet(plan: FleetPlan): Promise<Template> {
  ensureBuilt("dist/src/main.js");
  const folder = await mkdtemp(join(tmpdir(), "spectrum-fleet-"));
  await writeProfiles(folder, plan, 1883, "unix:/nowhere");
  await writeFile(join(folder, "policy.yaml"), benchPolicy(plan.policy ?? SHORT_POLICY));
  await (plan.enrol ?? benchEnrol)(folder);
  return { plan, folder, leave: () => rm(folder, { recursive: true, force: true }) };
}

async function benchEnrol(folder: string): Promise<void> {
  const profiles = ["holder", "consumer"].map((name) => join(folder, name, "profile.yaml"));
  const options = ["--out", join(folder, "bench"), "--policy", join(folder, "policy.yaml")];
  const made = await runCommand(["bench-enrol", ...profiles, ...options]);
  if (made.code !== 0) throw new Error(`bench-enrol ended with ${made.code}: ${made.stderr}`);
}

/** A fleet of its own from the template's keys, its plan changed where told; no agent runs yet. */
export async function startFleet(template: Template, changes: FleetPlan = {}): Promise<Fleet> {
  const plan = merged(template.plan, changes);
  const world = await worldOfOne();
  const mosquitto = await startMosquitto(plan.broker);
  const folder = join(world.folder, "fleet");
  await cp(template.folder, folder, { recursive: true });
  await writeProfiles(folder, plan, mosquitto.port, world.address);
  const holder = agentProcess(join(folder, "holder"));
  const consumer = agentProcess(join(folder, "consumer"));

  async function eventually<T>(
    what: string,
    probe: () => T | null | Promise<T | null>,
    waitMs: number = WAIT_MS,
  ): Promise<T> {
    for (let waited = 0; waited < waitMs; waited += POLL_MS) {
      const found = await probe();
      if (found !== null) return found;
      await pause(POLL_MS);
    }
    const accounts = await Promise.all([holder, consumer].map(account));
    throw new Error(`gave up waiting for ${what}\n${accounts.join("\n")}`);
  }

  async function stopBoth(): Promise<void> {
    await Promise.all([holder.stop(), consumer.stop()]);
  }

  return {
    folder,
    broker: mosquitto,
    world,
    holder,
    consumer,
    transmitLog: () => world.transmitLog(),
    eventually,
    settled: (unlike) =>
      eventually("a lease that is effective on both sides, with RF on", async () =>
        standing(await holder.status(), await consumer.status(), unlike),
      ),
    async logs() {
      await stopBoth();
      // Muted by the stop: the world has written it when the guard answered.
      return { holder: await holder.log(), consumer: await consumer.log() };
    },
    async leave() {
      await stopBoth();
      await mosquitto.close();
      await world.leave();
    },
  };
}

function merged(plan: FleetPlan, changes: FleetPlan): FleetPlan {
  return {
    ...plan,
    ...changes,
    holder: { ...plan.holder, ...changes.holder },
    consumer: { ...plan.consumer, ...changes.consumer },
    offer: { ...plan.offer, ...changes.offer },
  };
}

/** For the message of a failed wait: status without its long lists, what was refused, what the process said last. */
async function account(agent: AgentProcess): Promise<string> {
  const status = await agent.status();
  const log = await agent.logSoFar();
  const { ready, notReady, radio, leases, quarantine } = status ?? {};
  const refusals = log.ownOf("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
  const kinds = log.own.map(({ kind }) => kind).slice(-12);
  const state = { ready, notReady, radio, leases, quarantine, refused: [...new Set(refusals)], kinds };
  return `${agent.folder}: ${status === null ? "does not answer" : JSON.stringify(state)}\n${agent.said()}`;
}

function standing(holder: AgentStatus | null, consumer: AgentStatus | null, unlike?: string): Settled | null {
  if (holder === null || consumer === null) return null;
  const [theirs, ours] = [holder.leases ?? [], consumer.leases ?? []];
  const lease = ours.find(({ phase }) => phase === "effective");
  if (lease === undefined || lease.artifact === unlike) return null;
  if (consumer.radio?.on !== true || consumer.radio.lease !== lease.artifact) return null;
  if (theirs.find(({ artifact }) => artifact === lease.artifact)?.phase !== "effective") return null;
  const others = [...theirs, ...ours].filter(({ artifact }) => artifact !== lease.artifact);
  if (others.some(({ termination }) => termination === null)) return null;
  return { artifact: lease.artifact, holder, consumer };
}

async function writeProfiles(folder: string, plan: FleetPlan, broker: number, world: string): Promise<void> {
  const offer = { ...BENCH_OFFER, ...plan.offer };
  const radio = (plan.consumer?.radio ?? GUARDED_RADIO).replace("WORLD", world);
  const texts = {
    holder: holderProfile({ ...plan.holder, name: "holder" }, broker, offer),
    consumer: consumerProfile({ ...plan.consumer, name: "consumer", radio }, broker, offer),
  };
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "profile.yaml"), text);
  }
}
