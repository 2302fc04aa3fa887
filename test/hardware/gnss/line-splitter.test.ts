import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineSplitter } from "../../../hardware/gnss/line-splitter.ts";

const MAX = 16;

describe("a line splitter", () => {
  test("joins what chunks cut, and leaves CR LF and empty lines out", () => {
    const splitter = lineSplitter(MAX);
    expect(splitter.push(Buffer.from("one\r\ntw"))).toEqual(["one"]);
    expect(splitter.push(Buffer.from("o\n\r\n\nthree"))).toEqual(["two"]);
    expect(splitter.push(Buffer.from("\n"))).toEqual(["three"]);
  });

  test("drops a line one byte beyond its bound, counts it once, and takes the next one", () => {
    const splitter = lineSplitter(MAX);
    expect(splitter.push(Buffer.from(`${"a".repeat(MAX)}\n`))).toEqual(["a".repeat(MAX)]);
    expect(splitter.push(Buffer.from("b".repeat(MAX + 1)))).toEqual([]);
    expect(splitter.push(Buffer.from(`${"b".repeat(1000)}\nnext\n`))).toEqual(["next"]);
    expect(splitter.overlong()).toBe(1);
  });

  test("forgets half a line when a new connection begins", () => {
    const splitter = lineSplitter(MAX);
    splitter.push(Buffer.from("half"));
    splitter.reset();
    expect(splitter.push(Buffer.from("whole\n"))).toEqual(["whole"]);
    splitter.push(Buffer.from("c".repeat(MAX + 1)));
    splitter.reset();
    expect(splitter.push(Buffer.from("whole\n"))).toEqual(["whole"]);
  });

  test("gives the same lines however the bytes are cut, and never keeps more than its bound", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
        const whole = lineSplitter(MAX);
        const cut = lineSplitter(MAX);
        const expected = whole.push(Buffer.concat(chunks));
        const lines = chunks.flatMap((chunk) => {
          const some = cut.push(chunk);
          expect(cut.held()).toBeLessThanOrEqual(MAX);
          return some;
        });
        expect(lines).toEqual(expected);
        expect(cut.overlong()).toBe(whole.overlong());
      }),
    );
  });
});
