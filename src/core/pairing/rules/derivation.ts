/** The second observation derives from the first one's signed bytes (derivation chain). */
import { ascii, concat, equalBytes, toHex } from "../../base/bytes.ts";
import { check } from "../../base/check.ts";
import { fieldBytes } from "../../record/field.ts";
import { block } from "../../record/spectrum-fields.ts";
import type { RecognitionRule } from "./rule.ts";

const DOMAIN = ascii("sa/derive/1");

export const derivation: RecognitionRule = {
  id: "derivation",
  answer: (pair, sha256) =>
    sha256(concat(DOMAIN, pair.offerSigned, fieldBytes(block, pair.block), pair.consumer)),
  recognise(pair, answer, sha256) {
    const expected = derivation.answer(pair, sha256);
    const measured = { answer: toHex(answer) };
    return check("recognition-derivation", "acceptance.answers", equalBytes(answer, expected), measured, {
      answer: toHex(expected),
    });
  },
};
