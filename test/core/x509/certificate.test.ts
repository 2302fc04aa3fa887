/** Certificates as OpenSSL reads them, and what tells them apart from records (PROTOCOL §1 Signatures). */
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../../src/core/base/bytes.ts";
import { kinds } from "../../../src/core/record/kinds.ts";
import { signedBytes } from "../../../src/core/wire/envelope.ts";
import { clientCertificate, deviceCertificate } from "../../../src/core/x509/broker-certificates.ts";
import { pem } from "../../../src/core/x509/certificate.ts";
import { certified, sha256, testAuthority, testKey, testLeaf } from "../../support/broker-keys.ts";

const [root, mine] = ["11", "ab"].map((byte) => fromHex(byte.repeat(32)) as Uint8Array) as [
  Uint8Array,
  Uint8Array,
];

describe("a certificate", () => {
  test("says names, times and rights as they were given, and its issuer's key verifies it", () => {
    const authority = testAuthority(root);
    const [deviceKey, leafKey] = [testKey(), testKey()];
    const times = { fromUs: 1_700_000_000_999_999, untilUs: 2_600_000_000_000_000 };
    const [ca, device, leaf] = [
      new X509Certificate(authority.ca),
      new X509Certificate(authority.device(mine, deviceKey, times)),
      new X509Certificate(testLeaf(leafKey, mine, deviceKey)),
    ] as const;
    expect(leaf.verify(device.publicKey) && device.verify(ca.publicKey) && ca.verify(ca.publicKey)).toBe(
      true,
    );
    expect(leaf.checkIssued(device) && device.checkIssued(ca) && !device.checkIssued(leaf)).toBe(true);
    expect([ca.ca, device.ca, leaf.ca]).toEqual([true, true, false]);
    expect(leaf.subject).toBe(`CN=${"ab".repeat(32)}`);
    expect(leaf.issuer).toBe(`OU=device\nCN=${"ab".repeat(32)}`);
    expect(ca.subject).toBe(`OU=spectrum authority\nCN=${"11".repeat(32)}`);
    expect(Date.parse(device.validFrom)).toBe(1_700_000_000_000);
    expect(Date.parse(device.validTo)).toBe(2_600_000_000_000);
  });

  test("of a broker holds for its names and addresses, and for no other", () => {
    const hosts = [{ name: "broker.example" }, { address: Uint8Array.of(192, 0, 2, 7) }];
    const broker = new X509Certificate(testAuthority(root).broker(testKey(), hosts));
    expect([broker.checkHost("broker.example"), broker.checkIP("192.0.2.7")]).toEqual([
      "broker.example",
      "192.0.2.7",
    ]);
    expect([broker.checkHost("other.example"), broker.checkIP("192.0.2.8")]).toEqual([undefined, undefined]);
    expect(broker.ca).toBe(false);
  });

  test("is read by OpenSSL whatever serial, times and signature it has", () => {
    const [deviceKey, leafKey] = [testKey(), testKey()];
    const instants = fc.integer({ min: 0, max: 253_402_300_799_000_000 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        instants,
        instants,
        (serial, fromUs, untilUs) => {
          const read = new X509Certificate(testLeaf(leafKey, mine, deviceKey, { serial, fromUs, untilUs }));
          expect(BigInt(`0x${read.serialNumber}`)).toBe(BigInt(`0x${Buffer.from(serial).toString("hex")}`));
          expect(Date.parse(read.validTo)).toBe(Math.floor(untilUs / 1_000_000) * 1000);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("of whatever kind begins with other bytes than every record: no signature is ever for both", () => {
    const key = testKey();
    const by = { lineage: mine, issuerKey: key.point };
    const toSign = [
      clientCertificate(certified(key), "device", by, sha256),
      deviceCertificate(certified(key), mine, by, sha256),
    ];
    expect(toSign.map((bytes) => bytes[0])).toEqual([0x30, 0x30]);
    expect(Object.keys(kinds).length).toBeGreaterThan(10);
    for (const kind of Object.keys(kinds)) {
      // A payload of the peer's choice comes after the domain, whatever it holds.
      for (const payload of toSign) expect(signedBytes(kind, payload)[0]).toBe("s".charCodeAt(0));
    }
  });

  test.each([0, 1, 2, 3, 47, 48, 49])(
    "as PEM has %i bytes in lines of 64 letters, as OpenSSL writes them",
    (length) => {
      const bytes = Uint8Array.from({ length }, (_, i) => 251 + i);
      const text = pem("ANYTHING", bytes);
      const lines = text.split("\n").slice(1, -2);
      expect(lines.join("")).toBe(Buffer.from(bytes).toString("base64"));
      expect(lines.every((line) => line.length <= 64)).toBe(true);
    },
  );
});
