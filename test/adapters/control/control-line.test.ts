import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ANSWER_BYTES_MAX,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  lineCutter,
} from "../../../src/adapters/control/control-line.ts";
import type { ControlAnswer } from "../../../src/ports/control.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const withoutEnd = (line: Uint8Array): Uint8Array => line.subarray(0, -1);

describe("control lines", () => {
  it("give back any request", () => {
    const verb = fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/);
    const given = fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }));
    fc.assert(
      fc.property(fc.integer({ min: 1 }), verb, given, (id, name, values) => {
        const line = encodeRequest(id, { verb: name, arguments: values });
        expect(line.indexOf("\n")).toBe(line.length - 1);
        const back = decodeRequest(withoutEnd(line));
        expect(back?.id).toBe(id);
        expect(back?.message.verb).toBe(name);
        expect(JSON.stringify(back?.message.arguments)).toBe(JSON.stringify(values));
      }),
    );
  });

  it("give back good and bad answers", () => {
    const answers: ControlAnswer[] = [
      { ok: true, result: { state: "granted", list: [1, null] } },
      { ok: true, result: null },
      { ok: false, code: "policy", message: "not\nso", exit: 4 },
    ];
    for (const message of answers) {
      expect(decodeAnswer(withoutEnd(encodeAnswer(3, message)))).toEqual({ id: 3, message });
    }
    expect(decodeAnswer(withoutEnd(encodeAnswer(3, { ok: true, result: undefined })))?.message).toEqual(
      answers[1],
    );
  });

  it("replace an answer of more than 4 MiB by its refusal", () => {
    const line = encodeAnswer(9, { ok: true, result: "x".repeat(ANSWER_BYTES_MAX) });
    expect(decodeAnswer(withoutEnd(line))).toMatchObject({
      id: 9,
      message: { code: "control-answer-too-large" },
    });
    const fits = encodeAnswer(9, { ok: true, result: "x".repeat(ANSWER_BYTES_MAX - 100) });
    expect(decodeAnswer(withoutEnd(fits))?.message.ok).toBe(true);
  });

  it.each([
    "",
    "[]",
    "null",
    "{}",
    '{"id":0,"verb":"a"}',
    '{"id":-1,"verb":"a"}',
    '{"id":1.5,"verb":"a"}',
    '{"id":"1","verb":"a"}',
    '{"id":1}',
    '{"id":1,"verb":""}',
    '{"id":1,"verb":"A"}',
    '{"id":1,"verb":"a b"}',
    `{"id":1,"verb":"${"a".repeat(65)}"}`,
    '{"id":1,"verb":"a","arguments":[]}',
    '{"id":1,"verb":"a","arguments":"x"}',
    '{"id":1,"verb":"a"',
  ])("refuse %s as a request", (text) => {
    expect(decodeRequest(bytes(text))).toBeNull();
  });

  it.each(["1e999", "0.5", "0", "-1", "256", '"2"', "null"])(
    "refuse a failure whose exit code is %s",
    (exit) => {
      expect(
        decodeAnswer(bytes(`{"id":1,"ok":false,"code":"usage","message":"m","exit":${exit}}`)),
      ).toBeNull();
    },
  );

  it("refuse bytes that are not UTF-8, and never throw on garbage", () => {
    expect(
      decodeRequest(Uint8Array.of(...bytes('{"id":1,"verb":"a","arguments":{"x":"'), 0xff, 0x22, 0x7d, 0x7d)),
    ).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array(), (garbage) => {
        expect(decodeRequest(garbage)).toBeNull();
        expect(decodeAnswer(garbage)).toBeNull();
      }),
    );
  });

  it("are cut the same however the stream arrives", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,20}$/)),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (texts, cuts) => {
          const stream = bytes(texts.map((text) => `${text}\n`).join(""));
          const cutter = lineCutter(20);
          const found: string[] = [];
          let at = 0;
          for (let which = 0; at < stream.length; which++) {
            const end = at + (cuts[which % Math.max(1, cuts.length)] ?? 5);
            for (const line of cutter.push(stream.subarray(at, end)) ?? ["too long"])
              found.push(line.toString());
            at = end;
          }
          expect([found, cutter.held]).toEqual([texts, 0]);
        },
      ),
    );
  });

  it("are refused beyond the bound, complete or not, and taken at it", () => {
    expect(lineCutter(5).push(bytes("12345\n"))).toHaveLength(1);
    expect(lineCutter(5).push(bytes("123456\n"))).toBeNull();
    expect(lineCutter(5).push(bytes("123456"))).toBeNull();
    const slow = lineCutter(5);
    expect([slow.push(bytes("123")), slow.push(bytes("45")), slow.push(bytes("6"))]).toEqual([[], [], null]);
  });
});
