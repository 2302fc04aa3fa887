/** A quarantine is marked however it begins, and its end is the first record afterwards (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import type { Attestation } from "../../../src/core/record/kinds/attestation.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { recordFrom } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const WAIT_US = 17 * SECOND_US;

const evidence: Attestation = {
  akPublic: new Uint8Array(90),
  signingPublic: new Uint8Array(90),
  certification: new Uint8Array(100),
  certificationSignature: new Uint8Array(70),
  quote: new Uint8Array(100),
  quoteSignature: new Uint8Array(70),
  pcrs: [0],
  head: new Uint8Array(32),
  bootId: new Uint8Array(16),
};

function kindsSince({ holder, scheme }: Scene, frames: number): readonly string[] {
  return holder.disk
    .slice(frames)
    .filter(({ kind }) => kind === "own")
    .map(({ bytes }) => recordFrom(bytes, scheme.primitives).kind);
}

function counterAhead(): Scene {
  const scene = twoAgents({ holder: { counter: true } });
  scene.run(SECOND_US);
  scene.holder.crash();
  scene.holder.now.counter = 5;
  scene.holder.start();
  return scene;
}

describe("a quarantine that begins without a cut", () => {
  test("because the TPM's counter is ahead sets the mark: the next start goes on with it, whatever the counter says", () => {
    const scene = counterAhead();
    expect(scene.holder.now.mark?.reason).toContain("counter is 5");
    scene.holder.crash();
    scene.holder.now.counter = 1;
    scene.holder.start();
    expect(scene.holder.agent().volatile.quarantine?.reason).toContain("counter is 5");
  });
});

describe("quarantine-end", () => {
  test("comes before the checkpoint that is due and the attestation that came meanwhile", () => {
    const scene = counterAhead();
    const frames = scene.holder.disk.length;
    scene.run(5 * SECOND_US);
    scene.holder.take({ kind: "attested", evidence });
    scene.run(WAIT_US - 6 * SECOND_US);
    expect(kindsSince(scene, frames)).toEqual([]);
    scene.holder.now.stalled = true;
    scene.run(2 * SECOND_US);
    // Queued and not durable yet: nothing stands behind it.
    scene.holder.take({ kind: "attested", evidence });
    expect(scene.holder.agent().queue.map(({ draft }) => draft.record.kind)).toEqual(["quarantine-end"]);
    scene.holder.now.stalled = false;
    scene.run(2 * SECOND_US);
    expect(kindsSince(scene, frames)).toEqual(["quarantine-end", "checkpoint"]);
  });
});
