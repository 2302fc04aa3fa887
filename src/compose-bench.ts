/** A bench on one machine: an authority, a broker, and agents of the production code on simulated devices of one world. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noFaults } from "../hardware/gnss/faults.ts";
import { simulatedGnss } from "../hardware/gnss/simulated.ts";
import { simulatedRadio } from "../hardware/radio/simulated.ts";
import { createEther } from "../hardware/world/ether.ts";
import { movePlace, type Space } from "../hardware/world/space.ts";
import type { Track, TruePlace } from "../hardware/world/track.ts";
import { memoryTransmitLog, readTransmitLog, type TransmitReport } from "../hardware/world/transmit-log.ts";
import { startBroker } from "./adapters/mqtt/embedded-broker.ts";
import { createSoftwareSigner } from "./adapters/signatures/software-signer.ts";
import { seededEntropy } from "./adapters/system/seeded-entropy.ts";
import { type OfflineAuthor, offlineAuthor } from "./agent/offline-author.ts";
import {
  type ComposedAgent,
  composeAgent,
  enrol,
  type Identity,
  openStore,
  type Surroundings,
} from "./compose.ts";
import { ZERO_ID } from "./core/record/identity.ts";
import type { Credential } from "./core/record/kinds/credential.ts";
import type { Policy } from "./core/record/kinds/policy.ts";
import type { Schema } from "./core/record/kinds/schema.ts";
import { clear } from "./core/record/sealed.ts";
import type { Box } from "./core/record/spectrum-fields.ts";
import { TIME_RULES_DEFAULT } from "./core/window/assured-time.ts";
import type { Frame } from "./ports/store.ts";
import type { AgentProfile, StandingOffer } from "./profile/agent-profile.ts";

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
  readonly credential: Pick<Credential, "level" | "verbs" | "eligibilityClasses" | "scope" | "exclusive">;
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
  /** The log of a stopped agent, from its files. */
  framesOf(name: string): AsyncIterable<Frame>;
  stop(): Promise<void>;
};

/** An agent with its credential, not yet running. */
export type EnrolledAgent = { readonly identity: Identity; start(): Promise<BenchAgent> };

const HOUR_US = 3_600_000_000;

/** Everything simulated is marked so in the records: key tier, time and place. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { seed, folder, around, centre } = options;
  const entropy = seededEntropy(seedBytes(seed));
  const surroundings: Surroundings = { ...around, entropy };
  const documents = join(folder, "documents");
  await mkdir(documents, { recursive: true });
  const { clock, primitives, pack } = around;
  const { wallUs, bootUs } = clock.read();
  const bodies: Record<string, Track> = {};
  const space: Space = { seed, epochUtcUs: wallUs - bootUs, bodies };
  const transmitLog = memoryTransmitLog();
  const ether = createEther(clock, transmitLog);
  const broker = await startBroker({ host: "127.0.0.1", port: 0 });
  const signer = createSoftwareSigner(entropy);
  const author = await offlineAuthor({
    signer,
    primitives,
    entropy,
    owner: "Bench licensee",
    tier: "software",
  });
  await author.write("policy", options.policy);
  await author.write("schema", options.schema);
  const box = benchBox(centre, options.schema.commodityClass, wallUs);
  const root = await author.write("credential", rootCredential(author, options, box, wallUs));
  await author.write("status-snapshot", {
    number: 1,
    previousSnapshot: ZERO_ID,
    issuedUs: wallUs,
    revoked: [],
  });
  const trustPath = join(folder, "root.record");
  await writeFile(trustPath, pack(author.inception.envelope));
  await publishDocuments();

  async function publishDocuments(): Promise<void> {
    for (const [i, record] of author.records().entries()) {
      await writeFile(
        join(documents, `${String(i).padStart(3, "0")}-${record.kind}.record`),
        pack(record.envelope),
      );
    }
  }

  return {
    author,
    centre,
    box,
    trustPath,
    broker,
    async enrolAgent(agent) {
      const profile = benchProfile(agent, options, broker.port, { documents, trustPath });
      const place = movePlace(centre, agent.northMm, agent.eastMm, 0);
      bodies[agent.name] = { kind: "fixed", place };
      const identity = await enrol(profile, surroundings);
      await author.write(
        "credential",
        agentCredential(agent, identity, root.id, wallUs, entropy.bytes(16)),
        root.id,
      );
      await publishDocuments();
      const context = { clock, entropy, log: around.log };
      return {
        identity,
        async start() {
          const gnss = simulatedGnss(context, {
            space,
            body: agent.name,
            periodUs: 200_000,
            horizontalErrorMm: 1_500,
            timeErrorUs: 1_000,
            faults: noFaults(),
          });
          const openRadio = simulatedRadio({ ether });
          const radio = agent.radio ? await openRadio(context, radioOptions(agent.name)) : null;
          const handedIn = radio === null ? { gnss } : { gnss, radio };
          const composed = await composeAgent(profile, { ...surroundings, onNote: agent.onNote }, handedIn);
          return {
            name: agent.name,
            identity,
            composed,
            move(northMm, eastMm) {
              bodies[agent.name] = { kind: "fixed", place: movePlace(centre, northMm, eastMm, 0) };
            },
            stop: () => composed.stop(),
          };
        },
      };
    },
    transmissions: () => readTransmitLog(transmitLog.text()),
    async *framesOf(name) {
      const store = await openStore(join(folder, name), entropy);
      try {
        yield* store.frames();
      } finally {
        await store.close();
      }
    },
    stop: () => broker.close(),
  };
}

function seedBytes(seed: number): Uint8Array {
  return Uint8Array.of((seed >>> 24) & 0xff, (seed >>> 16) & 0xff, (seed >>> 8) & 0xff, seed & 0xff);
}

function radioOptions(emitter: string): Readonly<Record<string, string | number>> {
  return { emitter, lowest: 24_000_000, highest: 1_766_000_000, "power-max": 1_000 };
}

/** Licensee-rooted: the root says itself which licence it acts under, and every verdict repeats that it is asserted. */
function rootCredential(
  { inception }: OfflineAuthor,
  { policy }: BenchOptions,
  box: Box,
  nowUs: number,
): Credential {
  return {
    subjectLineage: inception.header.lineage,
    subjectKey: inception.header.signerKey,
    level: policy.levels[0]?.name ?? "regulator",
    verbs: ["allocate", "acquire", "issue", "audit", "preempt"],
    eligibilityClasses: ["bench", "visitor"],
    scope: [box],
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 3,
    parent: null,
    owner: "Bench licensee",
    identifiers: clear([{ scheme: "bench", value: "no licence: cabled, nothing is radiated" }]),
    licenceAsserted: true,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    nonce: new Uint8Array(16),
  };
}

/** 433.05 to 434.79 MHz, 1 km around the centre, for a day. */
function benchBox(centre: TruePlace, commodityClass: string, nowUs: number): Box {
  return {
    lowerHz: 433_050_000,
    upperHz: 434_790_000,
    area: square(centre, 1_000_000),
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "erp", detector: "rms" }],
    commodityClass,
  };
}

export function square(centre: TruePlace, halfMm: number): Box["area"] {
  const corners = [
    [-halfMm, -halfMm],
    [-halfMm, halfMm],
    [halfMm, halfMm],
    [halfMm, -halfMm],
  ] as const;
  return corners.map(([north, east]) => {
    const { latE7, lonE7 } = movePlace(centre, north, east, 0);
    return { latE7, lonE7 };
  });
}

function agentCredential(
  { owner, credential }: BenchAgentOptions,
  identity: Identity,
  parent: Uint8Array,
  nowUs: number,
  nonce: Uint8Array,
): Credential {
  return {
    ...credential,
    subjectLineage: identity.lineage,
    subjectKey: identity.keyId,
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    akName: identity.akName,
    tier: identity.tier,
    depthLeft: 0,
    parent,
    owner,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    nonce,
  };
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
    mesh: {
      driver: "mqtt",
      url: `mqtt://127.0.0.1:${port}`,
      caPath: null,
      certPath: null,
      keyPath: null,
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
