/** An agent whose operator's policy is not at hand does nothing that a policy would have to allow (PROTOCOL §4). */
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import {
  SECOND_US,
  START_US,
  sceneBlock,
  scenePolicy,
  scriptedLineage,
} from "../../support/scripted-authority.ts";
import { scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

const ABSENT = new Uint8Array(32).fill(5);

const without = (name: string): Scene =>
  twoAgents({ configOf: (each) => (each === name ? { policy: ABSENT } : {}) });

describe("without it", () => {
  test("a consumer accepts nothing, insisting or not, and its radio stays off", () => {
    const scene = without("consumer 0");
    const offer = scene.offer();
    for (const insist of [false, true]) {
      const answer = scene.accept(scene.consumer, offer, insist);
      expect(answer.ok).toBe(false);
    }
    scene.run(3 * SECOND_US);
    expect(scene.consumer.written("acceptance")).toEqual([]);
    expect(scene.consumer.radio.isOn()).toBe(false);
  });

  test("a directive is neither obeyed nor refused by a record: who may direct stands in the policy", () => {
    const scene = without("consumer 0");
    const incumbent = scriptedIncumbent(scene);
    tell(scene, incumbent, incumbent.directive(), [scene.consumer]);
    scene.run(2 * SECOND_US);
    expect(scene.consumer.written("rejection")).toEqual([]);
    expect(scene.consumer.agent().volatile.directives.size).toBe(0);
  });

  test("a holder settles with nobody, and does not fall over those who accept", () => {
    const scene = without("holder");
    const answer = scene.holder.command({
      verb: "offer",
      offer: offerOf(scene.authority, sceneBlock),
    });
    scene.run(2 * SECOND_US);
    const [offer] = scene.holder.written("offer");
    if (answer.ok && offer !== undefined) scene.accept(scene.consumer, offer, true);
    scene.run(5 * SECOND_US);
    expect(scene.holder.written("settlement")).toEqual([]);
    expect(scene.holder.isRunning()).toBe(true);
  });
});

describe("an operator who names a successor", () => {
  /** `by`: whose lineage wrote its predecessor. */
  function named(
    predecessor: (root: Scene["authority"]["root"], stranger: typeof root) => RecordOf<"policy"> | null,
  ) {
    let latest: RecordOf<"policy"> | null = null;
    const scene = twoAgents({
      documents: ({ root, policy }) => {
        const stranger = scriptedLineage(scenery.scheme, "stranger");
        const before = predecessor(root, stranger);
        latest ??= root.write("policy", {
          ...scenePolicy,
          name: "named",
          succeeds: { predecessor: before?.id ?? ABSENT, endUs: START_US + 60 * SECOND_US },
        });
        return [latest, policy, ...(before === null ? [] : [stranger.inception, before])];
      },
      configOf: () => (latest === null ? {} : { policy: latest.id }),
    });
    scene.settle();
    return (
      toHex(scene.holder.written("offer").at(-1)?.header.policy ?? ABSENT) ===
      toHex((latest as unknown as RecordOf<"policy">).id)
    );
  }
  const scenery = twoAgents();

  test("deals under it where its predecessor is not at hand", () => {
    expect(named(() => null)).toBe(true);
  });

  test("deals under it where what it names as predecessor is another's", () => {
    expect(named((_, stranger) => stranger.write("policy", { ...scenePolicy, name: "theirs" }))).toBe(true);
  });
});
