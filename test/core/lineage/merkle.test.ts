import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../../src/core/base/bytes.ts";
import {
  appendLeaf,
  consistencyProof,
  emptyFrontier,
  type Frontier,
  inclusionProof,
  leafHash,
  MERKLE_PROOF_HASHES_MAX,
  merkleRoot,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from "../../../src/core/lineage/merkle.ts";
import { base64, describeVectors } from "../../support/vectors.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
const LEAVES_MAX = 70;

/** MTH, PATH and SUBPROOF as RFC 9162 §2.1 writes them: recursive and slow, the oracle. */
function oracleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return first;
  const k = oracleSplit(leaves.length);
  return sha256(concat(Uint8Array.of(1), oracleRoot(leaves.slice(0, k)), oracleRoot(leaves.slice(k))));
}

function oraclePath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = oracleSplit(leaves.length);
  return m < k
    ? [...oraclePath(m, leaves.slice(0, k)), oracleRoot(leaves.slice(k))]
    : [...oraclePath(m - k, leaves.slice(k)), oracleRoot(leaves.slice(0, k))];
}

function oracleSubproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [oracleRoot(leaves)];
  const k = oracleSplit(leaves.length);
  return m <= k
    ? [...oracleSubproof(m, leaves.slice(0, k), whole), oracleRoot(leaves.slice(k))]
    : [...oracleSubproof(m - k, leaves.slice(k), false), oracleRoot(leaves.slice(0, k))];
}

function oracleSplit(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1);
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => leafHash(sha256, Uint8Array.of(i >> 8, i)));
}

function grow(leaves: readonly Uint8Array[]): Frontier {
  return leaves.reduce((frontier, leaf) => appendLeaf(sha256, frontier, leaf), emptyFrontier);
}

const texts = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex);

/** A tree, a leaf in it, and an older size of it. */
const tree = fc.integer({ min: 1, max: LEAVES_MAX }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    index: fc.integer({ min: 0, max: size - 1 }),
    oldSize: fc.integer({ min: 1, max: size }),
  }),
);

describe("merkle tree", () => {
  it("gives the RFC's hashes: SHA-256 of nothing for no leaves, the leaf itself for one", () => {
    expect(toHex(merkleRoot(sha256, emptyFrontier))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    const leaf = leafHash(sha256, new Uint8Array(0));
    expect(toHex(leaf)).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(merkleRoot(sha256, grow([leaf]))).toEqual(leaf);
    expect(merkleRoot(sha256, grow([leaf, leaf]))).toEqual(nodeHash(sha256, leaf, leaf));
  });

  it("keeps the oracle's root at every size, with one peak for each 1 in the size", () => {
    const leaves = leavesOf(LEAVES_MAX);
    let frontier = emptyFrontier;
    for (let size = 1; size <= LEAVES_MAX; size++) {
      frontier = appendLeaf(sha256, frontier, leaves[size - 1] as Uint8Array);
      expect(toHex(merkleRoot(sha256, frontier))).toBe(toHex(oracleRoot(leaves.slice(0, size))));
      expect(frontier.size).toBe(size);
      expect(frontier.peaks.length).toBe([...size.toString(2)].filter((bit) => bit === "1").length);
    }
  });

  it("leaves an older frontier as it was when a leaf is appended", () => {
    const older = grow(leavesOf(7));
    const root = merkleRoot(sha256, older);
    appendLeaf(sha256, older, leafHash(sha256, Uint8Array.of(9)));
    expect(older.size).toBe(7);
    expect(merkleRoot(sha256, older)).toEqual(root);
  });

  it("writes the oracle's inclusion proofs, and they verify", () => {
    fc.assert(
      fc.property(tree, ({ size, index }) => {
        const leaves = leavesOf(size);
        const proof = inclusionProof(sha256, leaves, index);
        expect(texts(proof)).toEqual(texts(oraclePath(index, leaves)));
        const claim = { index, size, leaf: leaves[index] as Uint8Array, root: oracleRoot(leaves), proof };
        expect(verifyInclusion(sha256, claim)).toBe(true);
      }),
    );
  });

  it("writes the oracle's consistency proofs, and they verify", () => {
    fc.assert(
      fc.property(tree, ({ size, oldSize }) => {
        const leaves = leavesOf(size);
        const proof = consistencyProof(sha256, leaves, oldSize);
        expect(texts(proof)).toEqual(texts(oracleSubproof(oldSize, leaves, true)));
        const oldRoot = oracleRoot(leaves.slice(0, oldSize));
        expect(verifyConsistency(sha256, { oldSize, oldRoot, size, root: oracleRoot(leaves), proof })).toBe(
          true,
        );
      }),
    );
  });

  it.each([-1, 0.5, 4, Number.NaN])("proves no leaf %d of four: there is none", (index) => {
    expect(() => inclusionProof(sha256, leavesOf(4), index)).toThrow("holds the leaf");
  });

  it("refuses an inclusion proof with one bit, the index or the number of hashes changed", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ size, index }, which, bit) => {
        const leaves = leavesOf(size);
        const claim = {
          index,
          size,
          leaf: leaves[index] as Uint8Array,
          root: oracleRoot(leaves),
          proof: inclusionProof(sha256, leaves, index),
        };
        const holds = (changed: Partial<typeof claim>): boolean =>
          verifyInclusion(sha256, { ...claim, ...changed });
        expect(holds({ index: (index + 1) % size })).toBe(size === 1);
        expect(holds({ index: size })).toBe(false);
        expect(holds({ leaf: flip(claim.leaf, bit) })).toBe(false);
        expect(holds({ root: flip(claim.root, bit) })).toBe(false);
        expect(holds({ proof: [...claim.proof, claim.root] })).toBe(false);
        expect(holds({ proof: claim.proof.slice(1) })).toBe(claim.proof.length === 0);
        if (claim.proof.length === 0) return;
        const at = which % claim.proof.length;
        expect(holds({ proof: claim.proof.with(at, flip(claim.proof[at] as Uint8Array, bit)) })).toBe(false);
      }),
    );
  });

  it("refuses a consistency proof with one bit, a size or the number of hashes changed", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ size, oldSize }, which, bit) => {
        const leaves = leavesOf(size);
        const claim = {
          oldSize,
          oldRoot: oracleRoot(leaves.slice(0, oldSize)),
          size,
          root: oracleRoot(leaves),
          proof: consistencyProof(sha256, leaves, oldSize),
        };
        const holds = (changed: Partial<typeof claim>): boolean =>
          verifyConsistency(sha256, { ...claim, ...changed });
        expect(holds({ oldSize: 0 })).toBe(false);
        expect(holds({ oldSize: size + 1 })).toBe(false);
        expect(holds({ oldRoot: flip(claim.oldRoot, bit) })).toBe(false);
        expect(holds({ root: flip(claim.root, bit) })).toBe(false);
        expect(holds({ proof: [...claim.proof, claim.root] })).toBe(false);
        if (claim.proof.length === 0) return;
        expect(holds({ proof: claim.proof.slice(1) })).toBe(false);
        const at = which % claim.proof.length;
        expect(holds({ proof: claim.proof.with(at, flip(claim.proof[at] as Uint8Array, bit)) })).toBe(false);
      }),
    );
  });

  it("refuses a proof longer than any tree needs without hashing, and sizes that are no counts", () => {
    let hashed = 0;
    const counting = (bytes: Uint8Array): Uint8Array => {
      hashed += 1;
      return sha256(bytes);
    };
    const leaf = leafHash(sha256, new Uint8Array(1));
    const proof = Array.from({ length: MERKLE_PROOF_HASHES_MAX + 1 }, () => leaf);
    const size = Number.MAX_SAFE_INTEGER;
    expect(verifyInclusion(counting, { index: 0, size, leaf, root: leaf, proof })).toBe(false);
    expect(verifyConsistency(counting, { oldSize: 1, oldRoot: leaf, size, root: leaf, proof })).toBe(false);
    expect(hashed).toBe(0);
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(verifyInclusion(sha256, { index: bad, size, leaf, root: leaf, proof: [] })).toBe(false);
      expect(verifyInclusion(sha256, { index: 0, size: bad, leaf, root: leaf, proof: [] })).toBe(false);
      expect(verifyConsistency(sha256, { oldSize: bad, oldRoot: leaf, size, root: leaf, proof: [] })).toBe(
        false,
      );
    }
  });

  it("refuses a proof with hashes beyond the top, though the root was made to fit them", () => {
    const leaves = leavesOf(4);
    const [leaf, extra] = [leaves[0] as Uint8Array, leafHash(sha256, Uint8Array.of(9))];
    const fitting = nodeHash(sha256, extra, leaf);
    expect(verifyInclusion(sha256, { index: 0, size: 1, leaf, root: fitting, proof: [extra] })).toBe(false);
    const claim = {
      oldSize: 3,
      oldRoot: nodeHash(sha256, extra, oracleRoot(leaves.slice(0, 3))),
      size: 4,
      root: nodeHash(sha256, extra, oracleRoot(leaves)),
      proof: [...consistencyProof(sha256, leaves, 3), extra],
    };
    expect(verifyConsistency(sha256, claim)).toBe(false);
  });

  it("verifies in a tree beyond 2^32 leaves, where bit shifts would lie", () => {
    // Every leaf the same: the root of 2^k leaves comes from k hashes, and so does each proof.
    const leaf = leafHash(sha256, new Uint8Array(1));
    const perfect = [leaf];
    for (let k = 1; k <= 40; k++)
      perfect.push(nodeHash(sha256, perfect[k - 1] as Uint8Array, perfect[k - 1] as Uint8Array));
    const size = 2 ** 40;
    const root = perfect[40] as Uint8Array;
    expect(
      verifyInclusion(sha256, { index: 2 ** 33 + 5, size, leaf, root, proof: perfect.slice(0, 40) }),
    ).toBe(true);
    expect(
      verifyInclusion(sha256, { index: 2 ** 33 + 5, size, leaf, root, proof: perfect.slice(0, 39) }),
    ).toBe(false);
    const claim = {
      oldSize: 2 ** 33,
      oldRoot: perfect[33] as Uint8Array,
      size,
      root,
      proof: perfect.slice(33, 40),
    };
    expect(verifyConsistency(sha256, claim)).toBe(true);
    expect(verifyConsistency(sha256, { ...claim, oldSize: 2 ** 34 })).toBe(false);
  });
});

type InclusionCase = {
  readonly name: string;
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
};

describeVectors<readonly InclusionCase[]>("merkle/inclusion.json", 98, (cases) => {
  it("holds 98 cases, 92 of which must fail", () => {
    expect([cases.length, cases.filter((one) => one.wantErr).length]).toEqual([98, 92]);
  });
  it.each(cases)("$name", (one) => {
    const verdict = verifyInclusion(sha256, {
      index: one.leafIdx,
      size: one.treeSize,
      leaf: base64(one.leafHash),
      root: base64(one.root),
      proof: (one.proof ?? []).map(base64),
    });
    expect(verdict).toBe(!one.wantErr);
  });
});

type ConsistencyCase = {
  readonly name: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
};

describeVectors<readonly ConsistencyCase[]>("merkle/consistency.json", 98, (cases) => {
  it("holds 98 cases, 92 of which must fail", () => {
    expect([cases.length, cases.filter((one) => one.wantErr).length]).toEqual([98, 92]);
  });
  it.each(cases)("$name", (one) => {
    const verdict = verifyConsistency(sha256, {
      oldSize: one.size1,
      oldRoot: base64(one.root1 ?? ""),
      size: one.size2,
      root: base64(one.root2 ?? ""),
      proof: (one.proof ?? []).map(base64),
    });
    expect(verdict).toBe(!one.wantErr);
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
}
