/** Whose rule a refusal was about, told by its record where the common policy is composed (PROTOCOL §4, §6). */
import { expect, test } from "vitest";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type SceneParts, twoAgents } from "../../support/two-agents.ts";

type Profiles = NonNullable<NonNullable<SceneParts["authority"]>["policy"]>["profiles"];

/** What the holder writes of an acceptance made too far away. */
function refusedUnder(profiles: Profiles): RecordOf<"rejection"> | undefined {
  const scene = twoAgents(profiles === undefined ? {} : { authority: { policy: { profiles } } });
  const offer = scene.offer();
  // 0.0045° of latitude: a little more than the window, and still inside the block's area.
  scene.consumer.now.northE7 = 45_000;
  scene.run(1_100_000);
  expect(scene.accept(scene.consumer, offer, true).ok).toBe(true);
  scene.run(SECOND_US);
  return scene.holder.written("rejection").at(-1);
}

/** The profile that is told for each finding. */
function toldBy(record: RecordOf<"rejection"> | undefined): readonly string[] {
  const { findings = [], profiles = [] } = record?.body ?? {};
  return findings.map(({ code }, i) => `${code}: ${profiles[i] ?? "nobody"}`);
}

test("each finding of a rejection names the profile that set what it was held against", () => {
  const land = { role: "jurisdiction", name: "land", fields: ["spatialWindowMm"] } as const;
  const refused = refusedUnder([land]);
  // The consumer from where the offer was made, and from where the holder is.
  expect(toldBy(refused)).toEqual(["outside-spatial-window: land", "outside-spatial-window: land"]);
  expect(refused?.body.profile).toBe("scene");
});

test("what none of them set is of the policy as a whole, and where nothing is composed there is no list", () => {
  const works = { role: "safety", name: "works", fields: ["temporalWindowUs"] } as const;
  const whole = ["outside-spatial-window: scene", "outside-spatial-window: scene"];
  expect(toldBy(refusedUnder([works]))).toEqual(whole);
  expect(refusedUnder(undefined)?.body).toMatchObject({ profile: "scene", profiles: [] });
});
