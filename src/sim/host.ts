/** One simulated host, as those who act on it and watch it see it: a machine that outlives its processes. */
import type { RunningAgent } from "../agent/agent-loop.ts";
import type { AgentSettings } from "../agent/agent-settings.ts";
import type { OwnKey } from "../core/agent/config.ts";
import type { Note } from "../core/agent/effect.ts";
import type { Agent } from "../core/agent/turn.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import type { Frame } from "../ports/store.ts";
import type { Chance } from "./chance.ts";
import type { SimMachine, SimWorld } from "./drivers.ts";
import type { HostFiles } from "./host-files.ts";
import type { HostLoad } from "./host-load.ts";
import type { Timeline } from "./timeline.ts";

export type HostSpec = {
  readonly name: string;
  readonly role: "holder" | "consumer";
  /** Whose broker it connects to. */
  readonly site: number;
  readonly northMm: number;
  readonly eastMm: number;
  /** Of the host's oscillator. */
  readonly driftPpm: number;
  readonly settings: AgentSettings;
};

/** What happens on a host, for those who watch it. */
export type HostEvents = {
  /** The log was read anew, by a start or after a flush error: all own records on the disk, in order. */
  reread(host: Host, records: readonly AnyRecord[]): void;
  /** A record is durable, and the agent knows. */
  appended(host: Host, record: AnyRecord): void;
  /** A start found its own log; `isClean`: with a whole end. Nothing was cut yet. */
  began(host: Host, isClean: boolean): void;
  /** The process is gone, whatever the reason. */
  ended(host: Host): void;
  /** The agent says something to who watches; nothing depends on it. */
  noted?(host: Host, note: Note): void;
  /** A start that device trouble ended, by the trouble's id; it is tried again. */
  failedStart?(host: Host, code: string): void;
};

/** Times and flaws of a host's parts, changed by faults as the world runs. */
export type HostWeather = {
  storeBeforeUs: number;
  storeAfterUs: number;
  wallErrorUs: number;
  /** It has another host's disk just now. */
  isDiskBorrowed: boolean;
};

export type HostIdentity = { readonly key: OwnKey; readonly inception: RecordOf<"key-event"> };

export type Rolling = {
  /** How long records of the key before are still taken in; 0: at once no longer. */
  readonly graceUs: number;
  /** The power of the one who rolls ends at this effect, from 0 on; null: it comes to its end. */
  readonly diesAt: number | null;
};

export type Host = {
  readonly spec: HostSpec;
  readonly machine: SimMachine;
  readonly weather: HostWeather;
  /** The first start: keys and inception, which an authority issues to. */
  enrol(): Promise<HostIdentity>;
  /** Record files that the next start reads. */
  give(files: HostFiles): void;
  /** Starts the process; a start that fails is tried again, as a service supervisor does. */
  start(): void;
  /** The running agent, or null. */
  running(): RunningAgent | null;
  agent(): Agent | null;
  /** What its log holds, as its own process would read it; null while none runs. */
  frames(): AsyncIterable<Frame> | null;
  /** Of the agent's lineage, once it is enrolled. */
  lineage(): Uint8Array;
  /** The name of its connection to the broker. */
  clientId(): string;
  /** The owner rolls its key: the process ends, the committed key takes over, and the process starts with it. */
  rollKey(rolling: Rolling): void;
  /** kill -9: guard and device live on. */
  kill(): void;
  /** The host loses power: unflushed bytes, guard, device, boot clock. It stays off until `start`. */
  powerCut(): void;
  freeze(): void;
  thaw(): void;
  /** From now on, until it boots, the host's oscillator runs at another speed. */
  setDrift(driftPpm: number): void;
};

export type HostParts = {
  readonly spec: HostSpec;
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly events: HostEvents;
  /** Whoever listens to the broker hears what a host hands over. */
  readonly overheard: (host: Host, message: MeshMessage) => void;
  readonly load: Pick<HostLoad, "lateUs">;
};

/** Of a flush as a small host's memory card takes it. */
export const FLUSH_HALF_US = 12_000;
