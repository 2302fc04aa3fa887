/** Nobody signs openings: a copy that lacks them, or carries wrong ones, must not shadow the whole one (PROTOCOL §1). */
import { describe, expect, test } from "vitest";
import { concat } from "../../../src/core/base/bytes.ts";
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { limits } from "../../../src/core/wire/limits.ts";
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

  test("is not opened so far that the copy which is kept could not be read any more", () => {
    const scene = twoAgents();
    const { sha256 } = scene.scheme.primitives;
    const offer = scene.offer();
    const openings = [1, 2].map((fill) => ({ salt, encoded: new Uint8Array(14_000).fill(fill) }));
    const [price, place] = openings.map((each) => ({
      digest: sha256(concat(each.salt, each.encoded)),
      value: null,
    }));
    if (price === undefined || place === undefined) throw new Error("two fields are sealed");
    const head = { ...offer.header, place, seq: 900 };
    const made = scene.holder.lineage.write("offer", { ...offer.body, price }, head);
    for (const each of openings) {
      const bytes = packEnvelope({ ...made.envelope, openings: [each] });
      expect(bytes.length).toBeLessThan(limits.ENVELOPE_BYTES_MAX);
      scene.consumer.take({ kind: "message", bytes });
    }
    const kept = scene.consumer.agent().volatile.known.get(made.id);
    if (kept === undefined) throw new Error("the offer was heard");
    expect(packEnvelope(kept.envelope).length).toBeLessThan(limits.ENVELOPE_BYTES_MAX);
  });
});
