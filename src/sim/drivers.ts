/** What a simulated world is made of, as the simulation sees it; compose hands in the drivers behind these types. */
import type { Primitives } from "../core/base/primitives.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { Clock } from "../ports/clock.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Mesh } from "../ports/mesh.ts";
import type { Radio } from "../ports/radio.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";

/** What the ether saw: written by the world, not by an agent. Instants are true time, µs. */
export type Transmission = {
  readonly trueUs: number;
  readonly emitter: string;
  readonly state: "on" | "off";
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  /** Hex of the artifact id, and of the actuation record that switched it on. */
  readonly lease: string;
  readonly cause: string;
  readonly reason: string;
};

/** Content of a disk, known to compose alone. */
export type SimDiskImage = ReadonlyMap<string, unknown>;

/** A disk that outlives the processes on it. */
export type SimDisk = {
  open(): Promise<Store>;
  /** A planned loss of power struck within an operation. */
  onPowerLoss(listener: () => void): void;
  /** A bit of the log that was flushed reads back wrong: near its end, or anywhere before. False where there is none. */
  rot(where: "tail" | "old", draw: (below: number) => number): boolean;
  /** What the device holds now. */
  image(): SimDiskImage;
  /** Power goes and comes back, and the disk holds what it held then: that one, or another host's. */
  putBack(image: SimDiskImage): void;
  /** Power goes and comes back: what was not flushed survives in parts. Stores that were open are dead. */
  crash(): void;
  /** The number of the next operation that changes something. */
  operations(): number;
  /** Power fails, or a flush does, within the operation of that number. */
  failAt(operation: number, fault: "power-loss" | "write-error" | "flush-error"): void;
  /** Each operation is asked for; null: it passes. */
  setFailing(fault: () => "write-error" | "flush-error" | null): void;
  /** Bytes that are still free; null: no bound. */
  leave(bytes: number | null): void;
};

export type SimTpm = {
  open(context: DriverContext): Promise<Tpm>;
  setLost(lost: boolean): void;
  setLockedOut(lockedOut: boolean): void;
  powerCut(): void;
};

/** Guard and transmitter: they outlive the agent's process, not the host. */
export type SimGuard = {
  /** One process's connection. */
  connect(context: DriverContext): Promise<{ readonly radio: Radio; drop(): void }>;
  /** The host loses power: the transmitter falls silent by itself. */
  powerCut(): void;
};

/** What is wrong with a transmitter, whichever guard owns it. */
export type TransmitterFault = {
  /** How late it obeys an order to be silent, µs. */
  readonly slowMuteUs: number;
  /** Neither orders nor feeds arrive. */
  readonly lost: boolean;
  /** It ignores every order to be silent, its own deadman's too. */
  readonly stuckOn: boolean;
};

export type SimTransmitter = { setFault(fault: TransmitterFault): void };

export type SkyFault = {
  readonly disconnected: boolean;
  readonly outage: boolean;
  readonly jammed: boolean;
  /** Added to what the receiver says, noticed by it or not; null: nothing. */
  readonly spoof: {
    readonly northMm: number;
    readonly eastMm: number;
    readonly timeUs: number;
    readonly detected: boolean;
  } | null;
  /** Added to what the receiver says, more and more of it from when it is set, and never noticed; null: nothing. */
  readonly drift: {
    readonly northMmPerS: number;
    readonly eastMmPerS: number;
    readonly timeUsPerS: number;
  } | null;
};

export const CLEAR_SKY: SkyFault = {
  disconnected: false,
  outage: false,
  jammed: false,
  spoof: null,
  drift: null,
};

export type SimReceiver = {
  /** Fixes stamped by the clock of the process that listens. */
  open(clock: Clock): Gnss;
  setSky(fault: SkyFault): void;
  /** From the world's centre. */
  moveTo(northMm: number, eastMm: number): void;
};

/** How late each copy of one delivery is, µs: [] loses it, two entries double it. */
export type DecideDelivery = (from: string, to: string) => readonly number[];

/** The brokers of all sites: a client hears its own site's, and authorities and strangers reach every one. */
export type SimBroker = {
  open(clientId: string, site: number): Mesh;
  decide(rule: DecideDelivery): void;
  /** That one site's broker dies. */
  stop(site: number): void;
  start(site: number): void;
  /** The client's process died. */
  kill(clientId: string): void;
  cut(clientId: string): void;
  restore(clientId: string): void;
  inject(topic: string, bytes: Uint8Array): void;
  /** As `inject`, and the broker keeps it for those who come later: an authority's own client does so. */
  retain(topic: string, bytes: Uint8Array): void;
};

export type SimMachine = {
  readonly disk: SimDisk;
  readonly tpm: SimTpm;
  readonly receiver: SimReceiver;
  readonly transmitter: SimTransmitter;
  /** A guard for one boot of the host. */
  openGuard(clock: Clock): Promise<SimGuard>;
};

export type SimWorld = {
  readonly primitives: Primitives;
  readonly pack: PackEnvelope;
  readonly broker: SimBroker;
  cellsAround(latE7: number, lonE7: number): readonly string[];
  /** The polygon of a square around a place; none: the centre. */
  square(
    halfMm: number,
    around?: { readonly northMm: number; readonly eastMm: number },
  ): readonly { readonly latE7: number; readonly lonE7: number }[];
  entropy(name: string): Entropy;
  signer(name: string): Signer;
  machine(name: string, place: { readonly northMm: number; readonly eastMm: number }): SimMachine;
};

export type WorldParts = {
  readonly seed: number;
  /** How many have a broker; numbered from 0. */
  readonly sites: number;
  /** True time. */
  readonly clock: Clock;
  readonly onTransmission: (transmission: Transmission) => void;
};

export type OpenWorld = (parts: WorldParts) => SimWorld;
