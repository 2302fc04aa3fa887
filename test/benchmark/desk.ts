/** One agent of the production code at work on a store, a software key and a standing clock: no mesh, receiver or radio. */
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { type RunningAgent, runAgent } from "../../src/agent/agent-loop.ts";
import { noFailpoints } from "../../src/agent/failpoints.ts";
import { openLog } from "../../src/agent/open-log.ts";
import type { AgentConfig, OwnKey } from "../../src/core/agent/config.ts";
import type { Note } from "../../src/core/agent/effect.ts";
import type { Primitives } from "../../src/core/base/primitives.ts";
import type { KindName } from "../../src/core/record/kinds.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import { TIME_RULES_DEFAULT } from "../../src/core/window/assured-time.ts";
import type { PackEnvelope } from "../../src/core/wire/envelope.ts";
import type { Entropy } from "../../src/ports/entropy.ts";
import type { Gnss, GnssFix } from "../../src/ports/gnss.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import type { Store } from "../../src/ports/store.ts";
import { CENTRE, ELIGIBILITY_CLASS } from "./terms.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

/** A party that can be opened again and again from the same log. */
export type Party = {
  readonly owner: string;
  readonly signer: Signer;
  readonly key: OwnKey;
  readonly entropy: Entropy;
  /** 1e-7 degree of latitude from the centre. */
  readonly northE7: number;
  readonly roots: readonly Uint8Array[];
  readonly credentials: readonly Uint8Array[];
  readonly policy: Uint8Array;
};

export type DeskParts = {
  readonly party: Party;
  readonly store: Store;
  readonly pack: PackEnvelope;
  /** Record files that the agent is started with. */
  readonly documents: readonly Uint8Array[];
  readonly passedUs?: number;
};

export type Desk = {
  readonly running: RunningAgent;
  readonly clock: VirtualClock;
  /** A message of the mesh, a little after the one before it, so that no quota is met. */
  message(bytes: Uint8Array): void;
  /** Resolves when `count` records of `kind` were appended since the desk was opened, or a refusal was noted (rejects). */
  appended(kind: KindName, count: number): Promise<void>;
  records<K extends KindName>(kind: K): readonly RecordOf<K>[];
  /** Forgets the imported keys, as after a start. */
  coolKeys(): void;
  close(): Promise<void>;
};

/** 64 messages a second are a peer's quota. */
const MESSAGE_PAUSE_US = 20_000;

export async function openDesk({ party, store, pack, documents, passedUs }: DeskParts): Promise<Desk> {
  const clock = virtualClock(passedUs);
  const { primitives, cool } = coolablePrimitives();
  const config = configOf(party, primitives, clock);
  const { folded, quarantine } = await openLog({ ...party, store, primitives, pack });
  const noted = noteKeeper();
  const running = await runAgent({
    config,
    ports: {
      clock,
      log: SILENT,
      mesh: MESH,
      store,
      signer: party.signer,
      gnss: GNSS,
      tpm: null,
      radio: null,
    },
    pack,
    folded,
    documents,
    quarantine,
    cellsAround: () => ["1"],
    eligibilityClasses: [ELIGIBILITY_CLASS],
    failpoints: noFailpoints,
    onNote: noted.take,
  });
  running.input({ kind: "fix", fix: fixOf(party, clock) });
  return {
    running,
    clock,
    message(bytes) {
      clock.advance(MESSAGE_PAUSE_US);
      running.input({ kind: "message", bytes });
    },
    appended: noted.appended,
    records: noted.records,
    coolKeys: cool,
    close: () => running.stop(),
  };
}

export function configOf(party: Party, primitives: Primitives, clock: VirtualClock): AgentConfig {
  return {
    primitives,
    draw: (length) => party.entropy.bytes(length),
    owner: party.owner,
    key: party.key,
    bootId: clock.bootId,
    roots: party.roots,
    credentials: party.credentials,
    policy: party.policy,
    radio: {
      deadman: "guard",
      controls: "transmitter",
      muteLatencyUs: 50_000,
      lowestHz: 24_000_000,
      highestHz: 1_766_000_000,
      powerMaxCentiDbm: 1_000,
      eirpCentiDbm: 1_000,
    },
    wishes: [],
    standingOffers: [],
    timeRules: { ...TIME_RULES_DEFAULT, checkAgainstWall: true },
    placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 500_000, unestimatedErrorMm: null },
    clockDriftPpm: 100,
    production: false,
    counter: false,
  };
}

export function fixOf({ northE7 }: Party, clock: VirtualClock): GnssFix {
  const { wallUs, bootUs } = clock.read();
  return {
    source: "gnss",
    mode: 3,
    receivedBootUs: bootUs,
    timeUs: wallUs,
    timeErrorUs: 1_000,
    pps: false,
    leapPending: false,
    latE7: CENTRE.latE7 + northE7,
    lonE7: CENTRE.lonE7,
    heightMm: 40_000,
    horizontalErrorMm: 1_500,
    verticalErrorMm: 2_500,
    satellitesUsed: 12,
    interference: "",
  };
}

function coolablePrimitives(): { readonly primitives: Primitives; cool(): void } {
  let inner = nodeSignatures();
  return {
    primitives: {
      sha256: inner.sha256,
      verifySignature: (suite, publicKey, message, signature) =>
        inner.verifySignature(suite, publicKey, message, signature),
    },
    cool() {
      inner = nodeSignatures();
    },
  };
}

type NoteKeeper = Pick<Desk, "appended" | "records"> & { take(note: Note): void };

function noteKeeper(): NoteKeeper {
  const records: AnyRecord[] = [];
  const counts = new Map<KindName, number>();
  let waiting: { kind: KindName; count: number; resolve: () => void; reject: (why: Error) => void } | null =
    null;

  function take(note: Note): void {
    if (note.what === "record") {
      records.push(note.record);
      const count = (counts.get(note.record.kind) ?? 0) + 1;
      counts.set(note.record.kind, count);
      if (waiting === null || waiting.kind !== note.record.kind || waiting.count > count) return;
      waiting.resolve();
      waiting = null;
    } else if (note.what !== "state") {
      // The bench only shows what settles: anything refused or dropped is a fault of its scene.
      const fault = new Error(`the bench's own scene does not settle: ${JSON.stringify(note)}`);
      if (waiting === null) throw fault;
      waiting.reject(fault);
    }
  }

  return {
    take,
    appended(kind, count) {
      if ((counts.get(kind) ?? 0) >= count) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting = { kind, count, resolve, reject };
      });
    },
    records: <K extends KindName>(kind: K) =>
      records.filter((each) => each.kind === kind) as unknown as readonly RecordOf<K>[],
  };
}

const quiet = (): void => {};
const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
/** Takes what it is given and delivers nothing: the bench hands messages on by itself. */
const MESH: Mesh = {
  publish: async () => {},
  subscribe: async () => {},
  listen: () => quiet,
  dropped: () => 0,
  close: async () => {},
};
const GNSS: Gnss = { listen: () => quiet, close: async () => {} };
