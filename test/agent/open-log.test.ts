/** Opening one lineage's log: the mark before the cut, and until a quarantine-end is durable (PROTOCOL §2 Quarantine). */
import { describe, expect, test } from "vitest";
import { fold } from "../../src/agent/fold.ts";
import { health } from "../../src/agent/health.ts";
import { markOf, openLog } from "../../src/agent/open-log.ts";
import { QUARANTINE_MARK } from "../../src/agent/quarantine-mark.ts";
import { refold } from "../../src/agent/refold.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Frame, Tail } from "../../src/ports/store.ts";
import { dumpState } from "../../src/sim/state-dump.ts";
import { virtualClock } from "../hardware/world/virtual-clock.ts";
import { SECOND_US } from "../support/scripted-authority.ts";
import { type Host, packEnvelope, refoldFrames, SCENE_DRIFT_PPM } from "../support/scripted-host.ts";
import { named, quickKeys } from "../support/scripted-keys.ts";
import { scriptedSigner, scriptedStore } from "../support/scripted-ports.ts";
import { twoAgents } from "../support/two-agents.ts";

const scheme = quickKeys();

function parts(frames: readonly Frame[], tail?: Tail, host?: Host) {
  const key = scheme.keyOf("opener");
  let drawn = 0;
  return {
    store: scriptedStore(frames, tail),
    signer: scriptedSigner(key, SUITE_ES256),
    key: {
      suite: SUITE_ES256,
      publicKey: host?.agent().config.key.publicKey ?? key.publicKey,
      akName: null,
      tier: "simulated" as const,
    },
    owner: "opener",
    primitives: scheme.primitives,
    entropy: {
      bytes: (length: number) => {
        drawn += 1;
        return named(`opener ${drawn}`).slice(0, length);
      },
    },
    pack: packEnvelope,
  };
}

function settledLog(): { readonly host: Host; readonly frames: readonly Frame[] } {
  const scene = twoAgents({ scheme });
  scene.settle();
  scene.run(8 * SECOND_US);
  return { host: scene.consumer, frames: [...scene.consumer.disk] };
}

describe("openLog", () => {
  test("an empty log gets its inception, signed and flushed, and folds to it", async () => {
    const given = parts([]);
    const { folded, quarantine } = await openLog(given);
    expect(quarantine).toBeNull();
    expect(given.store.held).toHaveLength(1);
    expect(folded.state.nextSeq).toBe(1);
    const again = await openLog({ ...given });
    expect(again.folded.state.key?.lineage).toEqual(folded.state.key?.lineage);
    expect(given.store.held).toHaveLength(1);
  });

  for (const kind of ["torn", "damaged"] as const) {
    test(`the mark of a ${kind} tail is flushed before it is cut, and says why`, async () => {
      const { frames, host } = settledLog();
      const given = parts(frames, { kind, lostBytes: 120 }, host);
      const { quarantine } = await openLog(given);
      expect(given.store.done.slice(0, 2)).toEqual([`mark ${QUARANTINE_MARK}`, "cut"]);
      expect(quarantine).toContain("120 bytes cut");
      expect(given.store.marks.has(QUARANTINE_MARK)).toBe(true);
    });
  }

  test("a log that another key began is refused, and nothing is appended to it", async () => {
    const { frames } = settledLog();
    const given = parts(frames);
    await expect(openLog(given)).rejects.toMatchObject({ code: "signer-not-of-log" });
    expect(given.store.held).toHaveLength(frames.length);
  });

  test("a damaged log whose inception does not read back is left as it is", async () => {
    const given = parts([], { kind: "damaged", lostBytes: 2_000 });
    await expect(openLog(given)).rejects.toMatchObject({ code: "log-corrupt" });
    expect(given.store.done).toEqual([]);
  });

  test("a standing mark quarantines every start until a quarantine-end stands at or after its place", async () => {
    const { frames, host } = settledLog();
    const given = parts(frames, undefined, host);
    const { nextSeq } = host.agent().durable;
    given.store.marks.set(QUARANTINE_MARK, markOf(nextSeq, "the reason in words"));
    expect((await openLog(given)).quarantine).toBe("the reason in words");
    expect((await openLog(given)).quarantine).toBe("the reason in words");
    const scene = twoAgents({ scheme });
    scene.consumer.crash();
    scene.consumer.now.mark = { seq: 1, reason: "drill" };
    scene.consumer.start();
    scene.run(30 * SECOND_US);
    const ended = parts([...scene.consumer.disk], undefined, scene.consumer);
    const end = scene.consumer.written("quarantine-end")[0]?.header.seq ?? 0;
    ended.store.marks.set(QUARANTINE_MARK, markOf(end, "over"));
    expect((await openLog(ended)).quarantine).toBeNull();
    expect(ended.store.done).toContain(`clear ${QUARANTINE_MARK}`);
    ended.store.marks.set(QUARANTINE_MARK, markOf(end + 1, "newer"));
    expect((await openLog(ended)).quarantine).toBe("newer");
  });
});

describe("fold", () => {
  async function* streamed(frames: readonly Frame[]): AsyncGenerator<Frame> {
    yield* frames;
  }

  test("gives the state that the agent had, and what the log brought along", async () => {
    const { frames, host } = settledLog();
    const folded = await fold(streamed(frames), scheme.primitives, SCENE_DRIFT_PPM);
    expect(dumpState(folded.state)).toBe(dumpState(host.agent().durable));
    expect(dumpState(folded.state)).toBe(dumpState(refoldFrames(frames, scheme.primitives).state));
    expect(folded.foreign.length).toBe(frames.filter(({ kind }) => kind === "foreign").length);
  });

  test("a log whose last record is signed by nobody of that lineage is corrupt", async () => {
    const { frames } = settledLog();
    const last = frames.at(-1);
    const other = scheme.keyOf("somebody else");
    const spoilt = { ...scheme.primitives, verifySignature: () => false };
    expect(last?.kind).toBe("own");
    expect(other.publicKey).toHaveLength(65);
    await expect(fold(streamed(frames), spoilt)).rejects.toMatchObject({ code: "log-corrupt" });
  });

  test("frames that are no envelopes or no records are corrupt, with the reason", async () => {
    const junk: Frame = { kind: "own", bytes: Uint8Array.of(1, 2, 3) };
    await expect(fold(streamed([junk]), scheme.primitives)).rejects.toMatchObject({ code: "log-corrupt" });
    const strange = packEnvelope({
      kind: "strange",
      payload: Uint8Array.of(1),
      signatures: [],
      openings: [],
    });
    await expect(fold(streamed([{ kind: "own", bytes: strange }]), scheme.primitives)).rejects.toMatchObject({
      code: "log-corrupt",
    });
  });
});

describe("refold", () => {
  test("re-opens until it works, says why not meanwhile, and gives the agent the log's state", async () => {
    const { frames, host } = settledLog();
    const store = scriptedStore(frames);
    store.reopenings.push("fails", "works");
    const clock = virtualClock();
    const said: (string | null)[] = [];
    const agent = host.agent();
    const before = dumpState(agent.durable);
    agent.durable.head = named("elsewhere");
    const done = refold({
      agent,
      store,
      clock,
      health: health((_, reason) => said.push(reason)),
      mark: { settled: async () => {} },
      stopped: () => false,
    });
    await clock.pass(2 * SECOND_US);
    expect(await done).toEqual({ lost: null });
    expect(store.done).toEqual(["reopen", "reopen"]);
    expect(said).toEqual(["store-unreadable: not yet", null]);
    expect(dumpState(agent.durable)).toBe(before);
  });

  test("ends without a state when the agent is stopped", async () => {
    const { host } = settledLog();
    const parts = {
      agent: host.agent(),
      store: scriptedStore(),
      clock: virtualClock(),
      health: health(() => {}),
      mark: { settled: async () => {} },
    };
    expect(await refold({ ...parts, stopped: () => true })).toBeNull();
  });

  test("where acknowledged bytes are gone, marks and cuts as an unclean start does, and says so", async () => {
    const { frames, host } = settledLog();
    const agent = host.agent();
    const whole = agent.durable.nextSeq;
    const store = scriptedStore(frames.slice(0, -3), { kind: "damaged", lostBytes: 77 });
    const mark = {
      settled: async () => {
        store.done.push("settled");
      },
    };
    const parts = { agent, store, clock: virtualClock(), health: health(() => {}), mark };
    expect(await refold({ ...parts, stopped: () => false })).toEqual({
      lost: "flushed bytes do not read back: 77 bytes cut",
    });
    expect(store.done).toEqual(["reopen", "settled", `mark ${QUARANTINE_MARK}`, "cut"]);
    expect(agent.durable.nextSeq).toBeLessThan(whole);
    const words = new TextDecoder().decode(store.marks.get(QUARANTINE_MARK));
    expect(words.startsWith(`${agent.durable.nextSeq} flushed bytes`)).toBe(true);
  });

  test("whose cut fails once the tail is gone still says that records are lost", async () => {
    const { frames, host } = settledLog();
    const store = scriptedStore(frames.slice(0, -3), { kind: "damaged", lostBytes: 77 });
    const cut = store.cutTail;
    let cuts = 0;
    store.cutTail = async () => {
      await cut();
      Object.assign(store, { tail: { kind: "clean" } });
      cuts += 1;
      if (cuts === 1) throw new PortError("store", "store-flush-failed", "not flushed", true);
    };
    const clock = virtualClock();
    const mark = { settled: async () => {} };
    const parts = { agent: host.agent(), store, clock, health: health(() => {}), mark };
    const done = refold({ ...parts, stopped: () => false });
    await clock.pass(2 * SECOND_US);
    expect(store.tail.kind).toBe("clean");
    expect(await done).toEqual({ lost: "flushed bytes do not read back: 77 bytes cut" });
  });

  test("where not even the inception reads back, cuts nothing and leaves the agent what it had", async () => {
    const { host } = settledLog();
    const agent = host.agent();
    const before = dumpState(agent.durable);
    const store = scriptedStore([], { kind: "damaged", lostBytes: 77 });
    const said: (string | null)[] = [];
    const clock = virtualClock();
    let isStopped = false;
    const done = refold({
      agent,
      store,
      clock,
      health: health((_, reason) => said.push(reason)),
      mark: { settled: async () => {} },
      stopped: () => isStopped,
    });
    await clock.pass(SECOND_US);
    isStopped = true;
    await clock.pass(2 * SECOND_US);
    expect(await done).toBeNull();
    expect(said[0]).toContain("log-corrupt");
    expect(store.done).not.toContain("cut");
    expect(dumpState(agent.durable)).toBe(before);
  });
});
