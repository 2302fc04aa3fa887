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
  /** The device's own key, `keyId`. */
  readonly signer: Signer;
  /** Whoever signs for a session key that a draft's header names; null for any other key. */
  readonly sessionSigner: (keyId: Uint8Array) => Signer | null;
  readonly store: Store;
  readonly pack: PackEnvelope;
  readonly clock: Clock;
  readonly keyId: Uint8Array;
  readonly failpoints: Failpoints;
  readonly onAppended: (id: Uint8Array, envelope: Envelope) => void;
  /** Signer or store is in trouble, or (null) well again. Everything that was queued is still queued. */
  readonly onTrouble: (port: "signer" | "store", trouble: PortError | null) => void;
  /** No trying again helps: what is queued has to be dropped. */
  readonly onKeyLost: (error: PortError) => void;
  /** The flush failed: whether the batch came through is unknown until the log is read again. */
  readonly onFlushFailed: (error: PortError) => void;
};

export type AppendQueue = {
  push(draft: Draft): void;
  /** Forgets everything that was not reported as appended; what is under way reports nothing more. */
  drop(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Resolves when the store is doing nothing for this queue; a signature may still be awaited. */
  stored(): Promise<void>;
};

const RETRY_PAUSE_US = 250_000;
/** Records handed to the store in one call: they share one flush. */
const BATCH_RECORDS_MAX = 64;

/** What is signed waits this long, at most, for what is still being signed, to share its flush. */
const GATHER_US_MAX = 5_000;

type Signed = { readonly draft: Draft; readonly envelope: Envelope };

/** What a drop makes void: work that began under an older generation reports nothing. */
type Generation = { current: number };

/** One lane of work that runs while it has something to do. */
type Lane<T> = { readonly waiting: T[]; start(): void; readonly running: () => Promise<void> | null };

export function appendQueue(parts: AppendQueueParts): AppendQueue {
  const generation: Generation = { current: 0 };
  const storing = lane<Signed>((waiting) => storeAll(parts, generation, waiting));
  const gathering = gatherer(parts.clock);
  const signing = lane<Draft>((waiting) =>
    signAll(parts, generation, waiting, {
      signed(record, sinceBootUs) {
        storing.waiting.push(record);
        const left = { signed: storing.waiting.length, unsigned: waiting.length };
        if (gathering.isOver(left, sinceBootUs)) storing.start();
      },
      stalled: storing.start,
    }),
  );
  return {
    push(draft) {
      signing.waiting.push(draft);
      signing.start();
    },
    drop() {
      generation.current += 1;
      signing.waiting.length = 0;
      storing.waiting.length = 0;
    },
    async stored() {
      for (let running = storing.running(); running !== null; running = storing.running()) await running;
    },
    async idle() {
      for (let running = signing.running() ?? storing.running(); running !== null; ) {
        await running;
        running = signing.running() ?? storing.running();
      }
    },
  };
}

type Left = { readonly signed: number; readonly unsigned: number };
type Gatherer = { isOver(left: Left, sinceBootUs: number): boolean };

/** A burst of records shares one flush: while more are being signed, and that is quick, nothing is stored. */
function gatherer(clock: Clock): Gatherer {
  let firstBootUs = 0;
  return {
    isOver({ signed, unsigned }, sinceBootUs) {
      const { bootUs } = clock.read();
      // From when it began to be signed: of a signer as slow as a TPM, each record is stored at once.
      if (signed === 1) firstBootUs = sinceBootUs;
      return unsigned === 0 || signed >= BATCH_RECORDS_MAX || bootUs - firstBootUs >= GATHER_US_MAX;
    },
  };
}

function lane<T>(work: (waiting: T[]) => Promise<void>): Lane<T> {
  const waiting: T[] = [];
  let running: Promise<void> | null = null;
  function start(): void {
    running ??= work(waiting).finally(() => {
      running = null;
      if (waiting.length > 0) start();
    });
  }
  return { waiting, start, running: () => running };
}

type Progress = {
  signed(record: Signed, sinceBootUs: number): void;
  /** The signer is in trouble: what was signed before need not wait for it. */
  stalled(): void;
};

/**
 * One at a time, in order, while the store flushes what was signed before. A failure is tried again on the same bytes,
 * unless the key is lost: then the caller drops the queue.
 */
async function signAll(
  parts: AppendQueueParts,
  generation: Generation,
  drafts: Draft[],
  progress: Progress,
): Promise<void> {
  for (let draft = drafts[0]; draft !== undefined; draft = drafts[0]) {
    const mine = generation.current;
    const sinceBootUs = parts.clock.read().bootUs;
    const envelope = await trySign(parts, draft);
    if (mine !== generation.current) continue;
    if (envelope instanceof PortError) {
      if (envelope.retryable) progress.stalled();
      else parts.onKeyLost(envelope);
      await pause(parts.clock, RETRY_PAUSE_US);
      continue;
    }
    drafts.shift();
    progress.signed({ draft, envelope }, sinceBootUs);
  }
}

async function trySign(
  { signer, sessionSigner, keyId, failpoints, onTrouble }: AppendQueueParts,
  { record }: Draft,
): Promise<Envelope | PortError> {
  const { kind, payload, openings } = record.envelope;
  const session = sessionSigner(record.header.signerKey);
  await failpoint(failpoints, "before-sign");
  try {
    const signature = await (session ?? signer).sign(signedBytes(kind, payload));
    // A software key says nothing of how the device's own is.
    if (session === null) onTrouble("signer", null);
    const by = session === null ? keyId : record.header.signerKey;
    return { kind, payload, openings, signatures: [{ keyId: by, signature }] };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    onTrouble("signer", error);
    return error;
  }
}

/** All that is signed goes in one call; the next call waits for it, so that no record overtakes another. */
async function storeAll(parts: AppendQueueParts, generation: Generation, ready: Signed[]): Promise<void> {
  while (ready.length > 0) {
    const batch = ready.slice(0, BATCH_RECORDS_MAX);
    const mine = generation.current;
    await failpoint(parts.failpoints, "before-append");
    const outcome = mine === generation.current ? await tryStore(parts, batch) : "dropped";
    if (mine !== generation.current) continue;
    if (outcome !== "stored") {
      if (outcome instanceof PortError) parts.onFlushFailed(outcome);
      await pause(parts.clock, RETRY_PAUSE_US);
      continue;
    }
    ready.splice(0, batch.length);
    for (const { draft, envelope } of batch) {
      await failpoint(parts.failpoints, `appended-${draft.record.kind}`);
      if (mine === generation.current) parts.onAppended(draft.record.id, envelope);
    }
  }
}

/** `again` where nothing was written; the error where nobody knows what came through. */
async function tryStore(
  parts: AppendQueueParts,
  batch: readonly Signed[],
): Promise<"stored" | "again" | PortError> {
  const { store, pack, onTrouble } = parts;
  try {
    await store.append(batch.flatMap((each) => framesOf(each, pack)));
    onTrouble("store", null);
    return "stored";
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    onTrouble("store", error);
    return error.code === "store-flush-failed" ? error : "again";
  }
}

function framesOf({ draft, envelope }: Signed, pack: PackEnvelope): readonly Frame[] {
  const foreign = draft.foreign.map((each): Frame => ({ kind: "foreign", bytes: pack(each.envelope) }));
  return [...foreign, { kind: "own", bytes: pack(envelope) }];
}
