/** Whether exclusive letting may go on after a quarantine that nobody confirmed is policy's word (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { twoAgents } from "../../support/two-agents.ts";

const AFTER_US = 19 * SECOND_US;

function rejected(scene: ReturnType<typeof twoAgents>): readonly string[] {
  return scene.holder.written("rejection").flatMap(({ body }) => body.findings.map(({ code }) => code));
}

function cutAndWait(scene: ReturnType<typeof twoAgents>): void {
  scene.run(SECOND_US);
  scene.holder.crash();
  scene.holder.now.mark = { seq: 1_000_000, reason: "drill" };
  scene.holder.start();
  scene.run(AFTER_US);
}

describe("after a quarantine that nobody confirmed", () => {
  test.each([
    { allocateUnconfirmed: false, codes: ["head-unconfirmed"] },
    { allocateUnconfirmed: true, codes: [] },
  ])(
    "with allocateUnconfirmed $allocateUnconfirmed the holder refuses for $codes",
    ({ allocateUnconfirmed, codes }) => {
      const scene = twoAgents({ authority: { policy: { allocateUnconfirmed } } });
      cutAndWait(scene);
      expect(scene.holder.written("quarantine-end")[0]?.body.confirmed).toBe(false);
      if (codes.length === 0) {
        expect(scene.settle()).toBeDefined();
        return;
      }
      expect(() => scene.settle()).toThrow();
      expect(rejected(scene)).toContain(codes[0]);
    },
  );
});

describe("a consumer that names a record which the log holds", () => {
  test("confirms the head: the quarantine-end says so, names its request, and letting goes on", () => {
    const scene = twoAgents({ authority: { policy: { allocateUnconfirmed: false } } });
    scene.settle();
    cutAndWait(scene);
    const end = scene.holder.written("quarantine-end")[0];
    expect(end?.body.confirmed).toBe(true);
    expect(end?.body.witness).not.toBeNull();
    expect(rejected(scene)).not.toContain("head-unconfirmed");
  });
});
