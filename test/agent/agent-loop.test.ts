/** The loop around the core: flush errors, commands, control, status, ports that fail (PROTOCOL §2 Order). */
import { describe, expect, test } from "vitest";
import { controlHandler } from "../../src/agent/control-handler.ts";
import { fold } from "../../src/agent/fold.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { settled } from "../hardware/world/virtual-clock.ts";
import { SECOND_US, sceneBlock, scriptedLineage } from "../support/scripted-authority.ts";
import { packEnvelope } from "../support/scripted-host.ts";
import { named, quickKeys } from "../support/scripted-keys.ts";
import { traderLoop as loop } from "../support/trader-loop.ts";
import { offerOf } from "../support/two-agents.ts";

describe("a flush error", () => {
  test("mutes, folds the log anew, and drops what was asked for meanwhile: the log stays one chain", async () => {
    const { running, store, boot, authority, radio, primitives } = await loop();
    const offer = offerOf(authority, sceneBlock);
    store.fates.push("came-through");
    store.reopenings.push("fails", "fails", "works");
    const first = running.command({ verb: "offer", offer });
    await settled();
    // The log is being re-opened: these stand on a head that it may not have.
    await running.command({ verb: "offer", offer });
    await boot.pass(300_000);
    await running.command({ verb: "offer", offer });
    await boot.pass(3 * SECOND_US);
    expect((await first).ok).toBe(true);
    expect(radio.orders.filter((each) => each === "mute").length).toBeGreaterThanOrEqual(3);
    expect(running.agent.queue).toEqual([]);
    expect((await running.command({ verb: "offer", offer })).ok).toBe(true);
    await boot.pass(SECOND_US);
    const folded = await fold(store.frames(), primitives, 100);
    expect(folded.state.head).toEqual(running.agent.durable.head);
    expect(folded.state.offers.size).toBe(2);
    expect(running.health.reasons()).not.toHaveProperty("store");
    await running.stop();
  });

  test("of a batch that was lost goes on from what is flushed", async () => {
    const { running, store, boot, authority } = await loop();
    const offer = offerOf(authority, sceneBlock);
    const before = running.agent.durable.nextSeq;
    store.fates.push("lost");
    await running.command({ verb: "offer", offer });
    await boot.pass(2 * SECOND_US);
    expect(running.agent.durable.nextSeq).toBe(before);
    await running.command({ verb: "offer", offer });
    await boot.pass(SECOND_US);
    expect(running.agent.durable.nextSeq).toBe(before + 1);
    await running.stop();
  });
});

describe("control", () => {
  test("answers status with plain values, and refuses before the agent runs", async () => {
    const { running, boot, authority } = await loop();
    const waiting = controlHandler(
      () => null,
      () => ({ tpm: "tpm-missing: no device" }),
    );
    expect(await waiting({ verb: "status", arguments: {} })).toMatchObject({
      ok: true,
      result: { ready: false },
    });
    expect(await waiting({ verb: "accept", arguments: {} })).toMatchObject({ ok: false, code: "not-ready" });
    const control = controlHandler(
      () => running,
      () => ({}),
    );
    await running.command({ verb: "offer", offer: offerOf(authority, sceneBlock) });
    await boot.pass(SECOND_US);
    const status = await control({ verb: "status", arguments: {} });
    expect(status.ok).toBe(true);
    const shown = JSON.parse(JSON.stringify(status)) as { result: Record<string, unknown> };
    expect(shown.result).toMatchObject({
      schema: "spectrum-agent.status/1",
      ready: true,
      lineage: toHex(running.agent.durable.key?.lineage ?? new Uint8Array()),
      records: running.agent.durable.nextSeq,
      queued: 0,
      quarantine: null,
      radio: { on: false },
    });
    expect(shown.result["offers"]).toHaveLength(1);
    await running.stop();
  });

  test("hears a record that is handed over as it would hear a broker's, and says where it did not take it", async () => {
    const { running, authority } = await loop();
    const control = controlHandler(
      () => running,
      () => ({}),
    );
    const hear = (envelope: unknown): ReturnType<typeof control> =>
      control({ verb: "hear", arguments: { envelope } });
    const peer = scriptedLineage(quickKeys(), "peer");
    const bytes = packEnvelope(peer.inception.envelope);
    const record = toHex(peer.inception.id);
    expect(await hear(toHex(bytes))).toMatchObject({ ok: true, result: { record } });
    expect(running.agent.volatile.known.isKnown(peer.inception.header.lineage)).toBe(true);
    const stranger = authority.issue(peer, {});
    const forged = { ...stranger.envelope, signatures: peer.inception.envelope.signatures };
    expect(await hear(toHex(packEnvelope(forged)))).toMatchObject({ code: "record-not-taken", exit: 75 });
    expect(await hear("00")).toMatchObject({ ok: false });
    for (const none of [7, "zz"]) expect(await hear(none)).toMatchObject({ code: "usage", exit: 2 });
    await running.stop();
  });

  test("passes commands on, with every finding in the answer, and names what is missing", async () => {
    const { running, boot, authority } = await loop();
    const control = controlHandler(
      () => running,
      () => ({}),
    );
    const made = await running.command({ verb: "offer", offer: offerOf(authority, sceneBlock) });
    await boot.pass(SECOND_US);
    const offer = made.ok ? toHex(made.record) : "";
    const unknown = toHex(named("nothing"));
    expect(await control({ verb: "withdraw", arguments: { offer } })).toMatchObject({ ok: true });
    expect(await control({ verb: "withdraw", arguments: { offer } })).toMatchObject({
      ok: false,
      code: "offer-unknown",
    });
    expect(await control({ verb: "accept", arguments: { offer } })).toMatchObject({
      ok: false,
      code: "radio-missing",
    });
    for (const verb of ["relinquish", "terminate"]) {
      expect(await control({ verb, arguments: { artifact: unknown } })).toMatchObject({
        code: "lease-unknown",
        exit: 4,
      });
      expect(await control({ verb, arguments: { artifact: "zz" } })).toMatchObject({
        code: "usage",
        exit: 2,
      });
    }
    for (const verb of ["accept", "withdraw"])
      expect(await control({ verb, arguments: { offer: 7 } })).toMatchObject({ code: "usage", exit: 2 });
    expect(await control({ verb: "dance", arguments: {} })).toMatchObject({ code: "usage", exit: 2 });
    await running.stop();
  });
});

describe("ports", () => {
  test("a mesh that is down, a receiver without a fix and a signer that is busy show in the health, and pass", async () => {
    const { running, mesh, boot, fix, signer, authority } = await loop();
    mesh.deliver({ kind: "down", reason: "broker away" });
    fix({ mode: 1, timeUs: null });
    expect(running.health.reasons()).toEqual({ mesh: "broker away", gnss: "mode 1: no fix" });
    const published = mesh.published.length;
    mesh.deliver({ kind: "up" });
    await settled();
    expect(mesh.published.length).toBeGreaterThan(published);
    fix();
    signer.failures = 1;
    await running.command({ verb: "offer", offer: offerOf(authority, sceneBlock) });
    await settled();
    expect(running.health.reasons()).toHaveProperty("signer");
    await boot.pass(SECOND_US);
    expect(running.health.reasons()).toEqual({});
    mesh.deliver({ kind: "message", message: { topic: "t", bytes: Uint8Array.of(1), retain: false } });
    expect([...running.agent.volatile.counters.values()].reduce((a, b) => a + b, 0)).toBe(1);
    await running.stop();
  });

  test("stopping mutes, then lets go of everything, and takes nothing more", async () => {
    const { running, radio, store, mesh } = await loop();
    await running.stop();
    expect(radio.orders.at(-1)).toBe("mute");
    expect(store.done.at(-1)).toBe("close");
    mesh.deliver({ kind: "message", message: { topic: "t", bytes: Uint8Array.of(1), retain: false } });
    running.input({ kind: "tick" });
    expect([...running.agent.volatile.counters.values()]).toEqual([]);
  });
});
