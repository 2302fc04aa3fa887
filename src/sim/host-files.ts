/** The record files that a simulated host's operator keeps on it. */
import { type DocumentSet, documentSet } from "../agent/document-set.ts";
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";

/** A root's inception, and documents, as envelopes. */
export type HostFiles = { readonly trust: readonly Uint8Array[]; readonly documents: readonly Uint8Array[] };

/** As an agent reads them when it starts. */
export function readHostFiles({ trust, documents }: HostFiles, primitives: Primitives): DocumentSet {
  const files = (each: readonly Uint8Array[]) => each.map((bytes, i) => ({ path: `${i}`, bytes }));
  const read = documentSet(files(trust), files(documents), primitives);
  assert(read.ok, "the simulation's own authority writes documents that read");
  return read.documents;
}
