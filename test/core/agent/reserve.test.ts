/** Signing slots are kept free for renewals, terminations and relinquishments (PROTOCOL §8 Order of checks). */
import { describe, expect, test } from "vitest";
import { enqueue } from "../../../src/core/agent/agent.ts";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

/** The signer does not answer, and the operator goes on offering. */
function fill(scene: Scene): readonly string[] {
  scene.holder.now.stalled = true;
  const codes: string[] = [];
  for (let i = 0; i < 2 * bounds.QUEUE_MAX; i++) {
    const answer = scene.holder.command({ verb: "offer", offer: offerOf(scene.authority, sceneBlock) });
    if (!answer.ok) codes.push(...answer.rejections.map(({ code }) => code));
  }
  return codes;
}

function queued(host: Host, kind: string): number {
  return host.agent().queue.filter(({ draft }) => draft.record.kind === kind).length;
}

describe("a queue full of offers", () => {
  test("refuses further ones, and still takes a renewal and a termination", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    const codes = fill(scene);
    expect(codes.length).toBe(bounds.QUEUE_MAX);
    expect(new Set(codes)).toEqual(new Set(["queue-full"]));
    expect(scene.holder.agent().queue).toHaveLength(bounds.QUEUE_MAX);
    scene.run(4 * SECOND_US);
    expect(queued(scene.holder, "renewal")).toBe(1);
    expect(scene.holder.command({ verb: "terminate", artifact: lease.derived.id }).ok).toBe(true);
    expect(queued(scene.holder, "lease-termination")).toBe(1);
    expect(scene.holder.agent().queue).toHaveLength(bounds.QUEUE_MAX + 2);
  });

  test("has a bounded reserve: beyond it nothing is queued, urgent or not", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    fill(scene);
    const turn = { agent: scene.holder.agent(), now: scene.holder.reading(), effects: [] };
    const body = { artifact: lease.derived.id, reason: "operator" as const, cause: null, link: null };
    const made = Array.from({ length: 2 * bounds.QUEUE_RESERVE }, () =>
      enqueue(turn, "lease-termination", body, { urgent: true }),
    );
    expect(made.filter((each) => each !== null)).toHaveLength(bounds.QUEUE_RESERVE);
    expect(scene.holder.agent().queue).toHaveLength(bounds.QUEUE_MAX + bounds.QUEUE_RESERVE);
  });
});
