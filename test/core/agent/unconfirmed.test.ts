/** Whether exclusive letting may go on after a quarantine that nobody confirmed is policy's word (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
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

describe("a holder whose head is unconfirmed", () => {
  test("still lets shared blocks, of which nothing is sold twice", () => {
    const scene = twoAgents({ authority: { policy: { allocateUnconfirmed: false } } });
    cutAndWait(scene);
    expect(scene.holder.agent().durable.headUnconfirmed).toBe(true);
    expect(scene.settle({ block: { ...sceneBlock, exclusive: false } })).toBeDefined();
  });
});

describe("a request that was made before the quarantine began", () => {
  test("confirms nothing when it is said again: it does not know what this log may have lost since", () => {
    const scene = twoAgents({ authority: { policy: { allocateUnconfirmed: false } } });
    scene.settle();
    scene.run(5 * SECOND_US);
    const request = scene.consumer.written("renewal-request").at(-1);
    if (request === undefined) throw new Error("the consumer has asked");
    scene.mesh.carry = () => [];
    scene.holder.crash();
    scene.holder.now.mark = { seq: 1_000_000, reason: "drill" };
    scene.holder.start();
    scene.run(SECOND_US);
    scene.holder.take({ kind: "message", bytes: packEnvelope(request.envelope) });
    scene.run(AFTER_US);
    expect(scene.holder.written("quarantine-end")[0]?.body).toMatchObject({
      confirmed: false,
      witness: null,
    });
    expect(scene.holder.agent().durable.headUnconfirmed).toBe(true);
  });
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
