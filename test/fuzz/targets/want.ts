/** The reader of wants (core/wire/want). */
import type { Result } from "../../../src/core/base/rejection.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { isWant, readWant, type Want, writeWant } from "../../../src/core/wire/want.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { sameBytes } from "./canonical.ts";

/** What is read is a want by its first byte, asks for 1 to 16 ids, and is written as the same bytes. */
export function wantTarget(read: (bytes: Uint8Array) => Result<Want> = readWant): Target {
  return {
    name: "want",
    seeds: () =>
      [1, 2, limits.WANT_IDS_MAX].map((ids) =>
        writeWant({
          lineage: new Uint8Array(32).fill(1),
          ids: Array.from({ length: ids }, (_, i) => new Uint8Array(32).fill(i)),
        }),
      ),
    mutators: [...plainMutators, packMutator, packMutator, packMutator, packMutator],
    bytesMax: 1_024,
    run(input) {
      const result = read(input);
      if (!result.ok) return;
      const { ids } = result.value;
      if (!isWant(input)) breach("a want is told from an envelope by its first byte");
      if (ids.length === 0 || ids.length > limits.WANT_IDS_MAX) breach("a want has 1 to 16 ids");
      sameBytes("a want", input, writeWant(result.value));
    },
  };
}
