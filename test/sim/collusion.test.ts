/** What a pair of dishonest peers wrote is judged by an auditor who has both logs: a misdeed that passes is a breach. */
import { expect, test } from "vitest";
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { checkCollusionFound } from "../../src/sim/collusion.ts";
import { recordFrom } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";

/** Both logs of a pair that settled fairly, as if they were the colluders'. */
function fairPair() {
  const scene = twoAgents();
  const artifact = toHex(scene.settle().derived.id);
  const { primitives } = scene.scheme;
  const pack = msgpackrEnvelope();
  const { root } = scene.authority;
  const logs = [scene.holder, scene.consumer].map((host) => ({
    lineage: host.lineage.inception.header.lineage,
    records: host.disk.filter(({ kind }) => kind === "own").map(({ bytes }) => recordFrom(bytes, primitives)),
  }));
  const parts = { primitives, pack, root: pack(root.inception.envelope), ground: root.records };
  return { artifact, logs: () => logs, parts };
}

test("a fair deal passes, and a misdeed that nothing fails at is a breach", () => {
  const { artifact, logs, parts } = fairPair();
  const judge = (misdeed: "renewed-past-the-end" | null) => () =>
    checkCollusionFound({ affairs: () => [{ misdeed, artifact, records: [] }], logs }, parts);
  expect(judge(null)).not.toThrow();
  expect(judge("renewed-past-the-end")).toThrow("passes renewal-expiry; what fails is nothing");
});
