/** Both observations name the same resource, bytewise (content matching). */
import { check } from "../../base/check.ts";
import type { RecognitionRule } from "./rule.ts";

export const contentMatch: RecognitionRule = {
  id: "content-match",
  answer: () => new Uint8Array(0),
  recognise(pair, answer) {
    const passed = pair.resource === pair.offeredResource && answer.length === 0;
    const measured = { resource: pair.resource, answerBytes: answer.length };
    return check("recognition-content", "acceptance.resource", passed, measured, {
      resource: pair.offeredResource,
      answerBytes: 0,
    });
  },
};
