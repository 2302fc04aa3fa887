/** Ports that do what a test says, for the parts of the loop: a log in memory, a signer, a mesh, a radio. */

import type { Mesh, MeshEvent, MeshMessage } from "../../src/ports/mesh.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { ArmOrder, ExtendOrder, Muted, Radio, RadioEvent, ReadBack } from "../../src/ports/radio.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import type { Frame, Store, Tail } from "../../src/ports/store.ts";
import type { ScriptedKey } from "./scripted-keys.ts";

export type ScriptedStore = Store & {
  readonly held: Frame[];
  readonly batches: (readonly Frame[])[];
  readonly marks: Map<string, Uint8Array>;
  /** What was done to the log and its marks, in order. */
  readonly done: string[];
  /** What the next calls of `append` come to; none left: stored. */
  readonly fates: ("full" | "lost" | "came-through")[];
  /** What the next calls of `reopen` come to. */
  readonly reopenings: ("fails" | "works")[];
  /** While set, `append` waits for it. */
  gate: Promise<void> | null;
};

export function scriptedStore(frames: readonly Frame[] = [], tail: Tail = { kind: "clean" }): ScriptedStore {
  const held = [...frames];
  const store: ScriptedStore = {
    held,
    batches: [],
    marks: new Map(),
    done: [],
    fates: [],
    reopenings: [],
    gate: null,
    tail,
    async *frames(from = 0) {
      yield* held.slice(from);
    },
    get size() {
      return held.length;
    },
    async append(batch) {
      await store.gate;
      const fate = store.fates.shift();
      if (fate === "full") throw new PortError("store", "store-full", "no room", true);
      if (fate !== "lost") held.push(...batch);
      if (fate !== undefined) throw new PortError("store", "store-flush-failed", "nobody knows", false);
      store.batches.push(batch);
    },
    async reopen() {
      store.done.push("reopen");
      if (store.reopenings.shift() === "fails")
        throw new PortError("store", "store-unreadable", "not yet", true);
    },
    async cutTail() {
      store.done.push("cut");
    },
    async readMark(name) {
      return store.marks.get(name) ?? null;
    },
    async writeMark(name, bytes) {
      store.done.push(bytes === null ? `clear ${name}` : `mark ${name}`);
      if (bytes === null) store.marks.delete(name);
      else store.marks.set(name, bytes);
    },
    async close() {
      store.done.push("close");
    },
  };
  return store;
}

export type ScriptedSigner = Signer & {
  failures: number;
  /** The key is gone: nothing that is tried again helps. */
  lost: boolean;
  readonly signed: Uint8Array[];
};

/** Fails `failures` times, or while its key is lost; otherwise signs. */
export function scriptedSigner(key: ScriptedKey, suite: number): ScriptedSigner {
  const signer: ScriptedSigner = {
    suite,
    publicKey: key.publicKey,
    failures: 0,
    lost: false,
    signed: [],
    async sign(message) {
      signer.signed.push(message);
      if (signer.lost) throw new PortError("signer", "tpm-identity-changed", "another key", false);
      if (signer.failures > 0) {
        signer.failures -= 1;
        throw new PortError("signer", "signer-busy", "later", true);
      }
      return key.sign(message);
    },
  };
  return signer;
}

export type ScriptedMesh = Mesh & {
  readonly published: MeshMessage[];
  readonly subscriptions: (readonly string[])[];
  /** How many of the next calls fail. */
  failures: number;
  deliver(event: MeshEvent): void;
};

export function scriptedMesh(): ScriptedMesh {
  const listeners = new Set<(event: MeshEvent) => void>();
  const fail = (): void => {
    if (mesh.failures === 0) return;
    mesh.failures -= 1;
    throw new PortError("mesh", "mesh-down", "no connection", true);
  };
  const mesh: ScriptedMesh = {
    published: [],
    subscriptions: [],
    failures: 0,
    deliver(event) {
      for (const listener of listeners) listener(event);
    },
    async publish(message) {
      fail();
      mesh.published.push(message);
    },
    async subscribe(filters) {
      fail();
      mesh.subscriptions.push(filters);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dropped: () => 0,
    async close() {},
  };
  return mesh;
}

export type ScriptedTransmitter = Radio & {
  readonly orders: string[];
  /** Error code of the next calls. */
  readonly faults: string[];
  /** What arming reads back beside the order. */
  differs: Partial<ReadBack>;
};

export function scriptedTransmitter(): ScriptedTransmitter {
  const fail = (): void => {
    const code = radio.faults.shift();
    if (code !== undefined) throw new PortError("radio", code, "as scripted", true);
  };
  const listeners = new Set<(event: RadioEvent) => void>();
  const radio: ScriptedTransmitter = {
    orders: [],
    faults: [],
    differs: {},
    capabilities: {
      model: "scripted",
      simulated: true,
      deadman: "guard",
      controls: "transmitter",
      muteLatencyUs: 1_000,
      lowestHz: 1,
      highestHz: 2_000_000_000,
      powerMaxCentiDbm: 1_000,
    },
    async arm({ lease, deadlineBootUs, emission }: ArmOrder): Promise<ReadBack> {
      radio.orders.push("arm");
      fail();
      return { on: true, emission, lease, deadlineBootUs, readBootUs: 77, ...radio.differs };
    },
    async extend({ lease, deadlineBootUs }: ExtendOrder): Promise<ReadBack> {
      radio.orders.push(`extend ${deadlineBootUs}`);
      fail();
      return { on: true, emission: null, lease, deadlineBootUs, readBootUs: 78 };
    },
    async mute(): Promise<Muted> {
      radio.orders.push("mute");
      fail();
      return { mutedBootUs: 99, latencyUs: 5 };
    },
    async readBack() {
      return { on: false, emission: null, lease: null, deadlineBootUs: null, readBootUs: 0 };
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {},
  };
  return radio;
}
