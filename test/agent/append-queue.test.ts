/** The live half of the one signing queue: in order, on the same bytes, nothing reported that is not flushed (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { appendQueue } from "../../src/agent/append-queue.ts";
import { noFailpoints } from "../../src/agent/failpoints.ts";
import type { Draft } from "../../src/core/agent/effect.ts";
import { equalBytes } from "../../src/core/base/bytes.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import type { Header } from "../../src/core/record/header.ts";
import { keyId } from "../../src/core/record/identity.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import { settled, virtualClock } from "../hardware/world/virtual-clock.ts";
import { SECOND_US, scriptedLineage } from "../support/scripted-authority.ts";
import { packEnvelope } from "../support/scripted-host.ts";
import { named, quickKeys } from "../support/scripted-keys.ts";
import { scriptedSigner, scriptedStore } from "../support/scripted-ports.ts";

function bench() {
  const scheme = quickKeys();
  const lineage = scriptedLineage(scheme, "writer");
  const peer = scriptedLineage(scheme, "peer");
  const clock = virtualClock();
  const store = scriptedStore();
  const signer = scriptedSigner(lineage.key, SUITE_ES256);
  const appended: Uint8Array[] = [];
  const troubles: string[] = [];
  const flushFailures: string[] = [];
  const keyLosses: string[] = [];
  const sessionKey = scriptedSigner(scheme.keyOf("session key"), SUITE_ES256);
  const sessionKeyId = keyId(SUITE_ES256, sessionKey.publicKey, scheme.primitives.sha256);
  const queue = appendQueue({
    signer,
    sessionSigner: (id) => (equalBytes(id, sessionKeyId) ? sessionKey : null),
    store,
    pack: packEnvelope,
    clock,
    keyId: lineage.inception.header.signerKey,
    failpoints: noFailpoints,
    onAppended: (id) => appended.push(id),
    onKeyLost: (error) => keyLosses.push(error.code),
    onTrouble: (port, trouble) => troubles.push(`${port} ${trouble?.code ?? "well"}`),
    onFlushFailed: (error) => flushFailures.push(error.code),
  });
  const draft = (name: string, foreign = false, head: Partial<Header> = {}): Draft => {
    const record = lineage.write("withdrawal", { offer: named(name), reason: name }, head);
    return {
      record: { ...record, envelope: { ...record.envelope, signatures: [] } },
      foreign: foreign ? [peer.inception] : [],
    };
  };
  const session = { key: sessionKey, keyId: sessionKeyId };
  return { clock, store, signer, session, appended, troubles, flushFailures, keyLosses, queue, draft };
}

describe("the append queue", () => {
  test("reports records in order, each after its flush, foreign frames before the record that names them", async () => {
    const { queue, draft, appended, store } = bench();
    const drafts = [draft("a"), draft("b", true), draft("c")];
    for (const each of drafts) queue.push(each);
    await queue.idle();
    expect(appended).toEqual(drafts.map(({ record }) => record.id));
    expect(store.held.map(({ kind }) => kind)).toEqual(["own", "foreign", "own", "own"]);
  });

  test("what is signed while the store flushes goes in one call", async () => {
    const { queue, draft, store, appended } = bench();
    let open = (): void => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    queue.push(draft("record 0"));
    await settled();
    for (let i = 1; i < 10; i++) queue.push(draft(`record ${i}`));
    await settled();
    open();
    await queue.idle();
    expect(appended).toHaveLength(10);
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 9]);
  });

  test("a burst shares one call", async () => {
    const { queue, draft, store, appended } = bench();
    for (let i = 0; i < 10; i++) queue.push(draft(`record ${i}`));
    await queue.idle();
    expect(appended).toHaveLength(10);
    expect(store.batches.map((batch) => batch.length)).toEqual([10]);
  });

  test("what is signed does not wait for a signer that is in trouble, nor for a slow one", async () => {
    const { queue, draft, store, signer, appended, clock } = bench();
    const sign = signer.sign;
    const drafts = [draft("a"), draft("b"), draft("c")];
    signer.sign = (message) => {
      if (signer.signed.length === 1) signer.failures = 1;
      return sign(message);
    };
    for (const each of drafts) queue.push(each);
    await settled();
    expect(appended).toEqual([drafts[0]?.record.id]);
    signer.sign = async (message) => {
      await clock.pass(5_000);
      return sign(message);
    };
    await clock.pass(SECOND_US);
    await queue.idle();
    expect(appended).toEqual(drafts.map(({ record }) => record.id));
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  test("one call takes at most 64 records", async () => {
    const { queue, draft, store } = bench();
    let open = (): void => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let i = 0; i < 100; i++) queue.push(draft(`record ${i}`));
    await settled();
    open();
    await queue.idle();
    expect(store.batches.map((batch) => batch.length)).toEqual([64, 36]);
  });

  test("a full store is tried again with the same frames, and no record overtakes another", async () => {
    const { queue, draft, store, appended, troubles, clock } = bench();
    store.fates.push("full", "full");
    const drafts = [draft("a"), draft("b")];
    queue.push(drafts[0] as Draft);
    await settled();
    queue.push(drafts[1] as Draft);
    expect(appended).toEqual([]);
    await clock.pass(SECOND_US);
    await queue.idle();
    expect(appended).toEqual(drafts.map(({ record }) => record.id));
    expect(troubles.filter((each) => each.startsWith("store"))).toContain("store store-full");
    expect(troubles.at(-1)).toBe("store well");
  });

  test("a failed signature is retried on the same bytes, never skipped", async () => {
    const { queue, draft, signer, appended, clock, troubles } = bench();
    signer.failures = 2;
    const drafts = [draft("a"), draft("b")];
    for (const each of drafts) queue.push(each);
    await clock.pass(SECOND_US);
    await queue.idle();
    expect(appended).toEqual(drafts.map(({ record }) => record.id));
    expect(signer.signed[0]).toEqual(signer.signed[1]);
    expect(signer.signed[1]).toEqual(signer.signed[2]);
    expect(troubles).toContain("signer signer-busy");
  });

  test("a flush error is reported once, and nothing of the batch is reported as appended", async () => {
    const { queue, draft, store, appended, flushFailures, clock } = bench();
    store.fates.push("came-through");
    queue.push(draft("a"));
    await settled();
    queue.drop();
    await clock.pass(SECOND_US);
    await queue.idle();
    expect(flushFailures).toEqual(["store-flush-failed"]);
    expect(appended).toEqual([]);
    expect(store.held).toHaveLength(1);
  });

  test("a drop forgets what waits, what is being signed and what is being stored; what comes later goes on", async () => {
    const { queue, draft, store, appended } = bench();
    let open = (): void => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let i = 0; i < 5; i++) queue.push(draft(`old ${i}`));
    await settled();
    queue.drop();
    const later = draft("new");
    queue.push(later);
    open();
    store.gate = null;
    await queue.idle();
    expect(appended).toEqual([later.record.id]);
  });

  test("signs by the session key what names it, without a word of the device's own key, and everything else by that", async () => {
    const { queue, draft, signer, session, store, troubles } = bench();
    queue.push(draft("by the session", false, { signerKey: session.keyId }));
    await queue.idle();
    expect([signer.signed.length, session.key.signed.length]).toEqual([0, 1]);
    expect(troubles).toEqual(["store well"]);
    queue.push(draft("by the device"));
    await queue.idle();
    expect([signer.signed.length, session.key.signed.length]).toEqual([1, 1]);
    const [kept] = store.held.map(({ bytes }) => readEnvelope(bytes));
    expect(kept).toMatchObject({ ok: true, value: { signatures: [{ keyId: session.keyId }] } });
  });

  test("a drop in the middle of a signature drops that signature", async () => {
    const { queue, draft, appended, store } = bench();
    queue.push(draft("old"));
    queue.drop();
    await queue.idle();
    await settled();
    expect(appended).toEqual([]);
    expect(store.held).toEqual([]);
  });
});
