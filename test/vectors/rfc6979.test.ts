import { describe, expect, it } from "vitest";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { hex } from "../support/vectors.ts";

/** RFC 6979 A.2.5: P-256 with SHA-256. The RFC's S of "sample" is high; ours is n − S. */
const SCALAR = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const PUBLIC =
  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const cases = [
  {
    message: "sample",
    r: "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    s: "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  },
  {
    message: "test",
    r: "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
    s: "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
  },
] as const;

describe("RFC 6979 A.2.5", () => {
  const signer = createSoftwareSigner({ bytes: () => hex(SCALAR) }, "rfc6979");

  it("gives the RFC's public key", () => {
    expect(toHex(signer.publicKey)).toBe(PUBLIC);
  });

  it.each(cases)("signs $message as the RFC does, in low-S form", async ({ message, r, s }) => {
    const value = BigInt(`0x${s}`);
    const low = (value > N / 2n ? N - value : value).toString(16).padStart(64, "0");
    expect(toHex(await signer.sign(new Uint8Array(Buffer.from(message))))).toBe(r + low);
  });
});
