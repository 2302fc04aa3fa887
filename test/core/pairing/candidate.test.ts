import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import { assemble, requiredIds } from "../../../src/core/pairing/candidate.ts";
import { named, pairOf, record } from "../../support/pair-builder.ts";

const pair = pairOf();
const { offer, acceptance, context, records, bodies } = pair;

describe("assembling a pair", () => {
  test("looks up policy, schema, both chains and the snapshots", () => {
    const assembled = assemble(offer, acceptance, context, bodies);
    if (!assembled.ok) throw new Error("it is complete");
    const { sellerChain, buyerChain, snapshots, attestations, policy, schema } = assembled.value;
    expect(sellerChain.links.map(({ body }) => body.owner)).toEqual(["holder", "broker"]);
    expect(buyerChain.links.map(({ body }) => body.owner)).toEqual(["consumer"]);
    expect(snapshots).toHaveLength(2);
    expect(attestations).toEqual([]);
    expect([policy.name, schema.name]).toEqual(["bench policy", "bench block"]);
  });

  test.each(records.map(({ kind }, i) => [kind, i] as const))(
    "without the %s (%i) it is incomplete, and says which id of which kind is missing",
    (kind, i) => {
      const rest = bodiesFrom(records.filter((_, at) => at !== i));
      const fields: Record<string, string> = { policy: "offer.policy", schema: "offer.schema" };
      const plural = kind === "credential" ? "context.credentials" : "context.snapshots";
      expect(assemble(offer, acceptance, context, rest)).toEqual({
        ok: false,
        rejections: [
          {
            code: "context-incomplete",
            field: fields[kind] ?? plural,
            measured: { id: toHex(records[i]?.id ?? offer.id) },
            required: { kind },
          },
        ],
      });
    },
  );

  test("with nothing at hand it names every missing id", () => {
    const assembled = assemble(offer, acceptance, context, bodiesFrom([]));
    expect(assembled.ok ? [] : assembled.rejections.map(({ field }) => field)).toEqual([
      "offer.policy",
      "offer.schema",
      ...new Array<string>(3).fill("context.credentials"),
      ...new Array<string>(2).fill("context.snapshots"),
    ]);
  });

  test("takes no record of another kind for the one that is named", () => {
    const withdrawal = record("withdrawal", pair.cast.holder, { offer: offer.id, reason: "" });
    const odd = { ...context, snapshots: [withdrawal.id], attestations: [withdrawal.id] };
    const assembled = assemble(offer, acceptance, odd, bodiesFrom([...records, withdrawal]));
    expect(assembled.ok ? [] : assembled.rejections.map(({ field }) => field)).toEqual([
      "context.snapshots",
      "context.attestations",
    ]);
  });

  test.each([
    ["recognitions", "recognition"],
    ["corroborations", "admission"],
    ["reputations", "any"],
  ] as const)(
    "without one of the %s that the context names it is incomplete, of the kind that it has to be",
    (name, kind) => {
      const assembled = assemble(offer, acceptance, { ...context, [name]: [named(name)] }, bodies);
      expect(assembled).toMatchObject({
        ok: false,
        rejections: [
          {
            code: "context-incomplete",
            field: `context.${name}`,
            measured: { id: toHex(named(name)) },
            required: { kind },
          },
        ],
      });
    },
  );

  test("without a policy in the offer it is incomplete", () => {
    const unruled = { ...offer, header: { ...offer.header, policy: null } };
    expect(assemble(unruled, acceptance, context, bodies)).toMatchObject({
      ok: false,
      rejections: [{ code: "context-incomplete", field: "offer.policy", measured: { id: "nil" } }],
    });
  });

  test("follows chains through what the context names alone, whatever else is at hand", () => {
    const [, , rootLink] = records;
    const credentials = context.credentials.filter((id) => id !== rootLink?.id);
    const assembled = assemble(offer, acceptance, { ...context, credentials }, bodies);
    expect(assembled).toMatchObject({ ok: true, value: { sellerChain: { missing: rootLink?.id } } });
  });

  test("an observation without credential has no chain", () => {
    const bare = { ...acceptance, header: { ...acceptance.header, credential: null } };
    const bareOffer = { ...offer, header: { ...offer.header, credential: null } };
    expect(assemble(bareOffer, bare, context, bodies)).toMatchObject({
      ok: true,
      value: { buyerChain: { links: [] }, sellerChain: { links: [] } },
    });
  });
});

test("all ids of the context but the roots, and the offer's policy and schema, are required", () => {
  const lists = [
    "recognitions",
    "credentials",
    "snapshots",
    "attestations",
    "corroborations",
    "reputations",
  ] as const;
  const filled = Object.fromEntries(lists.map((name) => [name, [named(name), named(`${name} 2`)]]));
  const ids = requiredIds(offer, { ...context, ...filled });
  const expected = lists.flatMap((name) => [named(name), named(`${name} 2`)]);
  expect(ids).toEqual([offer.header.policy, offer.body.schema, ...expected]);
  expect(requiredIds({ ...offer, header: { ...offer.header, policy: null } }, context)).toHaveLength(6);
});
