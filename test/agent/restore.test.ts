/** Own records that peers kept are stored again: the mark first, in order, and a kill in between loses nothing (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { markOf } from "../../src/agent/open-log.ts";
import { QUARANTINE_MARK } from "../../src/agent/quarantine-mark.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Frame } from "../../src/ports/store.ts";
import { SECOND_US, sceneBlock } from "../support/scripted-authority.ts";
import { traderLoop } from "../support/trader-loop.ts";
import { offerOf } from "../support/two-agents.ts";

type Trader = Awaited<ReturnType<typeof traderLoop>>;

/** The frames of a log with three offers, and how many stand before them. */
async function grown(): Promise<{ frames: readonly Frame[]; kept: number; offers: readonly Frame[] }> {
  const { running, store, boot, authority } = await traderLoop();
  await boot.pass(SECOND_US);
  const kept = store.held.length;
  for (let i = 0; i < 3; i++) await running.command({ verb: "offer", offer: offerOf(authority, sceneBlock) });
  await boot.pass(SECOND_US);
  await running.stop();
  return { frames: [...store.held], kept, offers: store.held.slice(kept) };
}

function show({ mesh }: Trader, frames: readonly Frame[]): void {
  for (const { bytes } of frames)
    mesh.deliver({ kind: "message", message: { topic: "inbox", bytes, retain: false } });
}

function held({ store }: Trader): readonly string[] {
  return store.held.map(({ bytes }) => toHex(bytes));
}

function hexOf(frames: readonly Frame[]): readonly string[] {
  return frames.map(({ bytes }) => toHex(bytes));
}

describe("own records that the log lacks", () => {
  test("flush a mark without any cut, and are stored as they were, in order, once all are at hand", async () => {
    const { frames, kept, offers } = await grown();
    const trader = await traderLoop({ frames: frames.slice(0, kept) });
    show(trader, offers.slice(2));
    await trader.boot.pass(SECOND_US);
    expect(trader.store.done).toContain(`mark ${QUARANTINE_MARK}`);
    expect(trader.store.done).not.toContain("cut");
    expect(trader.running.health.reasons()["quarantine"]).toContain("beyond this log");
    expect(held(trader)).toEqual(hexOf(frames.slice(0, kept)));
    show(trader, offers);
    await trader.boot.pass(SECOND_US);
    expect(held(trader)).toEqual(hexOf(frames));
    expect(trader.running.agent.durable.offers.size).toBe(3);
    expect(trader.running.health.reasons()["quarantine"]).toContain("fetched");
    await trader.running.stop();
  });

  test("are not stored before the mark is, however long the disk refuses it", async () => {
    const { frames, kept, offers } = await grown();
    const trader = await traderLoop({ frames: frames.slice(0, kept) });
    const { writeMark } = trader.store;
    trader.store.writeMark = async () => {
      throw new PortError("store", "store-mark-failed", "not yet", true);
    };
    show(trader, offers);
    await trader.boot.pass(5 * SECOND_US);
    expect(held(trader)).toHaveLength(kept);
    expect(trader.running.health.reasons()["store"]).toContain("store-mark-failed");
    trader.store.writeMark = writeMark;
    await trader.boot.pass(3 * SECOND_US);
    expect(trader.store.marks.has(QUARANTINE_MARK)).toBe(true);
    expect(held(trader)).toEqual(hexOf(frames));
    await trader.running.stop();
  });

  test("of which a flush fails are stored from where the fold says that it failed", async () => {
    const { frames, kept, offers } = await grown();
    const trader = await traderLoop({ frames: frames.slice(0, kept) });
    trader.store.fates.push("full", "came-through", "lost");
    show(trader, offers);
    await trader.boot.pass(10 * SECOND_US);
    expect(held(trader)).toEqual(hexOf(frames));
    await trader.running.stop();
  });

  test.each([0, 1, 2, 3])(
    "killed after %i of three: the next start goes on with the rest",
    async (stored) => {
      const { frames, kept, offers } = await grown();
      const first = await traderLoop({ frames: frames.slice(0, kept) });
      show(first, offers.slice(2));
      await first.boot.pass(SECOND_US);
      const marks = new Map(first.store.marks);
      await first.running.stop();
      const next = await traderLoop({ frames: frames.slice(0, kept + stored), marks });
      expect(next.running.agent.volatile.quarantine).not.toBeNull();
      expect(next.running.agent.volatile.quarantine?.beyond === null).toBe(stored === 3);
      show(next, offers);
      await next.boot.pass(SECOND_US);
      expect(held(next)).toEqual(hexOf(frames));
      expect(next.running.agent.volatile.quarantine?.beyond).toBeNull();
      await next.running.stop();
    },
  );

  test("drop what is queued with the position that they took: it is never signed", async () => {
    const { frames, kept, offers } = await grown();
    const trader = await traderLoop({ frames: frames.slice(0, kept) });
    trader.signer.failures = 1_000;
    const offer = offerOf(trader.authority, sceneBlock);
    await trader.running.command({ verb: "offer", offer: { ...offer, resource: "another" } });
    await trader.boot.pass(SECOND_US);
    expect(trader.running.agent.queue).toHaveLength(1);
    show(trader, offers);
    trader.signer.failures = 0;
    const tried = trader.signer.signed.length;
    await trader.boot.pass(5 * SECOND_US);
    expect(trader.running.agent.queue).toEqual([]);
    expect(trader.signer.signed).toHaveLength(tried);
    expect(held(trader)).toEqual(hexOf(frames));
    await trader.running.stop();
  });
});

describe("a mark", () => {
  test("of a record that nobody has shown yet is asked for from the start", async () => {
    const { frames, kept } = await grown();
    const id = "ab".repeat(32);
    const reason = `beyond this log: record ${id} of ours at seq 9 was shown`;
    const trader = await traderLoop({
      frames: frames.slice(0, kept),
      marks: new Map([[QUARANTINE_MARK, markOf(10, reason)]]),
    });
    await trader.boot.pass(2 * SECOND_US);
    const wanted = trader.mesh.published.filter(({ bytes }) => toHex(bytes).includes(id));
    expect(wanted.length).toBeGreaterThan(0);
    expect(trader.running.agent.volatile.quarantine?.beyond?.seq).toBe(9);
    await trader.running.stop();
  });
});
