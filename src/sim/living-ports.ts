/** Ports of one simulated process: they answer while it lives, in its own time, and a disk takes time. */
import { pause } from "../agent/pause.ts";
import type { Clock } from "../ports/clock.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Mesh, MeshMessage } from "../ports/mesh.ts";
import type { Radio } from "../ports/radio.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";
import type { Life } from "./life.ts";

export type StoreTimes = {
  /** Before the bytes go to the device, and from the flush to the answer: a crash may fall into either. */
  beforeUs(): number;
  afterUs(): number;
};

export type StoreParts = {
  readonly store: Store;
  readonly life: Life;
  readonly clock: Clock;
  readonly times: StoreTimes;
  /** After a flush error: what came through is now known. */
  readonly reread: () => Promise<void>;
};

export function livingStore({ store, life, clock, times, reread }: StoreParts): Store {
  // Appends reach the device in the order in which they were asked for, however long each waits.
  let last: Promise<unknown> = Promise.resolve();
  return {
    get tail() {
      return store.tail;
    },
    get size() {
      return store.size;
    },
    frames: (from) => store.frames(from),
    append(frames) {
      const mine = last.then(async () => {
        await pause(clock, times.beforeUs());
        await store.append(frames);
        await pause(clock, times.afterUs());
      });
      last = mine.catch(() => {});
      return life.keep(mine);
    },
    reopen: () => life.keep(store.reopen().then(reread)),
    cutTail: () => life.keep(store.cutTail()),
    readMark: (name) => life.keep(store.readMark(name)),
    writeMark: (name, bytes) => life.keep(store.writeMark(name, bytes)),
    close: () => life.keep(store.close()),
  };
}

export function livingTpm(tpm: Tpm, life: Life): Tpm {
  const { signer } = tpm;
  return {
    identity: tpm.identity,
    signer: {
      suite: signer.suite,
      publicKey: signer.publicKey,
      sign: (message) => life.keep(signer.sign(message)),
    },
    quote: (qualifying, pcrs) => life.keep(tpm.quote(qualifying, pcrs)),
    activateCredential: (sealed) => life.keep(tpm.activateCredential(sealed)),
    readClock: () => life.keep(tpm.readClock()),
    readPcr: (index) => life.keep(tpm.readPcr(index)),
    extendPcr: (index, digest) => life.keep(tpm.extendPcr(index, digest)),
    readCounter: () => life.keep(tpm.readCounter()),
    incrementCounter: () => life.keep(tpm.incrementCounter()),
    close: () => life.keep(tpm.close()),
  };
}

/** `overheard`: whoever listens to the broker, when the process hands a message over. */
export function livingMesh(mesh: Mesh, life: Life, overheard: (message: MeshMessage) => void): Mesh {
  return {
    publish(message) {
      if (life.isAlive()) overheard(message);
      return life.keep(mesh.publish(message));
    },
    subscribe: (filters) => life.keep(mesh.subscribe(filters)),
    listen: (listener) => mesh.listen((event) => life.wake(() => listener(event))),
    dropped: () => mesh.dropped(),
    close: () => life.keep(mesh.close()),
  };
}

export function livingRadio(radio: Radio, life: Life): Radio {
  return {
    capabilities: radio.capabilities,
    arm: (order) => life.keep(radio.arm(order)),
    extend: (order) => life.keep(radio.extend(order)),
    mute: () => life.keep(radio.mute()),
    readBack: () => life.keep(radio.readBack()),
    listen: (listener) => radio.listen((event) => life.wake(() => listener(event))),
    close: () => life.keep(radio.close()),
  };
}

export function livingGnss(gnss: Gnss, life: Life): Gnss {
  return {
    listen: (listener) => gnss.listen((event) => life.wake(() => listener(event))),
    close: () => life.keep(gnss.close()),
  };
}
