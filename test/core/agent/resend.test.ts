/** What is sent again, and until when: the peer's next message shows what it has received (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import type { KindName } from "../../../src/core/record/kinds.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

type Waiting = {
  readonly kind: KindName;
  readonly by: "holder" | "consumer 0";
  /** What shows that the other side has it. */
  readonly answer: KindName;
};

const waits: readonly Waiting[] = [
  { kind: "acceptance", by: "consumer 0", answer: "settlement" },
  { kind: "settlement", by: "holder", answer: "settlement" },
  { kind: "settlement", by: "consumer 0", answer: "renewal" },
  { kind: "renewal-request", by: "consumer 0", answer: "renewal" },
  { kind: "relinquishment", by: "consumer 0", answer: "lease-termination" },
];

/** How often the first record of this kind was sent. */
function sendings(scene: Scene, { kind, by }: Waiting): number {
  const sent = scene.carried.filter((each) => each.kind === kind && each.from === by);
  const first = sent[0]?.record?.id;
  return sent.filter(({ record }) => record?.id.join() === first?.join()).length;
}

/** Brings about the first sending; a lease that is to be given up runs before. */
function begin(scene: Scene, { kind }: Waiting): void {
  if (kind !== "relinquishment") {
    scene.accept(scene.consumer, scene.offer());
    return;
  }
  scene.settle();
  const [lease] = leasesOf(scene.consumer);
  if (lease !== undefined) scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
}

describe.each(waits)("the $kind of $by", (waiting) => {
  test(`is sent again without the other side's ${waiting.answer}, and no more after it`, () => {
    const scene = twoAgents();
    const { carry } = scene.mesh;
    let answered = false;
    let deaf = true;
    scene.mesh.carry = (message) => {
      const isAnswer = message.kind === waiting.answer && message.to === waiting.by;
      if (isAnswer && deaf) return [];
      answered ||= isAnswer;
      return carry(message);
    };
    begin(scene, waiting);
    scene.run(2 * SECOND_US);
    expect(sendings(scene, waiting)).toBeGreaterThan(2);
    deaf = false;
    scene.runUntil(() => answered, 10 * SECOND_US, "the answer");
    scene.run(50_000);
    const before = sendings(scene, waiting);
    scene.run(30 * SECOND_US);
    expect(sendings(scene, waiting)).toBe(before);
  });
});

describe("after a restart", () => {
  test("nothing is sent again that the log shows as received", () => {
    const scene = twoAgents();
    scene.settle();
    scene.run(SECOND_US);
    const before = scene.carried.length;
    scene.mesh.carry = () => [];
    for (const host of scene.hosts) host.crash();
    for (const host of scene.hosts) host.start();
    scene.run(SECOND_US);
    const kinds = new Set(scene.carried.slice(before).map(({ kind }) => kind));
    for (const kind of ["acceptance", "settlement", "renewal"]) expect(kinds).not.toContain(kind);
  });
});
