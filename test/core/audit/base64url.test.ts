/** base64url (RFC 4648 §5, §10): our own, against Node's and against everything that is not it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64url, toBase64url } from "../../../src/core/audit/base64url.ts";

test("writes and reads the vectors of RFC 4648 §10, without padding", () => {
  const vectors = {
    "": "",
    f: "Zg",
    fo: "Zm8",
    foo: "Zm9v",
    foob: "Zm9vYg",
    fooba: "Zm9vYmE",
    foobar: "Zm9vYmFy",
  };
  for (const [plain, coded] of Object.entries(vectors)) {
    expect(toBase64url(Buffer.from(plain))).toBe(coded);
    expect(Buffer.from(fromBase64url(coded) ?? [255]).toString()).toBe(plain);
  }
});

test("agrees with Node on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(fromBase64url(text)).toEqual(bytes);
    }),
  );
});

test("takes exactly one text for each byte string", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const read = fromBase64url(text);
      if (read !== null) expect(toBase64url(read)).toBe(text);
    }),
  );
  for (const text of ["Z", "Zh", "Zm9=", "Zg==", "Zm+v", "Zm/v", "Zm 8", "Zm9w\n", "Zm8x", "Zé"]) {
    expect(
      fromBase64url(text) === null || toBase64url(fromBase64url(text) as Uint8Array) === text,
      text,
    ).toBe(true);
  }
  expect(fromBase64url("Zh")).toBeNull();
  expect(fromBase64url("Zg==")).toBeNull();
});
