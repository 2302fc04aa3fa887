/** Signs and stores drafts one after another: the live half of the one signing queue (PROTOCOL §2 Order). */
import type { Draft } from "../core/agent/effect.ts";
import type { Envelope, PackEnvelope } from "../core/wire/envelope.ts";
import { signedBytes } from "../core/wire/envelope.ts";
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Frame, Store } from "../ports/store.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import { pause } from "./pause.ts";

export type AppendQueueParts = {
  readonly signer: Signer;
  readonly store: Store;
  readonly pack: PackEnvelope;
  readonly clock: Clock;
  readonly keyId: Uint8Array;
  readonly failpoints: Failpoints;
  readonly onAppended: (id: Uint8Array, envelope: Envelope) => void;
  /** Signer or store is in trouble, or (null) well again. Everything that was queued is still queued. */
  readonly onTrouble: (port: "signer" | "store", trouble: PortError | null) => void;
  /** The flush failed: whether the batch came through is unknown until the log is read again. */
  readonly onFlushFailed: (error: PortError) => void;
};

export type AppendQueue = {
  push(draft: Draft): void;
  /** Forgets everything that was not reported as appended; what is under way reports nothing more. */
  drop(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

const RETRY_PAUSE_US = 250_000;
/** Records handed to the store in one call: they share one flush. */
const BATCH_RECORDS_MAX = 64;

type Signed = { readonly draft: Draft; readonly envelope: Envelope };

export function appendQueue(parts: AppendQueueParts): AppendQueue {
  const { clock, failpoints, onTrouble } = parts;
  const drafts: Draft[] = [];
  const ready: Signed[] = [];
  let signing: Promise<void> | null = null;
  let storing: Promise<void> | null = null;
  let generation = 0;

  function startSigning(): void {
    signing ??= signAll().finally(() => {
      signing = null;
      if (drafts.length > 0) startSigning();
    });
  }

  function startStoring(): void {
    storing ??= storeAll().finally(() => {
      storing = null;
      if (ready.length > 0) startStoring();
    });
  }

  /** One at a time, in order, while the store flushes what was signed before. */
  async function signAll(): Promise<void> {
    for (let draft = drafts[0]; draft !== undefined; draft = drafts[0]) {
      const mine = generation;
      const envelope = await trySign(draft);
      if (mine !== generation) continue;
      if (envelope === null) await pause(clock, RETRY_PAUSE_US);
      else {
        drafts.shift();
        ready.push({ draft, envelope });
        startStoring();
      }
    }
  }

  /** Null after a failure: the same bytes are tried again, never skipped. */
  async function trySign(draft: Draft): Promise<Envelope | null> {
    const { kind, payload, openings } = draft.record.envelope;
    await failpoint(failpoints, "before-sign");
    try {
      const signature = await parts.signer.sign(signedBytes(kind, payload));
      onTrouble("signer", null);
      return { kind, payload, openings, signatures: [{ keyId: parts.keyId, signature }] };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      onTrouble("signer", error);
      return null;
    }
  }

  /** All that is signed goes in one call; the next call waits for it, so that no record overtakes another. */
  async function storeAll(): Promise<void> {
    while (ready.length > 0) {
      const batch = ready.slice(0, BATCH_RECORDS_MAX);
      const mine = generation;
      await failpoint(failpoints, "before-append");
      const stored = mine === generation && (await tryStore(batch, mine));
      if (mine !== generation) continue;
      if (!stored) {
        await pause(clock, RETRY_PAUSE_US);
        continue;
      }
      ready.splice(0, batch.length);
      for (const { draft, envelope } of batch) {
        await failpoint(failpoints, `appended-${draft.record.kind}`);
        if (mine === generation) parts.onAppended(draft.record.id, envelope);
      }
    }
  }

  async function tryStore(batch: readonly Signed[], mine: number): Promise<boolean> {
    try {
      await parts.store.append(batch.flatMap(framesOf));
      onTrouble("store", null);
      return true;
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      if (error.code === "store-flush-failed" && mine === generation) parts.onFlushFailed(error);
      else onTrouble("store", error);
      return false;
    }
  }

  function framesOf({ draft, envelope }: Signed): readonly Frame[] {
    const foreign = draft.foreign.map(
      (each): Frame => ({ kind: "foreign", bytes: parts.pack(each.envelope) }),
    );
    return [...foreign, { kind: "own", bytes: parts.pack(envelope) }];
  }

  return {
    push(draft) {
      drafts.push(draft);
      startSigning();
    },
    drop() {
      generation += 1;
      drafts.length = 0;
      ready.length = 0;
    },
    async idle() {
      while (signing !== null || storing !== null) await (signing ?? storing);
    },
  };
}
