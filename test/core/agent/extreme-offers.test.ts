/** Numbers of a stranger's offer at the bounds of their fields: an acceptance of it can be drafted, and is refused. */
import { describe, expect, test } from "vitest";
import type { Wish } from "../../../src/core/agent/config.ts";
import type { Offer } from "../../../src/core/record/kinds/offer.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const wish: Wish = {
  name: "any",
  commodityClass: "",
  resource: "",
  widthHz: 100_000,
  lowestHz: 433_150_000,
  highestHz: 434_000_000,
  priceMaxMicroUnits: 0n,
  currency: "EUR",
  durationUs: null,
  insist: false,
};

type Extreme = { readonly what: string; readonly change: (body: Offer) => Partial<Offer> };

function heard(extreme: Extreme, wishes: readonly Wish[]): { scene: Scene; made: RecordOf<"offer"> } {
  const scene = twoAgents({ config: { wishes } });
  scene.mesh.carry = ({ kind }) => (kind === "offer" ? [] : [3_000]);
  const offer = scene.offer();
  const body = { ...offer.body, ...extreme.change(offer.body) };
  const made = scene.holder.lineage.write("offer", body, { ...offer.header, seq: 900 });
  scene.consumer.take({ kind: "message", bytes: packEnvelope(made.envelope) });
  scene.run(SECOND_US);
  return { scene, made };
}

const extremes: readonly Extreme[] = [
  {
    what: "from the last instant there is",
    change: ({ block }) => ({ block: { ...block, fromUs: Number.MAX_SAFE_INTEGER } }),
  },
  {
    what: "in steps as wide as all frequencies",
    change: ({ steps }) => ({ steps: { ...steps, frequencyStepHz: 3_000_000_000_000 } }),
  },
];

describe.each(extremes)("an offer $what", (extreme) => {
  test("that fits a wish is not accepted, and what hears it goes on", () => {
    const { scene } = heard(extreme, [wish]);
    expect(scene.consumer.written("acceptance")).toHaveLength(0);
    expect(scene.consumer.isRunning()).toBe(true);
  });

  test("is refused with findings where an operator asks for it", () => {
    const { scene, made } = heard(extreme, []);
    const answer = scene.accept(scene.consumer, made);
    expect(answer.ok).toBe(false);
    expect(answer).toHaveProperty("rejections[0].code");
  });
});
