/** Simulated drivers of every port, on virtual time, put together as the simulation asks for them. */
import { hash } from "node:crypto";
import { type GnssFaults, noFaults } from "../../hardware/gnss/faults.ts";
import { simulatedGnss } from "../../hardware/gnss/simulated.ts";
import { type SimulatedGuard, simulatedGuard } from "../../hardware/radio/simulated-guard.ts";
import { simulatedTpm } from "../../hardware/tpm/simulator/simulated-tpm.ts";
import { createEther, type Ether } from "../../hardware/world/ether.ts";
import { movePlace, type Space } from "../../hardware/world/space.ts";
import type { Track } from "../../hardware/world/track.ts";
import type { TransmitLog } from "../../hardware/world/transmit-log.ts";
import { cellsAround } from "../adapters/cell/h3-cell.ts";
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../adapters/signatures/software-signer.ts";
import { openSegmentStore } from "../adapters/store/segment-store.ts";
import { type DiskImage, SimulatedDisk } from "../adapters/store/simulated-disk.ts";
import { seededEntropy } from "../adapters/system/seeded-entropy.ts";
import { ascii, concat, u32be } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Log } from "../ports/log.ts";
import type {
  OpenWorld,
  SimDisk,
  SimMachine,
  SimReceiver,
  SimTpm,
  SimWorld,
  TransmitterFault,
  WorldParts,
} from "../sim/drivers.ts";
import { square } from "./bench-credentials.ts";
import { sharedMemory } from "./shared-memory.ts";
import { siteBrokers } from "./site-brokers.ts";

const CENTRE = { latE7: 525_162_746, lonE7: 133_777_041, heightMm: 35_000 };
const CELL_RINGS = 1;
/** How long a transmitter takes to fall silent: less than it declares. */
const SILENT_AFTER_US = 40_000;
const FIX_EVERY_US = 1_000_000;
const SEGMENT_BYTES = 64 * 1024;
/** Signature checks kept: every agent of a world checks what every other one checked before. */
const CHECKED_MAX = 50_000;

export const openSimulatedWorld: OpenWorld = (parts) => {
  const { seed, sites, clock, onTransmission } = parts;
  const entropy = (name: string): Entropy => seededEntropy(concat(u32be(seed), ascii(name)));
  const bodies: Record<string, Track> = {};
  const { wallUs, bootUs } = clock.read();
  const space: Space = { seed, epochUtcUs: wallUs - bootUs, bodies };
  const log: TransmitLog = {
    append: ({ bootUs: trueUs, ...entry }) => onTransmission({ trueUs, ...entry }),
    close() {},
  };
  const ether = createEther(clock, log);
  const world: SimWorld = {
    primitives: rememberingSignatures(),
    pack: msgpackrEnvelope(),
    broker: siteBrokers(clock, sites),
    cellsAround: rememberingCells(),
    square: (halfMm, { northMm, eastMm } = { northMm: 0, eastMm: 0 }) =>
      square(movePlace(CENTRE, northMm, eastMm, 0), halfMm),
    entropy,
    signer: (name) => createSoftwareSigner(entropy(`signer ${name}`), "rfc6979"),
    machine: (name, place) => ({
      disk: simDisk(entropy(`disk ${name}`)),
      tpm: simTpm(),
      receiver: simReceiver(parts, space, bodies, { name, ...place }),
      ...simTransmitter(ether, name),
    }),
  };
  return world;
};

function simDisk(entropy: Entropy): SimDisk {
  let onPowerLoss = (): void => {};
  const disk = new SimulatedDisk(entropy, () => onPowerLoss());
  return {
    onPowerLoss(listener) {
      onPowerLoss = listener;
    },
    rot: (where, draw) => rotSegment(disk, where, draw),
    image: () => disk.image(),
    putBack: (image) => disk.putBack(image as DiskImage),
    open: () => openSegmentStore({ disk, entropy, segmentBytes: SEGMENT_BYTES, setAsideBytes: 0 }),
    crash: () => disk.crash(),
    operations: () => disk.operations,
    failAt: (operation, fault) => disk.failAt(operation, fault),
    setFailing: (fault) => disk.setFailing(fault),
    leave: (bytes) => disk.setCapacity(bytes === null ? Number.POSITIVE_INFINITY : disk.usedBytes + bytes),
  };
}

const SEGMENT_NAME = /^[0-9]+\./;
/** The last page of a log is what its newest records stand on. */
const TAIL_BYTES = 4_096;

function rotSegment(disk: SimulatedDisk, where: "tail" | "old", draw: (below: number) => number): boolean {
  const segments = disk.flushed().filter(({ name, bytes }) => SEGMENT_NAME.test(name) && bytes > 0);
  const found = where === "tail" ? segments.at(-1) : segments[draw(Math.max(1, segments.length))];
  if (found === undefined) return false;
  const from = where === "tail" ? Math.max(0, found.bytes - TAIL_BYTES) : 0;
  disk.rot(found.name, (from + draw(found.bytes - from)) * 8 + draw(8));
  return true;
}

function simTpm(): SimTpm {
  const { control, open } = simulatedTpm();
  return { ...control, open: (context) => open(context, {}) };
}

/** The receiver lives in true time; its fixes are stamped by the clock of whoever listens. */
function simReceiver(
  { clock }: WorldParts,
  space: Space,
  bodies: Record<string, Track>,
  { name, northMm, eastMm }: { readonly name: string; readonly northMm: number; readonly eastMm: number },
): SimReceiver {
  const faults: GnssFaults = noFaults();
  const moveTo = (north: number, east: number): void => {
    bodies[name] = { kind: "fixed", place: movePlace(CENTRE, north, east, 0) };
  };
  moveTo(northMm, eastMm);
  return {
    moveTo,
    setSky({ disconnected, outage, jammed, spoof, drift }) {
      Object.assign(faults, { disconnected, outage, jammed });
      faults.spoof = spoof === null ? null : { ...spoof, upMm: 0 };
      faults.drift = drift === null ? null : { ...drift, sinceUs: clock.read().bootUs };
    },
    open(host): Gnss {
      const context = { clock, entropy: seededEntropy(new Uint8Array(0)), log: silent };
      const gnss = simulatedGnss(context, {
        space,
        body: name,
        periodUs: FIX_EVERY_US,
        horizontalErrorMm: 1_500,
        timeErrorUs: 1_000,
        faults,
      });
      return {
        listen: (listener) =>
          gnss.listen((event) => {
            if (event.kind !== "fix") listener(event);
            else listener({ kind: "fix", fix: { ...event.fix, receivedBootUs: host.read().bootUs } });
          }),
        close: () => gnss.close(),
      };
    },
  };
}

/** What is wrong with the transmitter outlives the guards that own it, one a boot. */
function simTransmitter(ether: Ether, emitter: string): Pick<SimMachine, "transmitter" | "openGuard"> {
  let fault: TransmitterFault = { slowMuteUs: SILENT_AFTER_US, lost: false, stuckOn: false };
  let owner: SimulatedGuard | null = null;
  return {
    transmitter: {
      setFault(change) {
        fault = change;
        owner?.faults.set(fault);
      },
    },
    async openGuard(clock) {
      const guard = await newGuard(ether, clock, emitter);
      guard.faults.set(fault);
      owner = guard;
      return {
        connect: (context) => guard.connect(context),
        powerCut: () => void guard.close(),
      };
    },
  };
}

function newGuard(ether: Ether, clock: Clock, emitter: string): Promise<SimulatedGuard> {
  return simulatedGuard(ether, clock, {
    emitter,
    feedPeriodUs: 500_000,
    offLatencyUs: 50_000,
    lowestHz: 24_000_000,
    highestHz: 1_766_000_000,
    powerMaxCentiDbm: 1_000,
    heartbeatUs: 1_000_000,
  });
}

function rememberingSignatures(): Primitives {
  const { sha256, verifySignature } = nodeSignatures();
  const checked = new Map<string, boolean>();
  return {
    sha256,
    memory: sharedMemory(),
    verifySignature(suite, publicKey, message, signature) {
      // Key and signature of a suite have one length each: no two cases run together.
      const key = hash("sha256", concat(Uint8Array.of(suite), publicKey, signature, message), "binary");
      const known = checked.get(key);
      if (known !== undefined) return known;
      const valid = verifySignature(suite, publicKey, message, signature);
      if (checked.size >= CHECKED_MAX) checked.clear();
      checked.set(key, valid);
      return valid;
    },
  };
}

/** Places of one fix are asked for at every tick. */
function rememberingCells(): SimWorld["cellsAround"] {
  const known = new Map<string, readonly string[]>();
  return (latE7, lonE7) => {
    const key = `${latE7} ${lonE7}`;
    const found = known.get(key) ?? cellsAround(latE7, lonE7, CELL_RINGS);
    if (known.size >= CHECKED_MAX) known.clear();
    known.set(key, found);
    return found;
  };
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Every promise that can go on without time has done so when the event loop comes round. */
export function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
