/** Reading beyond the end of hostile bytes: nothing is made up, and it is never forgotten (TPM 2.0 part 2 §4). */
import { describe, expect, test } from "vitest";
import {
  atEnd,
  readBytes,
  readSized,
  readUint,
  readUint64,
  type TpmReader,
  tpmReader,
} from "../../../src/core/attestation/tpm-reader.ts";

const three = (): TpmReader => tpmReader(Uint8Array.of(0, 2, 7));

describe("a reader", () => {
  test("gives what is there, to the last byte", () => {
    const reader = three();
    expect([readUint(reader, 2), readUint(reader, 1), atEnd(reader)]).toEqual([2, 7, true]);
  });

  test.each<[string, (reader: TpmReader) => unknown, unknown]>([
    ["bytes", (reader) => [...readBytes(reader, 2)], []],
    ["a number", (reader) => readUint(reader, 4), 0],
    ["a long number", readUint64, 0n],
    ["sized bytes", (reader) => [...readSized(reader)], []],
  ])(
    "asked for %s beyond the end gives nothing of what is left, and is short from then on",
    (_, read, nothing) => {
      const reader = three();
      readBytes(reader, 2);
      expect(read(reader)).toEqual(nothing);
      expect([reader.short, readUint(reader, 1), atEnd(reader)]).toEqual([true, 0, false]);
    },
  );

  test("that read all but one byte is not at its end", () => {
    const reader = three();
    readBytes(reader, 2);
    expect(atEnd(reader)).toBe(false);
  });
});
