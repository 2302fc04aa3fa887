/** What an enrolled key shows to a broker, and what is refused before any broker is asked. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enrolledClient } from "../../../src/adapters/certificate/enrolled-client.ts";
import { createSoftwareSigner } from "../../../src/adapters/signatures/software-signer.ts";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import { fromHex } from "../../../src/core/base/bytes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { certified, DAY_US, sha256, testAuthority, testKey, testLeaf } from "../../support/broker-keys.ts";

const [root, mine, other] = ["11", "ab", "cd"].map((byte) => fromHex(byte.repeat(32)) as Uint8Array) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const authority = testAuthority(root);
const entropy = seededEntropy(new Uint8Array(32).fill(3));
const signer = createSoftwareSigner(entropy);
const enrolled = { ...testKey(), point: signer.publicKey };
const HOUR_US = 3_600_000_000;
const startUs = certified(enrolled).fromUs + DAY_US;
let folder = "";
let nowUs = startUs;
const clock: Clock = {
  bootId: new Uint8Array(16),
  read: () => ({ wallUs: nowUs, bootUs: 0 }),
  at: () => () => {},
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "enrolled-client-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function clientOf(text: string | null, lineage: Uint8Array = mine) {
  const devicePath = join(folder, "device.pem");
  rmSync(devicePath, { force: true });
  if (text !== null) writeFileSync(devicePath, text);
  nowUs = startUs;
  return enrolledClient({ signer, lineage, devicePath, clock, entropy, sha256 });
}

describe("an enrolled client", () => {
  test("shows a fresh key each time, certified by the enrolled one for an hour, and the certificate above", async () => {
    const device = authority.device(mine, enrolled);
    const client = clientOf(device);
    const [first, second] = [await client.show(), await client.show()];
    expect(first.key).not.toBe(second.key);
    const [leaf, above] = [new X509Certificate(first.chain), new X509Certificate(device)];
    expect(first.chain.endsWith(device)).toBe(true);
    expect(leaf.checkIssued(above) && leaf.verify(above.publicKey)).toBe(true);
    expect(leaf.subject).toBe(`CN=${"ab".repeat(32)}`);
    expect(first.untilUs).toBe(startUs + HOUR_US);
    expect(Date.parse(leaf.validTo)).toBe(Math.floor((startUs + HOUR_US) / 1_000_000) * 1000);
    expect(Date.parse(leaf.validFrom)).toBe(Math.floor((startUs - HOUR_US / 6) / 1_000_000) * 1000);
  });

  test("goes by no certificate beyond the end of the device's own, and before its begin by none at all", async () => {
    const untilUs = (Math.floor(startUs / 1_000_000) + 60) * 1_000_000;
    const client = clientOf(authority.device(mine, enrolled, { untilUs, fromUs: startUs - 1_000_000 }));
    expect((await client.show()).untilUs).toBe(untilUs);
    for (const wrongUs of [untilUs, startUs - 2_000_000]) {
      nowUs = wrongUs;
      await expect(client.show()).rejects.toMatchObject({ code: "mesh-certificate-time", retryable: true });
    }
    nowUs = untilUs - 1_000_000;
    expect((await client.show()).untilUs).toBe(untilUs);
  });

  test.each([
    ["another device's certificate", () => authority.device(mine, testKey()), "mesh-certificate-key"],
    ["one that names another lineage", () => authority.device(other, enrolled), "mesh-certificate-key"],
    ["the authority's own", () => authority.ca, "mesh-certificate-key"],
    ["one that certifies nothing", () => testLeaf(enrolled, mine, testKey()), "mesh-certificate-key"],
    ["a text that is none", () => "-----BEGIN CERTIFICATE-----\nnone\n", "mesh-certificate-unreadable"],
    ["an empty file", () => "", "mesh-certificate-unreadable"],
  ])("refuses %s, with the file's name, for good", async (_, text, code) => {
    await expect(clientOf(text()).show()).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(join(folder, "device.pem")),
    });
  });

  test("takes a certificate that comes later, without a new start", async () => {
    const client = clientOf(null);
    await expect(client.show()).rejects.toMatchObject({
      code: "mesh-certificate-unreadable",
      retryable: true,
    });
    writeFileSync(join(folder, "device.pem"), authority.device(mine, enrolled));
    expect((await client.show()).chain).toContain("BEGIN CERTIFICATE");
  });
});
