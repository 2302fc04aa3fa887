/** The Merkle tree over a lineage's record ids: roots, inclusion and consistency proofs (RFC 9162 §2.1, RFC 6962 §2.1). */
import { assert } from "../base/assert.ts";
import { concat, equalBytes } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";

const MERKLE_HASH_BYTES = 32;

/** Leaves in one tree: as many as a number counts exactly. */
const MERKLE_LEAVES_MAX = Number.MAX_SAFE_INTEGER;

/** No proof of a tree of at most 2^53 leaves holds more hashes; a longer one is false before anything is hashed. */
export const MERKLE_PROOF_HASHES_MAX = 54;

/**
 * All that appending needs: the number of leaves and the roots of the perfect subtrees that they make, the
 * largest first, one for each 1 in the binary form of `size`.
 */
export type Frontier = { readonly size: number; readonly peaks: readonly Uint8Array[] };

/** `proof` of the leaf with hash `leaf` at `index` in the tree of `size` leaves with `root`. Peer-controlled. */
export type InclusionClaim = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/** `proof` that the tree of `oldSize` leaves with `oldRoot` is a prefix of the other. Peer-controlled. */
export type ConsistencyClaim = {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

/** SHA-256(0x00 ‖ data). A record id is already this, over its signed bytes (PROTOCOL §1). */
export function leafHash(sha256: Sha256, data: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), data));
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** The frontier with one leaf more; O(log n) at worst, two hashes a leaf on average at most. */
export function appendLeaf(sha256: Sha256, frontier: Frontier, leaf: Uint8Array): Frontier {
  assert(leaf.length === MERKLE_HASH_BYTES, "a leaf is the 32-byte id of a record");
  assert(frontier.size < MERKLE_LEAVES_MAX, "a lineage epoch ends long before 2^53 records");
  const peaks = [...frontier.peaks];
  let node = leaf;
  for (let carry = frontier.size; carry % 2 === 1; carry = (carry - 1) / 2) {
    node = nodeHash(sha256, lastOf(peaks.splice(-1)), node);
  }
  peaks.push(node);
  return { size: frontier.size + 1, peaks };
}

/** The tree's root; of no leaves, SHA-256 of nothing (RFC 9162 §2.1.1). */
export function merkleRoot(sha256: Sha256, frontier: Frontier): Uint8Array {
  if (frontier.size === 0) return sha256(new Uint8Array(0));
  let root = lastOf(frontier.peaks);
  for (let i = frontier.peaks.length - 2; i >= 0; i--) {
    root = nodeHash(sha256, frontier.peaks[i] as Uint8Array, root);
  }
  return root;
}

/** PATH(index, leaves), the lowest sibling first (RFC 9162 §2.1.3.1). `leaves` are leaf hashes. */
export function inclusionProof(sha256: Sha256, leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  assert(
    Number.isInteger(index) && index >= 0 && index < leaves.length,
    "the caller holds the leaf that it proves",
  );
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = leaves.length;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      proof.push(rangeRoot(sha256, leaves, middle, to));
      to = middle;
    } else {
      proof.push(rangeRoot(sha256, leaves, from, middle));
      from = middle;
    }
  }
  return proof.reverse();
}

/** PROOF(oldSize, leaves), the lowest node first (RFC 9162 §2.1.4.1). 1 ≤ oldSize ≤ number of leaves. */
export function consistencyProof(
  sha256: Sha256,
  leaves: readonly Uint8Array[],
  oldSize: number,
): Uint8Array[] {
  assert(
    Number.isInteger(oldSize) && oldSize >= 1 && oldSize <= leaves.length,
    "the caller holds the leaves of both trees, and nothing is proved about an empty one",
  );
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = leaves.length;
  while (to !== oldSize) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      proof.push(rangeRoot(sha256, leaves, middle, to));
      to = middle;
    } else {
      proof.push(rangeRoot(sha256, leaves, from, middle));
      from = middle;
    }
  }
  // The old root itself is known to the verifier: its subtree is named only where it is not the whole old tree.
  if (from !== 0) proof.push(rangeRoot(sha256, leaves, from, to));
  return proof.reverse();
}

/** True only for a correct proof (RFC 9162 §2.1.3.2). Never throws. */
export function verifyInclusion(sha256: Sha256, claim: InclusionClaim): boolean {
  const { index, size, leaf, root, proof } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!areHashes([leaf, root]) || proof.length > MERKLE_PROOF_HASHES_MAX || !areHashes(proof)) return false;
  let node = index;
  let last = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(sha256, sibling, computed);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      computed = nodeHash(sha256, computed, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(computed, root);
}

/**
 * True only for a correct proof (RFC 9162 §2.1.4.2); equal sizes need equal roots and an empty proof. Nothing is
 * consistent with an empty tree: its root says nothing. Never throws.
 */
export function verifyConsistency(sha256: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (!isCount(oldSize) || !isCount(size) || oldSize === 0 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  if (!areHashes([oldRoot, root]) || proof.length > MERKLE_PROOF_HASHES_MAX || !areHashes(proof))
    return false;

  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  // A power of two is one perfect subtree: the proof leaves it out, since it is the old root.
  const [seed, ...path] = node === 0 ? [oldRoot, ...proof] : proof;
  if (seed === undefined) return false;
  let oldComputed = seed;
  let computed = seed;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldComputed = nodeHash(sha256, sibling, oldComputed);
      computed = nodeHash(sha256, sibling, computed);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      computed = nodeHash(sha256, computed, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(oldComputed, oldRoot) && equalBytes(computed, root);
}

/** Root of leaves[from, to), to > from. */
function rangeRoot(sha256: Sha256, leaves: readonly Uint8Array[], from: number, to: number): Uint8Array {
  let frontier = emptyFrontier;
  for (let i = from; i < to; i++) frontier = appendLeaf(sha256, frontier, leaves[i] as Uint8Array);
  return merkleRoot(sha256, frontier);
}

/** The largest power of two below `size`, which is at least 2. */
function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function lastOf(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes[hashes.length - 1];
  assert(last !== undefined, "a frontier has one peak for each 1 in its size");
  return last;
}

/** Bit shifts would cut sizes beyond 2^32. */
function half(value: number): number {
  return (value - (value % 2)) / 2;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === MERKLE_HASH_BYTES);
}
