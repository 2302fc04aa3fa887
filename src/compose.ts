/** Puts an agent together from its profile: the only file that knows every room, and decides nothing (DESIGN §3). */
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gnssDrivers } from "../hardware/gnss/registry.ts";
import { radioDrivers } from "../hardware/radio/registry.ts";
import { tpmDrivers } from "../hardware/tpm/registry.ts";
import { cellsAround } from "./adapters/cell/h3-cell.ts";
import { askAgent } from "./adapters/control/unix-client.ts";
import { openUnixServer } from "./adapters/control/unix-server.ts";
import { msgpackrEnvelope } from "./adapters/envelope/msgpackr-envelope.ts";
import { pinoLog } from "./adapters/log/pino-log.ts";
import { startBroker } from "./adapters/mqtt/embedded-broker.ts";
import { openMqttMesh } from "./adapters/mqtt/mqtt-mesh.ts";
import { nodeSignatures } from "./adapters/signatures/node-signatures.ts";
import { openNodeDisk } from "./adapters/store/node-disk.ts";
import { openSegmentStore } from "./adapters/store/segment-store.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemEntropy } from "./adapters/system/entropy.ts";
import { type RunningAgent, runAgent } from "./agent/agent-loop.ts";
import { type AgentSettings, agentConfig } from "./agent/agent-settings.ts";
import { controlHandler } from "./agent/control-handler.ts";
import { type DocumentFile, documentSet } from "./agent/document-set.ts";
import { type Failpoints, noFailpoints } from "./agent/failpoints.ts";
import { openLog } from "./agent/open-log.ts";
import { openRetrying } from "./agent/open-retrying.ts";
import type { OwnKey, OwnRadio } from "./core/agent/config.ts";
import type { Note } from "./core/agent/effect.ts";
import { assert } from "./core/base/assert.ts";
import { toHex } from "./core/base/bytes.ts";
import type { Primitives } from "./core/base/primitives.ts";
import type { PackEnvelope } from "./core/wire/envelope.ts";
import { limits } from "./core/wire/limits.ts";
import type { Clock } from "./ports/clock.ts";
import type { ControlAnswer, ControlRequest } from "./ports/control.ts";
import type { DriverContext, DriverEntry } from "./ports/driver.ts";
import type { Entropy } from "./ports/entropy.ts";
import type { Gnss } from "./ports/gnss.ts";
import type { Log } from "./ports/log.ts";
import type { Mesh } from "./ports/mesh.ts";
import { PortError } from "./ports/port-error.ts";
import type { Radio } from "./ports/radio.ts";
import type { Store } from "./ports/store.ts";
import type { AgentProfile, StandingOffer, StandingWish } from "./profile/agent-profile.ts";
import type { DriverChoice, Drivers } from "./profile/driver-registry.ts";

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

/** Every driver, for the profile's checks. */
export const drivers: Drivers = { tpm: tpmDrivers, gnss: gnssDrivers, radio: radioDrivers };

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
  const { clock, entropy, log, primitives, pack } = around;
  const context: DriverContext = { clock, entropy, log };
  const waiting = new Map<string, string>([["start", "opening ports"]]);
  let running: RunningAgent | null = null;
  let stopping = false;
  await mkdir(profile.statePath, { recursive: true, mode: 0o700 });
  const control = await openUnixServer({
    path: profile.controlPath,
    clock,
    handler: controlHandler(
      () => running,
      () => Object.fromEntries(waiting),
    ),
  });
  const retrying = <Port>(port: string, open: () => Promise<Port>): Promise<Port> =>
    openRetrying({ clock, log, port, waiting, stopped: () => stopping }, open);

  const tpm = await retrying("tpm", () => openDriver(tpmDrivers, profile.tpm, context));
  const store = await retrying("store", () => openStore(profile.statePath, entropy));
  const radio = handedIn.radio ?? (await retrying("radio", () => openRadio(profile, context)));
  const gnss =
    handedIn.gnss ?? (await retrying("gnss", () => openDriver(gnssDrivers, profile.gnss, context)));
  const { signer } = tpm;
  const key: OwnKey = {
    suite: signer.suite,
    publicKey: signer.publicKey,
    akName: tpm.identity.akName,
    tier: tpm.identity.level,
  };
  const opened = await openLog({ store, signer, key, owner: profile.owner, primitives, entropy, pack });
  const documents = documentSet(
    await readAll(profile.trustPaths),
    await readAll(profile.documentPaths),
    primitives,
  );
  if (!documents.ok)
    throw profileFault(documents.faults.map(({ path, rejection }) => `${path}: ${rejection.code}`));
  const settled = agentConfig({
    settings: settingsOf(profile),
    documents: documents.documents,
    key,
    radio: radio === null ? null : ownRadio(radio, profile),
    primitives,
    clock,
    entropy,
    counter: true,
  });
  if (!settled.ok)
    throw profileFault(
      settled.rejections.map(({ code, measured }) => `${code}: ${String(measured["name"])}`),
    );
  const mesh = await retrying("mesh", () => openMesh(profile, context, opened.folded.state.key?.lineage));
  running = await runAgent({
    config: settled.config,
    ports: { clock, log, mesh, store, signer, gnss, tpm, radio },
    pack,
    folded: opened.folded,
    documents: documents.documents.records.map(({ envelope }) => pack(envelope)),
    quarantine: opened.quarantine,
    cellsAround: (latE7, lonE7) => cellsAround(latE7, lonE7, profile.mesh.rangeRings),
    eligibilityClasses: settled.eligibilityClasses,
    failpoints: around.failpoints,
    onNote: around.onNote,
  });
  const started = running;
  return {
    running: started,
    store,
    radio,
    async stop() {
      stopping = true;
      await started.stop();
      await control.close();
    },
  };
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
  const tpm = await openDriver(tpmDrivers, profile.tpm, { clock, entropy, log });
  const store = await openStore(profile.statePath, entropy);
  try {
    const { signer, identity } = tpm;
    const key = {
      suite: signer.suite,
      publicKey: signer.publicKey,
      akName: identity.akName,
      tier: identity.level,
    };
    const { folded } = await openLog({ store, signer, key, owner: profile.owner, primitives, entropy, pack });
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

async function openDriver<Port>(
  entries: readonly DriverEntry<Port>[],
  { driver, options }: DriverChoice,
  context: DriverContext,
): Promise<Port> {
  const entry = entries.find(({ id }) => id === driver);
  if (entry === undefined) throw profileFault([`no driver ${driver}`]);
  const open = await entry.load();
  return open(context, options);
}

async function openRadio({ radio }: AgentProfile, context: DriverContext): Promise<Radio | null> {
  return radio === null ? null : openDriver(radioDrivers, radio, context);
}

export async function openStore(statePath: string, entropy: Entropy): Promise<Store> {
  const folder = join(statePath, "log");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return openSegmentStore({ disk: await openNodeDisk(folder), entropy });
}

async function openMesh(
  { mesh }: AgentProfile,
  context: DriverContext,
  lineage: Uint8Array | undefined,
): Promise<Mesh> {
  const { hostname, port, protocol } = new URL(mesh.url);
  const tls =
    protocol === "mqtts:" && mesh.caPath !== null
      ? {
          caPath: mesh.caPath,
          own:
            mesh.certPath === null || mesh.keyPath === null
              ? null
              : { certPath: mesh.certPath, keyPath: mesh.keyPath },
        }
      : null;
  const number = Number(port === "" ? (tls === null ? 1883 : 8883) : port);
  if (mesh.driver === "embedded") await startBroker({ host: hostname, port: number });
  return openMqttMesh(context, {
    host: hostname,
    port: number,
    tls,
    clientId: toHex(lineage ?? new Uint8Array(32)).slice(0, 32),
    clean: true,
    will: null,
    maxMessageBytes: limits.ENVELOPE_BYTES_MAX,
    inFlightMax: 256,
  });
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

function profileFault(lines: readonly string[]): PortError {
  return new PortError("profile", "profile-documents", lines.join("; "), false);
}

function ownRadio({ capabilities }: Radio, { accepts }: AgentProfile): OwnRadio {
  const { deadman, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm } = capabilities;
  const eirpCentiDbm = Math.min(powerMaxCentiDbm, ...accepts.map((each) => each.eirpCentiDbm));
  return { deadman, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm, eirpCentiDbm };
}

function settingsOf(profile: AgentProfile): AgentSettings {
  const { speedMmPerS, climbMmPerS, transportUs, unestimatedErrorMm } = profile.place;
  return {
    owner: profile.owner,
    production: profile.production,
    policy: profile.policy,
    timeRules: profile.time,
    placeRules: { speedMmPerS, climbMmPerS, transportUs, unestimatedErrorMm },
    clockDriftPpm: profile.time.driftPpm,
    offers: profile.offers.map(offerSetting),
    wishes: profile.accepts.map(wishSetting),
  };
}

function offerSetting(offer: StandingOffer, i: number): AgentSettings["offers"][number] {
  const { lowerHz, upperHz, area, limits: powerLimits, exclusive, when, commodity, resource } = offer;
  const times =
    when.kind === "fixed" ? { fromUs: when.fromUs, untilUs: when.untilUs } : { fromUs: 0, untilUs: 1 };
  return {
    name: `${i} ${resource}`,
    commodity,
    durationUs: when.kind === "fixed" ? null : when.durationUs,
    refreshUs: offer.refreshUs,
    offer: {
      resource,
      block: { lowerHz, upperHz, area, ...times, limits: powerLimits, commodityClass: "", exclusive },
      price: offer.price,
      eligibility: offer.eligibility,
      rules: offer.rules,
      leaseClass: offer.leaseClass,
      validUs: offer.endAfterUs,
    },
  };
}

const ANY_BAND = { lowerHz: 0, upperHz: 3_000_000_000_000 };

function wishSetting(wish: StandingWish, i: number): AgentSettings["wishes"][number] {
  const { lowerHz, upperHz } = wish.band ?? ANY_BAND;
  return {
    name: `${i} ${wish.resource ?? wish.commodity ?? "any"}`,
    commodity: wish.commodity ?? "",
    resource: wish.resource ?? "",
    lowestHz: lowerHz,
    highestHz: upperHz,
    widthHz: wish.widthHz,
    durationUs: wish.durationUs,
    priceMaxMicroUnits: wish.priceMax?.microUnits ?? 0n,
    currency: wish.priceMax?.currency ?? "",
    insist: wish.insist,
  };
}
