/** A signing key that is gone: silence, nothing of the unappended tail left, and on when it is back (PROTOCOL §2 Order). */
import { describe, expect, test } from "vitest";
import { fold } from "../../src/agent/fold.ts";
import { equalBytes } from "../../src/core/base/bytes.ts";
import { settled } from "../hardware/world/virtual-clock.ts";
import { SECOND_US, sceneBlock } from "../support/scripted-authority.ts";
import { traderLoop } from "../support/trader-loop.ts";
import { offerOf } from "../support/two-agents.ts";

async function withLostKey() {
  const trader = await traderLoop();
  const { running, signer, radio, authority } = trader;
  const offer = offerOf(authority, sceneBlock);
  const before = { head: running.agent.durable.head, mutes: mutesOf(radio.orders) };
  signer.lost = true;
  for (let i = 0; i < 3; i++) await running.command({ verb: "offer", offer });
  await settled();
  return { ...trader, offer, before };
}

function mutesOf(orders: readonly string[]): number {
  return orders.filter((each) => each === "mute").length;
}

describe("a signing key that is lost", () => {
  test("mutes, drops what is queued with its provisional state, and is not ready with the reason", async () => {
    const { running, radio, boot, before, store } = await withLostKey();
    await boot.pass(SECOND_US);
    const { agent } = running;
    expect(mutesOf(radio.orders)).toBeGreaterThan(before.mutes);
    expect(agent.queue).toEqual([]);
    expect(agent.provisional.head).toEqual(before.head);
    expect(agent.durable.head).toEqual(before.head);
    expect(store.done).toContain("reopen");
    expect(running.health.reasons()["signer"]).toContain("tpm-identity-changed");
    await running.stop();
  });

  test("refuses commands and queues nothing, and is asked once a second only", async () => {
    const { running, boot, signer, offer, fix } = await withLostKey();
    await boot.pass(SECOND_US);
    // Time that goes backwards would be written down.
    fix({ timeUs: 1 });
    expect(running.agent.queue).toEqual([]);
    const signed = signer.signed.length;
    const answer = await running.command({ verb: "offer", offer });
    expect(answer).toMatchObject({ ok: false, rejections: [{ code: "key-lost" }] });
    await boot.pass(10 * SECOND_US);
    expect(running.agent.queue).toEqual([]);
    expect(signer.signed.length - signed).toBeGreaterThanOrEqual(9);
    expect(signer.signed.length - signed).toBeLessThanOrEqual(11);
    await running.stop();
  });

  test("when it is back, the agent goes on without a restart, and the log is one chain", async () => {
    const { running, boot, signer, offer, store, primitives } = await withLostKey();
    await boot.pass(3 * SECOND_US);
    signer.lost = false;
    await boot.pass(2 * SECOND_US);
    expect(running.health.reasons()).not.toHaveProperty("signer");
    const made = await running.command({ verb: "offer", offer });
    await boot.pass(SECOND_US);
    expect(made.ok).toBe(true);
    const folded = await fold(store.frames(), primitives, 100);
    expect(folded.state.head).toEqual(running.agent.durable.head);
    expect([...folded.state.offers.values()].map(({ record }) => record.id)).toEqual([
      made.ok ? made.record : null,
    ]);
    await running.stop();
  });

  test("that comes back as another one is not taken", async () => {
    const { running, boot, signer } = await withLostKey();
    const sign = signer.sign;
    signer.lost = false;
    signer.sign = async (message) => (await sign(message)).map((byte) => byte ^ 1);
    await boot.pass(5 * SECOND_US);
    expect(running.health.reasons()["signer"]).toContain("signer-not-of-log");
    expect(running.agent.volatile.keyLost).not.toBeNull();
    await running.stop();
  });

  test("while a batch is being stored: what came through is in the fold, the rest is gone", async () => {
    const { running, boot, signer, store, authority } = await traderLoop();
    const offer = offerOf(authority, sceneBlock);
    let open = (): void => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = await running.command({ verb: "offer", offer });
    await settled();
    signer.lost = true;
    await running.command({ verb: "offer", offer });
    await boot.pass(SECOND_US);
    expect(running.agent.durable.offers.size).toBe(0);
    open();
    await boot.pass(SECOND_US);
    expect(running.agent.durable.offers.size).toBe(1);
    expect(first.ok && equalBytes(running.agent.durable.head, first.record)).toBe(true);
    expect(running.agent.provisional.head).toEqual(running.agent.durable.head);
    await running.stop();
  });
});
