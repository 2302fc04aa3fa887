/** Logs whose last records a session key signed: what its signature stands for, and what it does not (PROTOCOL §10). */
import { describe, expect, test } from "vitest";
import { fold } from "../../src/agent/fold.ts";
import { type AnyRecord, writePayload } from "../../src/core/record/record.ts";
import type { Frame } from "../../src/ports/store.ts";
import { dumpState } from "../../src/sim/state-dump.ts";
import { SECOND_US, signedEnvelope } from "../support/scripted-authority.ts";
import { packEnvelope, recordFrom, SCENE_DRIFT_PPM } from "../support/scripted-host.ts";
import { quickKeys, type ScriptedKey } from "../support/scripted-keys.ts";
import { twoAgents } from "../support/two-agents.ts";

const scheme = quickKeys();

describe("fold", () => {
  async function* streamed(frames: readonly Frame[]): AsyncGenerator<Frame> {
    yield* frames;
  }

  /** A log of a holder whose session key signed its last record. */
  function sessionLog() {
    const sessionKeys = { forUs: 60 * SECOND_US, kinds: ["renewal"] as const };
    const scene = twoAgents({ scheme, authority: { policy: { sessionKeys } } });
    scene.run(SECOND_US);
    scene.settle();
    const isEnd = () => recordFrom(scene.holder.disk.at(-1)?.bytes ?? new Uint8Array(0), scheme.primitives);
    scene.runUntil(() => scene.holder.written("renewal").length > 2, 20 * SECOND_US, "renewals");
    expect(isEnd().kind).toBe("renewal");
    const stolen = scheme.keyOf("session key 0 of holder");
    const { head, nextSeq } = scene.holder.agent().durable;
    return {
      scene,
      frames: [...scene.holder.disk],
      stolen,
      last: isEnd(),
      end: { seq: nextSeq, previous: head },
    };
  }

  function frameOf(record: Pick<AnyRecord, "kind" | "header" | "body">, key: ScriptedKey): Frame {
    const payload = writePayload(record.kind, record.header, record.body);
    const envelope = { kind: record.kind, payload, signatures: [], openings: [] };
    return { kind: "own", bytes: packEnvelope(signedEnvelope({ ...record, envelope }, key)) };
  }

  test("a log that ends with records by a session key is folded as any other", async () => {
    const { frames, scene } = sessionLog();
    const folded = await fold(streamed(frames), scheme.primitives, SCENE_DRIFT_PPM);
    expect(dumpState(folded.state)).toBe(dumpState(scene.holder.agent().durable));
  });

  test("a session key whose signature is false, or that signs what it may not, makes it corrupt", async () => {
    const { frames, stolen, last, end } = sessionLog();
    const header = { ...last.header, ...end };
    const forged = [
      frameOf({ ...last, header } as AnyRecord, scheme.keyOf("somebody else")),
      frameOf(
        { kind: "checkpoint", header, body: { size: 1, root: last.id, tpmCounter: null } } as never,
        stolen,
      ),
    ];
    for (const frame of forged) {
      const spoilt = fold(streamed([...frames, frame]), scheme.primitives, SCENE_DRIFT_PPM);
      await expect(spoilt).rejects.toMatchObject({ code: "log-corrupt" });
    }
  });

  test("a session key's signature at the end does not stand for what the device's own should have signed before", async () => {
    const { frames, stolen, last, end, scene } = sessionLog();
    const header = { ...scene.holder.lineage.inception.header, ...end };
    const body = { size: end.seq, root: last.id, tpmCounter: null };
    const unsigned = { kind: "checkpoint" as const, header, body };
    const planted = frameOf(unsigned as never, scheme.keyOf("somebody else"));
    const { id } = recordFrom(planted.bytes, scheme.primitives);
    const after = frameOf(
      { ...last, header: { ...last.header, seq: end.seq + 1, previous: id } } as AnyRecord,
      stolen,
    );
    const spoilt = fold(streamed([...frames, planted, after]), scheme.primitives, SCENE_DRIFT_PPM);
    await expect(spoilt).rejects.toMatchObject({ code: "log-corrupt" });
  });
});
