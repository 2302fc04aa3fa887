import { test } from "vitest";
import { consumersBundle, holdersBundle, rootOf, story, verify, wholeBundle } from "./story.ts";
import { writeBundleHeader } from "../../../src/core/audit/bundle.ts";
test("print", () => {
  const good = story();
  for (const b of [wholeBundle(good), holdersBundle(good), consumersBundle(good)]) {
    const v = verify(b, rootOf(good));
    console.log(JSON.stringify(v.counts), v.marks, v.simulated);
    console.log(v.checks.map((c) => `${c.number} ${c.result} ${c.code} ${c.subject.slice(0, 8)} ${JSON.stringify(c.measured)} ${JSON.stringify(c.required)}`).join("\n"));
    console.log(JSON.stringify(v.settlements, null, 1), JSON.stringify(v.refusals, null, 1));
  }
  console.log(writeBundleHeader(wholeBundle(good).header).length, writeBundleHeader(wholeBundle(good).header));
});
