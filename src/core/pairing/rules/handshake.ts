/** The second observation answers the first one's challenge: freshness, no presence (cryptographic handshake). */
import { ascii, concat, equalBytes, toHex } from "../../base/bytes.ts";
import { check } from "../../base/check.ts";
import type { RecognitionRule } from "./rule.ts";

const DOMAIN = ascii("sa/handshake/1");

export const handshake: RecognitionRule = {
  id: "handshake",
  answer: ({ challenge, offerId, consumer, nonce }, sha256) =>
    sha256(concat(DOMAIN, challenge, offerId, consumer, nonce)),
  recognise(pair, answer, sha256) {
    const expected = handshake.answer(pair, sha256);
    const measured = { answer: toHex(answer) };
    return check("recognition-handshake", "acceptance.answers", equalBytes(answer, expected), measured, {
      answer: toHex(expected),
    });
  },
};
