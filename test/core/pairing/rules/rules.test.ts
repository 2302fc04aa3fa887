import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { contentMatch } from "../../../../src/core/pairing/rules/content-match.ts";
import { derivation } from "../../../../src/core/pairing/rules/derivation.ts";
import { handshake } from "../../../../src/core/pairing/rules/handshake.ts";
import type { Recognisable } from "../../../../src/core/pairing/rules/rule.ts";
import { answers, recognise, recognitionRules } from "../../../../src/core/pairing/rules/rules.ts";
import { fieldBytes } from "../../../../src/core/record/field.ts";
import type { RuleId } from "../../../../src/core/record/kinds/offer.ts";
import { block as blockField } from "../../../../src/core/record/spectrum-fields.ts";
import { named, primitives } from "../../../support/pair-builder.ts";
import { failedOf } from "../findings.ts";
import { block } from "../pair-values.ts";

const { sha256 } = primitives;
const pair: Recognisable = {
  offerId: named("offer"),
  offerSigned: new Uint8Array(300).fill(5),
  challenge: named("challenge"),
  offeredResource: "bench/433/a",
  resource: "bench/433/a",
  block,
  consumer: named("consumer"),
  nonce: named("nonce").slice(0, 16),
};
const nothing = new Uint8Array(0);

/** SHA-256 of the parts one after another, by node:crypto. */
function hashed(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(31, (bytes[31] ?? 0) ^ 1);

test("each rule stands in the registry under its own id", () => {
  expect(Object.entries(recognitionRules).map(([id, rule]) => [id, rule.id])).toEqual([
    ["content-match", "content-match"],
    ["handshake", "handshake"],
    ["derivation", "derivation"],
  ]);
});

describe("content-match", () => {
  test("recognises the same resource with an empty answer", () => {
    expect(contentMatch.answer(pair, sha256)).toEqual(nothing);
    expect(contentMatch.recognise(pair, nothing, sha256)).toEqual({
      code: "recognition-content",
      field: "acceptance.resource",
      passed: true,
      measured: { resource: "bench/433/a", answerBytes: 0 },
      required: { resource: "bench/433/a", answerBytes: 0 },
      otherwise: "refuse",
    });
  });

  test.each(["bench/433/A", "bench/433/a ", "", "bench/433"])("not %j: it compares bytes", (resource) => {
    expect(contentMatch.recognise({ ...pair, resource }, nothing, sha256)).toMatchObject({
      passed: false,
      measured: { resource },
      required: { resource: "bench/433/a" },
    });
  });

  test("takes no answer for an answer", () => {
    expect(contentMatch.recognise(pair, Uint8Array.of(0), sha256)).toMatchObject({
      passed: false,
      measured: { answerBytes: 1 },
      required: { answerBytes: 0 },
    });
  });
});

describe("handshake", () => {
  const expected = hashed("sa/handshake/1", pair.challenge, pair.offerId, pair.consumer, pair.nonce);

  test("answers with SHA-256 of domain, challenge, offer, consumer and nonce", () => {
    expect(handshake.answer(pair, sha256)).toEqual(expected);
    expect(handshake.recognise(pair, expected, sha256)).toMatchObject({
      code: "recognition-handshake",
      field: "acceptance.answers",
      passed: true,
    });
  });

  test.each([nothing, expected.slice(1), flipped(expected)])(
    "refuses any other answer, showing both",
    (answer) => {
      expect(handshake.recognise(pair, answer, sha256)).toMatchObject({
        passed: false,
        measured: { answer: Buffer.from(answer).toString("hex") },
        required: { answer: Buffer.from(expected).toString("hex") },
      });
    },
  );

  test.each<[string, Partial<Recognisable>]>([
    ["challenge", { challenge: named("another") }],
    ["offer", { offerId: named("another") }],
    ["consumer", { consumer: named("another") }],
    ["nonce", { nonce: new Uint8Array(16) }],
  ])("refuses an answer made for another %s", (_, change) => {
    expect(handshake.recognise({ ...pair, ...change }, expected, sha256).passed).toBe(false);
  });
});

describe("derivation", () => {
  const encoded = fieldBytes(blockField, block);
  const expected = hashed("sa/derive/1", pair.offerSigned, encoded, pair.consumer);

  test("answers with SHA-256 of domain, the offer's signed bytes, the encoded block and the consumer", () => {
    expect(derivation.answer(pair, sha256)).toEqual(expected);
    expect(derivation.recognise(pair, expected, sha256)).toMatchObject({
      code: "recognition-derivation",
      field: "acceptance.answers",
      passed: true,
    });
  });

  test.each([nothing, expected.slice(1), flipped(expected)])(
    "refuses any other answer, showing both",
    (answer) => {
      expect(derivation.recognise(pair, answer, sha256)).toMatchObject({
        passed: false,
        measured: { answer: Buffer.from(answer).toString("hex") },
        required: { answer: Buffer.from(expected).toString("hex") },
      });
    },
  );

  test.each<[string, Partial<Recognisable>]>([
    ["offer", { offerSigned: new Uint8Array(300).fill(6) }],
    ["block, by 1 Hz", { block: { ...block, upperHz: block.upperHz + 1 } }],
    ["consumer", { consumer: named("another") }],
  ])("refuses an answer made for another %s", (_, change) => {
    expect(derivation.recognise({ ...pair, ...change }, expected, sha256).passed).toBe(false);
  });
});

describe("the composite", () => {
  const orders: readonly (readonly RuleId[])[] = [
    ["content-match"],
    ["handshake"],
    ["derivation"],
    ["content-match", "handshake"],
    ["handshake", "derivation"],
    ["derivation", "handshake", "content-match"],
    ["handshake", "handshake", "derivation", "content-match"],
  ];

  test.each(orders)("of %s and more passes with one answer each, in order", (...rules) => {
    const checks = recognise(rules, pair, answers(rules, pair, sha256), sha256);
    expect(checks.map(({ passed }) => passed)).toEqual(new Array<boolean>(rules.length + 1).fill(true));
    expect(checks[0]).toMatchObject({
      code: "recognition-answers",
      measured: { answers: rules.length },
      required: { answers: rules.length },
    });
  });

  test("refuses swapped answers, each by its own rule", () => {
    const rules: readonly RuleId[] = ["handshake", "derivation"];
    const swapped = [...answers(rules, pair, sha256)].reverse();
    const failed = recognise(rules, pair, swapped, sha256).filter(({ passed }) => !passed);
    expect(failed.map(({ code }) => code)).toEqual(["recognition-handshake", "recognition-derivation"]);
  });

  test.each<[number, readonly string[]]>([
    [1, ["recognition-answers", "recognition-derivation"]],
    [3, ["recognition-answers"]],
  ])("refuses %i answers to two rules", (count, codes) => {
    const rules: readonly RuleId[] = ["handshake", "derivation"];
    const given = [...answers(rules, pair, sha256), nothing].slice(0, count);
    const failed = recognise(rules, pair, given, sha256).filter(({ passed }) => !passed);
    expect(failed.map(({ code }) => code)).toEqual(codes);
    expect(failed[0]).toMatchObject({
      field: "acceptance.answers",
      measured: { answers: count },
      required: { answers: 2 },
    });
  });

  test("one failing rule of three fails the pair", () => {
    const rules: readonly RuleId[] = ["content-match", "handshake", "derivation"];
    const given = answers(rules, pair, sha256).map((answer, i) => (i === 1 ? flipped(answer) : answer));
    expect(recognise(rules, pair, given, sha256).filter(({ passed }) => !passed)).toMatchObject([
      { code: "recognition-handshake" },
    ]);
  });
});

describe("in a pair of records", () => {
  test.each<[string, readonly RuleId[]]>([
    ["handshake", ["handshake"]],
    ["derivation", ["derivation"]],
    ["all three", ["content-match", "handshake", "derivation"]],
    ["four", ["derivation", "handshake", "content-match", "handshake"]],
  ])("%s passes", (_, rules) => {
    expect(failedOf({ offer: { rules } })).toEqual([]);
  });

  test("an answer that is missing is refused, with what was wanted", () => {
    expect(failedOf({ offer: { rules: ["handshake"] }, acceptance: { answers: [nothing] } })).toMatchObject([
      { code: "recognition-handshake", measured: { answer: "" }, otherwise: "refuse" },
    ]);
  });
});
