import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/core/pairing/evaluate.ts";
import { fieldBytes, integer, list } from "../../../src/core/record/field.ts";
import { identifiers } from "../../../src/core/record/kinds/credential.ts";
import { type PriceTerms, priceTerms } from "../../../src/core/record/kinds/offer.ts";
import { readRecord } from "../../../src/core/record/record.ts";
import { clear, open, type Sealable, seal, sealable } from "../../../src/core/record/sealed.ts";
import { type PlaceEvidence, placeEvidence } from "../../../src/core/record/shared-fields.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import type { Opening } from "../../../src/core/wire/envelope.ts";
import {
  credentialFor,
  named,
  type Pair,
  pairOf,
  party,
  primitives,
  record,
} from "../../support/pair-builder.ts";
import { wireValue } from "../../support/wire-value.ts";
import { placeAt, price } from "../pairing/pair-values.ts";

const { sha256 } = primitives;
const salt = named("salt").slice(0, 16);
const unopened = (digest: Uint8Array | null): Sealable<never> => ({ digest, value: null });

describe("sealing", () => {
  test("puts SHA-256(salt ‖ encoded field) into the signed bytes", () => {
    const { sealed, opening } = seal(priceTerms, price, salt, sha256);
    const expected = createHash("sha256").update(salt).update(fieldBytes(priceTerms, price)).digest();
    expect(sealed).toEqual({ digest: new Uint8Array(expected), value: price });
    expect(wireValue(sealable(priceTerms), sealed)).toEqual(new Uint8Array(expected));
    expect(opening).toEqual({ salt, encoded: fieldBytes(priceTerms, price) });
  });

  test("hides nothing under a salt of another length, which is our own mistake", () => {
    expect(() => seal(priceTerms, price, salt.slice(1), sha256)).toThrow("16 bytes");
    expect(() => seal(priceTerms, price, new Uint8Array(17), sha256)).toThrow("16 bytes");
  });

  test("is only for arrays: a byte string there can then only be a digest", () => {
    expect(() => sealable(integer(0, 1))).toThrow("array on the wire");
    expect(() => sealable(list(integer(0, 1), 0, 1))).not.toThrow();
  });

  test("shows the digest beside what was opened", () => {
    const { sealed } = seal(priceTerms, price, salt, sha256);
    const field = sealable(priceTerms);
    const opened = { form: "fixed", microUnits: "5000000", currency: "EUR" };
    const hex = Buffer.from(sealed.digest ?? []).toString("hex");
    expect(field.json(sealed)).toEqual({ sealed: hex, opened });
    expect(field.json(unopened(sealed.digest))).toEqual({ sealed: hex, opened: null });
    expect(field.json(clear(price))).toEqual(opened);
  });

  test("a field neither sealed nor in clear is our own mistake", () => {
    expect(() => wireValue(sealable(priceTerms), unopened(null))).toThrow("has a value");
  });
});

describe("opening", () => {
  const { sealed, opening } = seal(priceTerms, price, salt, sha256);
  const closed: Sealable<PriceTerms> = unopened(sealed.digest);
  const other = seal(priceTerms, { ...price, microUnits: 1n }, salt, sha256).opening;

  test("finds the fitting one among others", () => {
    expect(open(priceTerms, closed, [other, opening], sha256)).toEqual(sealed);
  });

  test.each<[string, readonly Opening[]]>([
    ["none", []],
    ["one of another value", [other]],
    ["one with another salt", [{ ...opening, salt: new Uint8Array(16) }]],
    ["one with a byte more", [{ ...opening, encoded: Uint8Array.of(...opening.encoded, 0) }]],
    ["salt and field divided elsewhere", [{ salt: opening.salt.slice(0, 15), encoded: opening.encoded }]],
  ])("%s opens nothing", (_, openings) => {
    expect(open(priceTerms, closed, openings, sha256)).toEqual(closed);
  });

  test.each<[string, Uint8Array]>([
    ["no MessagePack", Uint8Array.of(0xc1)],
    ["not minimal", Uint8Array.of(0xdc, 0, 3, 0xa5, 0x66, 0x69, 0x78, 0x65, 0x64, 0, 0xa3, 0x45, 0x55, 0x52)],
    ["another field", fieldBytes(placeEvidence, placeAt(0, 0))],
    ["out of range", encode(["fixed", -1, "EUR"])],
  ])("content that is %s opens nothing, though its digest fits", (_, encoded) => {
    const digest = new Uint8Array(createHash("sha256").update(salt).update(encoded).digest());
    expect(open(priceTerms, unopened(digest), [{ salt, encoded }], sha256)).toEqual(unopened(digest));
  });

  test("what is in clear or open stays as it is", () => {
    expect(open(priceTerms, clear(price), [opening], sha256)).toEqual(clear(price));
    expect(open(priceTerms, sealed, [], sha256)).toEqual(sealed);
  });
});

/** A pair whose places and price are sealed, each side's with its own salt. */
function sealedPair(): { readonly pair: Pair; readonly price: PriceTerms; readonly place: PlaceEvidence } {
  const sealedPrice = seal(priceTerms, price, salt, sha256);
  const [here, there] = [placeAt(0, 0), placeAt(1_000, 0)];
  const offerPlace = seal(placeEvidence, here, named("offer").slice(0, 16), sha256);
  const ownPrice = seal(priceTerms, price, named("own price").slice(0, 16), sha256);
  const ownPlace = seal(placeEvidence, there, named("own place").slice(0, 16), sha256);
  const pair = pairOf({
    offer: { price: sealedPrice.sealed },
    offerRecord: {
      header: { place: offerPlace.sealed },
      openings: [sealedPrice.opening, offerPlace.opening],
    },
    acceptance: { price: ownPrice.sealed },
    acceptanceRecord: { header: { place: ownPlace.sealed }, openings: [ownPlace.opening, ownPrice.opening] },
    context: { holderPlace: seal(placeEvidence, here, named("context").slice(0, 16), sha256).sealed },
  });
  return { pair, price, place: there };
}

describe("in records", () => {
  test("openings beside a record open its place and its price, and change neither bytes nor id", () => {
    const { pair, place } = sealedPair();
    const { envelope } = pair.acceptance;
    const closed = readRecord({ ...envelope, openings: [] }, sha256);
    expect(pair.acceptance.header.place?.value).toEqual(place);
    expect(pair.acceptance.body.price.value).toEqual(price);
    expect(closed).toMatchObject({
      ok: true,
      value: { id: pair.acceptance.id, header: { place: { value: null } }, body: { price: { value: null } } },
    });
  });

  test("a settlement's holder place and a credential's identifiers are opened too", () => {
    const { pair } = sealedPair();
    const place = seal(placeEvidence, placeAt(5, 5), salt, sha256);
    const settlement = record(
      "settlement",
      pair.cast.holder,
      {
        offer: pair.offer.id,
        acceptance: pair.acceptance.id,
        context: { ...pair.context, holderPlace: unopened(place.sealed.digest) },
        artifact: named("artifact"),
        identifiers: clear([]),
      },
      { header: pair.offer.header, openings: [place.opening] },
    );
    expect(settlement.body.context.holderPlace.value).toEqual(placeAt(5, 5));
    const registered = seal(identifiers, [{ scheme: "callsign", value: "DL1ABC" }], salt, sha256);
    const body = { ...credentialFor(party("subject")), identifiers: registered.sealed };
    const link = record("credential", party("issuer"), body, { openings: [registered.opening] });
    expect(link.body.identifiers.value).toEqual([{ scheme: "callsign", value: "DL1ABC" }]);
    const unread = record("credential", party("issuer"), body);
    expect(unread.body.identifiers.value).toBeNull();
    expect(unread.id).toEqual(link.id);
  });

  test("an opening beside a kind that seals nothing changes nothing", () => {
    const body = { offer: named("offer"), reason: "" };
    const opening = { salt, encoded: encode([]) };
    const withdrawal = record("withdrawal", party("issuer"), body, { openings: [opening] });
    expect(withdrawal.body).toEqual(body);
  });
});

describe("in evaluation", () => {
  test("the artifact embeds digests, and its bytes are the same in whatever order the openings come", () => {
    const { pair } = sealedPair();
    const { offer, acceptance, context, bodies } = pair;
    const one = evaluate(offer, acceptance, context, bodies, primitives);
    const turned = readRecord(
      { ...acceptance.envelope, openings: [...acceptance.envelope.openings].reverse() },
      sha256,
    );
    if (!turned.ok || turned.value.kind !== "acceptance") throw new Error("the acceptance is read");
    const other = evaluate(offer, turned.value, context, bodies, primitives);
    if (!("derived" in one) || !("derived" in other)) throw new Error("both admit");
    expect(one.derived.artifact.price.digest).not.toBeNull();
    expect(one.derived.artifact.context.holderPlace.digest).not.toBeNull();
    expect(other.derived.bytes).toEqual(one.derived.bytes);
    const inClear = Buffer.from(fieldBytes(placeEvidence, placeAt(1_000, 0)));
    expect(Buffer.from(one.derived.bytes).includes(inClear)).toBe(false);
  });

  test("without an opening that it reads there is a finding, never another artifact", () => {
    const { pair } = sealedPair();
    const closed = readRecord({ ...pair.offer.envelope, openings: [] }, sha256);
    if (!closed.ok || closed.value.kind !== "offer") throw new Error("the offer is read");
    const evaluation = evaluate(closed.value, pair.acceptance, pair.context, pair.bodies, primitives);
    const finding = (field: string) => ({
      code: "opening-missing",
      field,
      measured: { opened: "no" },
      required: { opened: "by both parties" },
    });
    expect(evaluation).toMatchObject({ verdict: "refuse", findings: [finding("price"), finding("place")] });
    const noPlace = { ...pair.context, holderPlace: unopened(pair.context.holderPlace.digest) };
    const unplaced = evaluate(pair.offer, pair.acceptance, noPlace, pair.bodies, primitives);
    expect(unplaced).toMatchObject({ verdict: "refuse", findings: [finding("place")] });
  });
});
