/** What a world remembers is what it would work out anew: equal bytes, the very same values, and nothing else. */
import { describe, expect, test } from "vitest";
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { sharedMemory } from "../../src/compose/shared-memory.ts";
import { u32be } from "../../src/core/base/bytes.ts";
import { bodiesFrom } from "../../src/core/pairing/bodies.ts";
import { evaluateUnder } from "../../src/core/pairing/rules-versions.ts";
import { recordOfBytes } from "../../src/core/record/record-of-bytes.ts";
import { pairOf, primitives } from "../support/pair-builder.ts";

const pair = pairOf();

describe("records", () => {
  const pack = msgpackrEnvelope();
  const bytes = pack(pair.offer.envelope);

  test("equal bytes are read once, and what is remembered is what was read", () => {
    const shared = { ...primitives, memory: sharedMemory() };
    const first = recordOfBytes(bytes, shared);
    const second = recordOfBytes(Uint8Array.from(bytes), shared);
    expect(second).toBe(first);
    expect(first).toEqual(recordOfBytes(bytes, primitives));
  });

  test("another signature over the same payload is another record", () => {
    const shared = { ...primitives, memory: sharedMemory() };
    const [signed] = pair.offer.envelope.signatures;
    if (signed === undefined) throw new Error("records of a pair are signed");
    const other = { ...pair.offer.envelope, signatures: [{ ...signed, signature: new Uint8Array(64) }] };
    recordOfBytes(bytes, shared);
    const read = recordOfBytes(pack(other), shared);
    expect(read.ok && read.value.envelope).toEqual(other);
  });

  test("what was asked for lately outlives a flood, and the memory lets the rest go", () => {
    const memory = sharedMemory();
    let made = 0;
    const ask = (bytes: Uint8Array) => memory.ofBytes(bytes, () => ++made);
    const [often, once] = [u32be(0), u32be(1)];
    ask(often);
    ask(once);
    for (let i = 2; i < 60_000; i++) {
      ask(u32be(i));
      if (i % 10_000 === 0) ask(often);
    }
    const before = made;
    expect(ask(often)).toBe(1);
    expect(made).toBe(before);
    expect(ask(once)).toBe(before + 1);
  });
});

describe("evaluations", () => {
  const judged = (memory: ReturnType<typeof sharedMemory>, records = pair.records) =>
    evaluateUnder(pair.offer, pair.acceptance, pair.context, bodiesFrom(records), { ...primitives, memory });

  test("a pair with the same records is judged once, and as without a memory", () => {
    const memory = sharedMemory();
    const first = judged(memory);
    expect(judged(memory, [...pair.records])).toBe(first);
    const anew = evaluateUnder(
      pair.offer,
      pair.acceptance,
      pair.context,
      bodiesFrom(pair.records),
      primitives,
    );
    expect(first).toEqual(anew);
    expect(first.verdict).toBe("admit");
  });

  test("one who lacks a record that the context names judges for itself", () => {
    const memory = sharedMemory();
    judged(memory);
    const lacking = judged(
      memory,
      pair.records.filter(({ kind }) => kind !== "credential"),
    );
    expect(lacking.verdict).toBe("refuse");
    expect(judged(memory).verdict).toBe("admit");
  });
});
