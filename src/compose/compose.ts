/** Puts an agent together from its profile: the only file that knows every room, and decides nothing (DESIGN §3). */
import { cellsAround } from "../adapters/cell/h3-cell.ts";
import { askAgent } from "../adapters/control/unix-client.ts";
import { openUnixServer } from "../adapters/control/unix-server.ts";
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import { pinoLog } from "../adapters/log/pino-log.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../adapters/signatures/software-signer.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemEntropy } from "../adapters/system/entropy.ts";
import { type AgentParts, type RunningAgent, runAgent } from "../agent/agent-loop.ts";
import { controlHandler } from "../agent/control-handler.ts";
import { contextOf, deviceKeys, type OpenGeneration } from "../agent/device-keys.ts";
import type { DocumentSet } from "../agent/document-set.ts";
import { type Failpoints, noFailpoints } from "../agent/failpoints.ts";
import { openAgent, ownKey, ownRadio } from "../agent/open-agent.ts";
import { openLog } from "../agent/open-log.ts";
import { openRetrying } from "../agent/open-retrying.ts";
import type { OwnKey } from "../core/agent/config.ts";
import type { Note } from "../core/agent/effect.ts";
import type { TpmEvidence } from "../core/attestation/evidence.ts";
import type { PcrValue } from "../core/attestation/pcr-policy.ts";
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { keyId } from "../core/record/identity.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { Clock } from "../ports/clock.ts";
import type { ControlAnswer, ControlRequest } from "../ports/control.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Log } from "../ports/log.ts";
import type { Radio } from "../ports/radio.ts";
import type { Store } from "../ports/store.ts";
import type { SealedCredential, Tpm } from "../ports/tpm.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { makeFolder, PRIVATE_MODE } from "./make-folder.ts";
import { openGnss, openMesh, openRadio, openStore, openTpm, profileFault } from "./open-ports.ts";
import { profileDocuments } from "./profile-documents.ts";
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
  // Before any port: a profile that cannot run is refused at once, not when its TPM has come.
  const documents = await profileDocuments(profile, around.primitives);
  const waiting = new Map<string, string>([["start", "opening ports"]]);
  const stage: { running: RunningAgent | null } = { running: null };
  await makeFolder(profile.statePath, PRIVATE_MODE);
  const control = await openUnixServer({
    path: profile.controlPath,
    clock: around.clock,
    handler: controlHandler(
      () => stage.running,
      () => Object.fromEntries(waiting),
    ),
  });
  try {
    const parts = await agentParts({ profile, documents, around, handedIn, waiting });
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

type Opening = {
  readonly profile: AgentProfile;
  readonly documents: DocumentSet;
  readonly around: Surroundings;
  readonly handedIn: HandedIn;
  readonly waiting: Map<string, string>;
};

async function agentParts(opening: Opening): Promise<AgentParts> {
  const { profile, documents, around, handedIn, waiting } = opening;
  const { clock, entropy, log } = around;
  const context: DriverContext = { clock, entropy, log };
  const retrying = <Port>(port: string, open: () => Promise<Port>): Promise<Port> =>
    openRetrying({ clock, log, port, waiting }, open);
  const store = await retrying("store", () => openStore(profile.statePath, entropy));
  const open: OpenGeneration = (nth) => retrying("tpm", () => openTpm(profile, contextOf(context, nth)));
  const { tpm, nextKeyHash } = await deviceKeys(store, open, around.primitives);
  const radio = handedIn.radio ?? (await retrying("radio", () => openRadio(profile, context)));
  const gnss = handedIn.gnss ?? (await retrying("gnss", () => openGnss(profile, context)));
  const opened = await openAgent({
    ...around,
    ports: { clock, log, store, gnss, tpm, radio, sessionKeys: () => createSoftwareSigner(entropy) },
    settings: settingsOf(profile),
    radio: radio === null ? null : ownRadio(radio, wantedEirp(profile)),
    documents,
    nextKeyHash,
    cellsAround: (latE7, lonE7) => cellsAround(latE7, lonE7, profile.mesh.rangeRings),
    openMesh: (lineage) =>
      retrying("mesh", () =>
        openMesh(profile, context, lineage, { signer: tpm.signer, sha256: around.primitives.sha256 }),
      ),
  });
  if (opened.ok) return opened.parts;
  throw profileFault(opened.rejections.map(({ code, measured }) => `${code}: ${String(measured["name"])}`));
}

/** Who a fresh agent is: what an authority needs in order to issue to it. */
export type Identity = {
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  readonly akName: Uint8Array;
  readonly tier: OwnKey["tier"];
  /** The signed inception, as a record file. */
  readonly inception: Uint8Array;
  /** The inception and the rotations since: what shows that the lineage is signed by this key. */
  readonly keyRecords: readonly Uint8Array[];
  readonly evidence: TpmEvidence;
};

/** Makes the keys and the inception of an agent that has none yet, or reads the standing ones. */
export async function enrol(profile: AgentProfile, around: Surroundings): Promise<Identity> {
  const { clock, entropy, log, primitives, pack } = around;
  await makeFolder(profile.statePath, PRIVATE_MODE);
  const store = await openStore(profile.statePath, entropy);
  let opened: Tpm | null = null;
  try {
    const open: OpenGeneration = (nth) => openTpm(profile, contextOf({ clock, entropy, log }, nth));
    const { tpm, nextKeyHash } = await deviceKeys(store, open, primitives);
    opened = tpm;
    const { signer, identity } = tpm;
    const key = ownKey(tpm);
    const { folded } = await openLog(
      { store, signer, key, owner: profile.owner, primitives, entropy, pack, nextKeyHash },
      profile.time.driftPpm,
    );
    const { inception, rotations } = folded.state;
    assert(inception !== null, "an opened log has its inception");
    const { lineage } = inception.header;
    const id = keyId(key.suite, key.publicKey, primitives.sha256);
    const { akName, akPublic, signingPublic, certification, ekPublic, ekCertificate } = identity;
    const evidence = { akPublic, signingPublic, ...certification, ekPublic, ekCertificate };
    const envelope = pack(inception.envelope);
    const keyRecords = [envelope, ...rotations.map((each) => pack(each.envelope))];
    return { lineage, keyId: id, akName, tier: identity.level, inception: envelope, keyRecords, evidence };
  } finally {
    await store.close();
    await opened?.close();
  }
}

/** What the profile's TPM gives out for a challenge; PortError `tpm-credential-refused` where it is another's. */
export async function answerChallenge(
  profile: AgentProfile,
  { clock, entropy, log }: Surroundings,
  sealed: SealedCredential,
): Promise<Uint8Array> {
  const tpm = await openTpm(profile, { clock, entropy, log });
  try {
    return await tpm.activateCredential(sealed);
  } finally {
    await tpm.close();
  }
}

/** What these PCRs of the profile's TPM hold, in the order given. */
export async function readPcrValues(
  profile: AgentProfile,
  { clock, entropy, log }: Surroundings,
  pcrs: readonly number[],
): Promise<readonly PcrValue[]> {
  const tpm = await openTpm(profile, { clock, entropy, log });
  try {
    const values: PcrValue[] = [];
    for (const pcr of pcrs) values.push({ pcr, digest: await tpm.readPcr(pcr) });
    return values;
  } finally {
    await tpm.close();
  }
}

/** One request to a running agent. PortError `agent-not-reachable` where none listens. */
export function askRunningAgent(path: string, request: ControlRequest): Promise<ControlAnswer> {
  return askAgent({ path, clock: systemClock() }, request);
}

/** What the operator wants to emit at most, centi-dBm: the least of its wishes. */
function wantedEirp({ accepts }: AgentProfile): number {
  return Math.min(...accepts.map(({ eirpCentiDbm }) => eirpCentiDbm));
}
