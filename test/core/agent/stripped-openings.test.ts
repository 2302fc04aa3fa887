/** Nobody signs openings: a copy that lacks them, or carries wrong ones, must not shadow the whole one (PROTOCOL §1). */
import { describe, expect, test } from "vitest";
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { twoAgents } from "../../support/two-agents.ts";

describe("a sealed offer of which a broker's copy comes first", () => {
  const salt = new Uint8Array(16).fill(7);

  test.each([
    { openings: [], what: "without openings" },
    { openings: [{ salt, encoded: new Uint8Array([0x90]) }], what: "with one that opens nothing" },
  ])("$what is opened by the copy that comes after it, and stays open", ({ openings }) => {
    const scene = twoAgents();
    const offer = scene.offer();
    const price = offer.body.price.value;
    if (price === null) throw new Error("the scene's offers name their price");
    const { sealed, opening } = seal(priceTerms, price, salt, scene.scheme.primitives.sha256);
    const body = { ...offer.body, price: { ...sealed, value: null } };
    const made = scene.holder.lineage.write("offer", body, { ...offer.header, seq: 900 });
    const copies = [openings, [opening], openings];
    for (const each of copies) {
      const bytes = packEnvelope({ ...made.envelope, openings: each });
      scene.consumer.take({ kind: "message", bytes });
    }
    expect(scene.accept(scene.consumer, made)).toMatchObject({ ok: true });
  });
});
