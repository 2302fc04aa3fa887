/** A scenario file with other expectations: what `scenario record` writes. Comments do not come along. */
import { readFileSync } from "node:fs";
import { assert } from "../core/base/assert.ts";
import { formatYaml, parseYaml } from "./yaml-document.ts";

export type Recorded = {
  readonly seed: number;
  readonly expectations: readonly Readonly<Record<string, unknown>>[];
};

/** `file` was loaded before. The same file and recording give the same text. */
export function recordedScenario(file: string, { seed, expectations }: Recorded): string {
  const parsed = parseYaml(file, readFileSync(file, "utf8"));
  assert(parsed.ok, "a scenario that was loaded is well-formed YAML");
  const { value } = parsed.document;
  const head =
    "# What happened, written by `spectrum-agent scenario record`: each expectation is a fact of that run.\n";
  return head + formatYaml({ ...(value as object), seed, expectations });
}
