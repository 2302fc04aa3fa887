/** Puts an agent together from its profile: the only file that knows every room, and decides nothing (DESIGN §3). */
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { cellsAround } from "../adapters/cell/h3-cell.ts";
import { askAgent } from "../adapters/control/unix-client.ts";
import { openUnixServer } from "../adapters/control/unix-server.ts";
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import { pinoLog } from "../adapters/log/pino-log.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemEntropy } from "../adapters/system/entropy.ts";
import { type AgentParts, type RunningAgent, runAgent } from "../agent/agent-loop.ts";
import { agentConfig } from "../agent/agent-settings.ts";
import { controlHandler } from "../agent/control-handler.ts";
import { type DocumentFile, type DocumentSet, documentSet } from "../agent/document-set.ts";
import { type Failpoints, noFailpoints } from "../agent/failpoints.ts";
import { openLog } from "../agent/open-log.ts";
import { openRetrying } from "../agent/open-retrying.ts";
import type { OwnKey, OwnRadio } from "../core/agent/config.ts";
import type { Note } from "../core/agent/effect.ts";
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { Clock } from "../ports/clock.ts";
import type { ControlAnswer, ControlRequest } from "../ports/control.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Log } from "../ports/log.ts";
import type { Radio } from "../ports/radio.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { openGnss, openMesh, openRadio, openStore, openTpm, profileFault } from "./open-ports.ts";
import { settingsOf } from "./settings.ts";

/** What a bench or a test may put in the place of the system's own. */
export type Surroundings = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly primitives: Primitives;
  readonly pack: PackEnvelope;
  readonly failpoints: Failpoints;
  readonly onNote: (note: Note) => void;
};

export function systemSurroundings(logLevel: AgentProfile["logLevel"]): Surroundings {
  const clock = systemClock();
  return {
    clock,
    entropy: systemEntropy(),
    log: pinoLog({ level: logLevel, clock }),
    primitives: nodeSignatures(),
    pack: msgpackrEnvelope(),
    failpoints: noFailpoints,
    onNote: () => {},
  };
}

/** An agent and what stands around it. */
export type ComposedAgent = {
  readonly running: RunningAgent;
  readonly store: Store;
  readonly radio: Radio | null;
  stop(): Promise<void>;
};

/** Drivers that a bench or a test hands in instead of naming them in the profile. */
export type HandedIn = { readonly gnss?: Gnss; readonly radio?: Radio };

/**
 * Opens everything that the profile names, and starts the agent. PortErrors that trying again cannot mend, and
 * `profile-documents` for record files that do not fit, end it.
 */
export async function composeAgent(
  profile: AgentProfile,
  around: Surroundings,
  handedIn: HandedIn = {},
): Promise<ComposedAgent> {
  const waiting = new Map<string, string>([["start", "opening ports"]]);
  const stage: { running: RunningAgent | null } = { running: null };
  await mkdir(profile.statePath, { recursive: true, mode: 0o700 });
  const control = await openUnixServer({
    path: profile.controlPath,
    clock: around.clock,
    handler: controlHandler(
      () => stage.running,
      () => Object.fromEntries(waiting),
    ),
  });
  try {
    const parts = await agentParts(profile, around, handedIn, waiting);
    const running = await runAgent(parts);
    stage.running = running;
    return {
      running,
      store: parts.ports.store,
      radio: parts.ports.radio,
      async stop() {
        await running.stop();
        await control.close();
      },
    };
  } catch (error) {
    await control.close();
    throw error;
  }
}

async function agentParts(
  profile: AgentProfile,
  around: Surroundings,
  handedIn: HandedIn,
  waiting: Map<string, string>,
): Promise<AgentParts> {
  const { clock, entropy, log, primitives, pack } = around;
  const context: DriverContext = { clock, entropy, log };
  const retrying = <Port>(port: string, open: () => Promise<Port>): Promise<Port> =>
    openRetrying({ clock, log, port, waiting }, open);
  const tpm = await retrying("tpm", () => openTpm(profile, context));
  const store = await retrying("store", () => openStore(profile.statePath, entropy));
  const radio = handedIn.radio ?? (await retrying("radio", () => openRadio(profile, context)));
  const gnss = handedIn.gnss ?? (await retrying("gnss", () => openGnss(profile, context)));
  const { signer } = tpm;
  const key = ownKey(tpm);
  const { folded, quarantine } = await openLog(
    {
      store,
      signer,
      key,
      owner: profile.owner,
      primitives,
      entropy,
      pack,
    },
    profile.time.driftPpm,
  );
  const documents = await readDocuments(profile, primitives);
  const settled = agentConfig({
    settings: settingsOf(profile),
    documents,
    key,
    radio: radio === null ? null : ownRadio(radio, profile),
    primitives,
    clock,
    entropy,
    counter: true,
  });
  if (!settled.ok) {
    throw profileFault(
      settled.rejections.map(({ code, measured }) => `${code}: ${String(measured["name"])}`),
    );
  }
  const mesh = await retrying("mesh", () => openMesh(profile, context, folded.state.key?.lineage));
  return {
    config: settled.config,
    ports: { clock, log, mesh, store, signer, gnss, tpm, radio },
    pack,
    folded,
    documents: documents.records.map(({ envelope }) => pack(envelope)),
    quarantine,
    cellsAround: (latE7, lonE7) => cellsAround(latE7, lonE7, profile.mesh.rangeRings),
    eligibilityClasses: settled.eligibilityClasses,
    failpoints: around.failpoints,
    onNote: around.onNote,
  };
}

function ownKey({ signer, identity }: Tpm): OwnKey {
  const { suite, publicKey } = signer;
  return { suite, publicKey, akName: identity.akName, tier: identity.level };
}

async function readDocuments(profile: AgentProfile, primitives: Primitives): Promise<DocumentSet> {
  const trust = await readAll(profile.trustPaths);
  const read = documentSet(trust, await readAll(profile.documentPaths), primitives);
  if (!read.ok) throw profileFault(read.faults.map(({ path, rejection }) => `${path}: ${rejection.code}`));
  return read.documents;
}

/** Who a fresh agent is: what an authority needs in order to issue to it. */
export type Identity = {
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  readonly akName: Uint8Array;
  readonly tier: OwnKey["tier"];
  /** The signed inception, as a record file. */
  readonly inception: Uint8Array;
};

/** Makes the keys and the inception of an agent that has none yet, or reads the standing ones. */
export async function enrol(profile: AgentProfile, around: Surroundings): Promise<Identity> {
  const { clock, entropy, log, primitives, pack } = around;
  await mkdir(profile.statePath, { recursive: true, mode: 0o700 });
  const tpm = await openTpm(profile, { clock, entropy, log });
  const store = await openStore(profile.statePath, entropy);
  try {
    const { signer, identity } = tpm;
    const key = {
      suite: signer.suite,
      publicKey: signer.publicKey,
      akName: identity.akName,
      tier: identity.level,
    };
    const { folded } = await openLog(
      { store, signer, key, owner: profile.owner, primitives, entropy, pack },
      profile.time.driftPpm,
    );
    const { inception } = folded.state;
    assert(inception !== null, "an opened log has its inception");
    const { lineage, signerKey } = inception.header;
    const { akName } = identity;
    return { lineage, keyId: signerKey, akName, tier: identity.level, inception: pack(inception.envelope) };
  } finally {
    await store.close();
    await tpm.close();
  }
}

/** One request to a running agent. PortError `agent-not-reachable` where none listens. */
export function askRunningAgent(path: string, request: ControlRequest): Promise<ControlAnswer> {
  return askAgent({ path, clock: systemClock() }, request);
}

/** Files, or all files of folders, in the order of their names. */
async function readAll(paths: readonly string[]): Promise<readonly DocumentFile[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) files.push(path);
    else files.push(...(await readdir(path)).sort().map((name) => join(path, name)));
  }
  return Promise.all(files.map(async (path) => ({ path, bytes: new Uint8Array(await readFile(path)) })));
}

function ownRadio({ capabilities }: Radio, { accepts }: AgentProfile): OwnRadio {
  const { deadman, controls, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm, spectrum } = capabilities;
  const eirpCentiDbm = Math.min(powerMaxCentiDbm, ...accepts.map((each) => each.eirpCentiDbm));
  const own = { deadman, controls, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm, eirpCentiDbm };
  return spectrum === undefined ? own : { ...own, spectrum };
}
