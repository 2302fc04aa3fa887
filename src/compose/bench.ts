/** A bench on one machine: an authority, a broker, and agents of the production code on simulated devices of one world. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noFaults } from "../../hardware/gnss/faults.ts";
import { simulatedGnss } from "../../hardware/gnss/simulated.ts";
import { simulatedRadio } from "../../hardware/radio/simulated.ts";
import { createEther, type LocalEther } from "../../hardware/world/ether.ts";
import { movePlace, type Space } from "../../hardware/world/space.ts";
import type { Track, TruePlace } from "../../hardware/world/track.ts";
import {
  memoryTransmitLog,
  readTransmitLog,
  type TransmitReport,
} from "../../hardware/world/transmit-log.ts";
import { startBroker } from "../adapters/mqtt/embedded-broker.ts";
import { createSoftwareSigner } from "../adapters/signatures/software-signer.ts";
import { seededEntropy } from "../adapters/system/seeded-entropy.ts";
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import { ZERO_ID } from "../core/record/identity.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { Box } from "../core/record/spectrum-fields.ts";
import { TIME_RULES_DEFAULT } from "../core/window/assured-time.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Frame } from "../ports/store.ts";
import type { AgentProfile, StandingOffer } from "../profile/agent-profile.ts";
import { agentCredential, type BenchCredential, benchBox, rootCredential } from "./bench-credentials.ts";
import { type ComposedAgent, composeAgent, enrol, type Identity, type Surroundings } from "./compose.ts";
import { makeFolder } from "./make-folder.ts";
import { openStore } from "./open-ports.ts";
import { writeRecords } from "./record-files.ts";

export type BenchOptions = {
  /** 0 … 2^32 − 1: places, errors, keys and ids follow from it. */
  readonly seed: number;
  readonly folder: string;
  readonly policy: Policy;
  readonly schema: Schema;
  readonly around: Surroundings;
  readonly centre: TruePlace;
};

export type BenchAgentOptions = {
  readonly name: string;
  readonly owner: string;
  /** From the bench's centre. */
  readonly northMm: number;
  readonly eastMm: number;
  readonly credential: BenchCredential;
  readonly radio: boolean;
  readonly offers: readonly StandingOffer[];
  readonly onNote: Surroundings["onNote"];
};

export type BenchAgent = {
  readonly name: string;
  readonly identity: Identity;
  readonly composed: ComposedAgent;
  /** Puts the receiver and its antenna elsewhere, from one fix to the next. */
  move(northMm: number, eastMm: number): void;
  stop(): Promise<void>;
};

export type Bench = {
  readonly author: OfflineAuthor;
  readonly centre: TruePlace;
  /** What the root itself may let, and the most that it can pass on. */
  readonly box: Box;
  /** The root's inception as a record file: what `--trust` takes. */
  readonly trustPath: string;
  readonly broker: { readonly port: number };
  enrolAgent(options: BenchAgentOptions): Promise<EnrolledAgent>;
  transmissions(): TransmitReport;
  /** The root's log, and those of the agents: only once they are stopped, since a log has one owner. */
  logs(): readonly (() => AsyncIterable<Frame>)[];
  stop(): Promise<void>;
};

/** An agent with its credential, not yet running. */
export type EnrolledAgent = { readonly identity: Identity; start(): Promise<BenchAgent> };

/** What the agents of one bench share. */
type Shared = {
  readonly options: BenchOptions;
  readonly around: Surroundings;
  readonly author: OfflineAuthor;
  readonly root: Uint8Array;
  /** When the root was made: no credential may outlast its own. */
  readonly madeUs: number;
  readonly bodies: Record<string, Track>;
  readonly space: Space;
  readonly ether: LocalEther;
  readonly port: number;
  readonly paths: { readonly documents: string; readonly trustPath: string };
};

/** Everything simulated is marked so in the records: key tier, time and place. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { seed, folder, centre } = options;
  const around: Surroundings = { ...options.around, entropy: seededEntropy(seedBytes(seed)) };
  const { clock, pack, entropy } = around;
  const { wallUs, bootUs } = clock.read();
  const paths = { documents: join(folder, "documents"), trustPath: join(folder, "root.record") };
  await makeFolder(paths.documents);
  const box = benchBox(centre, options.schema.commodityClass, wallUs);
  const { author, root } = await benchRoot(options, around, box, wallUs);
  await writeFile(paths.trustPath, pack(author.inception.envelope));
  const bodies: Record<string, Track> = {};
  const space: Space = { seed, epochUtcUs: wallUs - bootUs, bodies };
  const transmitLog = memoryTransmitLog();
  const ether = createEther(clock, transmitLog);
  const broker = await startBroker({ host: "127.0.0.1", port: 0 });
  const shared = {
    options,
    around,
    author,
    root,
    madeUs: wallUs,
    bodies,
    space,
    ether,
    port: broker.port,
    paths,
  };
  return {
    author,
    centre,
    box,
    trustPath: paths.trustPath,
    broker,
    enrolAgent: (agent) => enrolAgent(shared, agent),
    transmissions: () => readTransmitLog(transmitLog.text()),
    logs: () => [
      () => framesOf(author.records(), pack),
      ...Object.keys(bodies).map((name) => () => storedFrames(join(folder, name), entropy)),
    ],
    stop: () => broker.close(),
  };
}

async function* framesOf(records: readonly AnyRecord[], pack: PackEnvelope): AsyncGenerator<Frame> {
  for (const { envelope } of records) yield { kind: "own", bytes: pack(envelope) };
}

async function* storedFrames(statePath: string, entropy: Entropy): AsyncGenerator<Frame> {
  const store = await openStore(statePath, entropy);
  try {
    yield* store.frames();
  } finally {
    await store.close();
  }
}

async function benchRoot(
  options: BenchOptions,
  { primitives, entropy }: Surroundings,
  box: Box,
  wallUs: number,
): Promise<{ readonly author: OfflineAuthor; readonly root: Uint8Array }> {
  // RFC 6979 nonces: one seed gives one set of records.
  const signer = createSoftwareSigner(entropy, "rfc6979");
  const author = await offlineAuthor({
    signer,
    primitives,
    entropy,
    owner: "Bench licensee",
    tier: "software",
  });
  await author.write("policy", options.policy);
  await author.write("schema", options.schema);
  const root = await author.write("credential", rootCredential(author, options, box, wallUs));
  const first = { number: 1, previousSnapshot: ZERO_ID, issuedUs: wallUs, revoked: [] };
  await author.write("status-snapshot", first);
  return { author, root: root.id };
}

async function enrolAgent(shared: Shared, agent: BenchAgentOptions): Promise<EnrolledAgent> {
  const { options, around, author, root, madeUs: nowUs, bodies, port, paths } = shared;
  const { entropy } = around;
  const profile = benchProfile(agent, options, port, paths);
  const place = movePlace(options.centre, agent.northMm, agent.eastMm, 0);
  bodies[agent.name] = { kind: "fixed", place };
  const identity = await enrol(profile, around);
  const { owner, credential } = agent;
  const issued = agentCredential({
    owner,
    credential,
    identity,
    parent: root,
    nowUs,
    nonce: entropy.bytes(16),
  });
  await author.write("credential", issued, root);
  await writeRecords(author.records(), paths.documents, around.pack);
  return { identity, start: () => startAgent(shared, agent, profile, identity) };
}

async function startAgent(
  { options, around, bodies, space, ether }: Shared,
  { name, radio, onNote }: BenchAgentOptions,
  profile: AgentProfile,
  identity: Identity,
): Promise<BenchAgent> {
  const { clock, entropy, log } = around;
  const context = { clock, entropy, log };
  const gnss = simulatedGnss(context, {
    space,
    body: name,
    periodUs: 200_000,
    horizontalErrorMm: 1_500,
    timeErrorUs: 1_000,
    faults: noFaults(),
  });
  const handedIn = radio
    ? { gnss, radio: await simulatedRadio({ ether })(context, radioOptions(name)) }
    : { gnss };
  const composed = await composeAgent(profile, { ...around, onNote }, handedIn);
  return {
    name,
    identity,
    composed,
    move(northMm, eastMm) {
      bodies[name] = { kind: "fixed", place: movePlace(options.centre, northMm, eastMm, 0) };
    },
    stop: () => composed.stop(),
  };
}

function seedBytes(seed: number): Uint8Array {
  return Uint8Array.of((seed >>> 24) & 0xff, (seed >>> 16) & 0xff, (seed >>> 8) & 0xff, seed & 0xff);
}

function radioOptions(emitter: string): Readonly<Record<string, string | number>> {
  return { emitter, lowest: 24_000_000, highest: 1_766_000_000, "power-max": 1_000 };
}

function benchProfile(
  { name, owner, offers }: BenchAgentOptions,
  { folder, policy }: BenchOptions,
  port: number,
  paths: { readonly documents: string; readonly trustPath: string },
): AgentProfile {
  const statePath = join(folder, name);
  return {
    name,
    owner,
    statePath,
    controlPath: join(statePath, "control.sock"),
    logLevel: "error",
    production: false,
    identifiers: [],
    mesh: {
      driver: "mqtt",
      url: `mqtt://127.0.0.1:${port}`,
      caPath: null,
      certPath: null,
      keyPath: null,
      isEnrolled: false,
      rangeRings: 1,
    },
    tpm: {
      driver: "simulated",
      options: { state: join(statePath, "tpm") },
    },
    gnss: { driver: "simulated", options: {} },
    radio: null,
    trustPaths: [paths.trustPath],
    documentPaths: [paths.documents],
    policy: policy.name,
    time: { ...TIME_RULES_DEFAULT, checkAgainstWall: true },
    place: {
      speedMmPerS: 0,
      climbMmPerS: 0,
      transportUs: 500_000,
      unestimatedErrorMm: null,
      holdUs: 10_000_000,
    },
    offers,
    accepts: [],
  };
}
