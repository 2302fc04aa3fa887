/** Whom an authority certifies for brokers, by which key, and for how long. */
import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import type { Authority } from "../../src/authority/authority.ts";
import { brokerDesk, deviceOfRequest, enrolledKey } from "../../src/authority/broker-desk.ts";
import { claimOf } from "../../src/authority/entitle.ts";
import { issue } from "../../src/authority/issue.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { PortError } from "../../src/ports/port-error.ts";
import {
  begun,
  DAY_US,
  memoryParts,
  NOW_US,
  primitives,
  refused,
  root,
  subjectOf,
  value,
  whole,
} from "../support/memory-authority.ts";

const UNTIL_US = NOW_US + 9 * DAY_US;
const user = {
  ...whole,
  level: "user",
  verbs: ["acquire" as const],
  exclusive: false,
  depthLeft: 0,
  untilUs: UNTIL_US,
};

async function entitled(authority: Authority, seed: number, keys = 1) {
  const plan = { keys, threshold: keys, suite: SUITE_ES256 };
  const device = await begun(memoryParts(seed), `device ${seed}`, plan);
  const link = value(await issue(authority, subjectOf(device), user, NOW_US));
  return { claim: claimOf(device), link };
}

test("a device is certified for its own lineage and key, until its credential ends, by one key that is kept", async () => {
  const parts = memoryParts(1);
  const authority = await root(parts);
  const { claim } = await entitled(authority, 2);
  const device = value(deviceOfRequest(authority, claim, NOW_US));
  const desk = await brokerDesk(authority, NOW_US);
  const again = await brokerDesk(authority, NOW_US + DAY_US);
  expect(again.ca).toBe(desk.ca);
  expect([...parts.keys.signers.keys()].filter((label) => label.startsWith("broker"))).toEqual(["broker/1"]);
  const [ca, certificate] = [desk.ca, await again.certifyDevice(device)].map(
    (pem) => new X509Certificate(pem),
  ) as [X509Certificate, X509Certificate];
  expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.subject).toBe(`OU=device\nCN=${toHex(claim.lineage)}`);
  expect(Date.parse(certificate.validTo) * 1000).toBe(UNTIL_US);
  expect(device.publicKey).toEqual(enrolledKey(claim, primitives));
  // The day before: a host's clock may be behind the desk's.
  expect(Date.parse(certificate.validFrom) * 1000).toBe(NOW_US);
});

test("nobody is certified without a credential that holds: none yet, over, or revoked", async () => {
  const authority = await root(memoryParts(1));
  const stranger = claimOf(await begun(memoryParts(3), "stranger"));
  expect(refused(deviceOfRequest(authority, stranger, NOW_US))).toEqual(["broker-not-entitled request"]);
  const { claim, link } = await entitled(authority, 2);
  expect(refused(deviceOfRequest(authority, claim, UNTIL_US))).toEqual(["broker-not-entitled request"]);
  value(await writeSnapshot(authority, [link.id], NOW_US));
  expect(refused(deviceOfRequest(authority, claim, NOW_US))).toEqual(["broker-not-entitled request"]);
});

test("a lineage that several keys sign has no device's key", async () => {
  const authority = await root(memoryParts(1));
  const { claim } = await entitled(authority, 2, 2);
  expect(refused(deviceOfRequest(authority, claim, NOW_US))).toEqual(["broker-no-device request"]);
});

test("a key that is away is never replaced by another, which no broker would know", async () => {
  const parts = memoryParts(1);
  const authority = await root(parts);
  const { ca } = await brokerDesk(authority, NOW_US);
  const key = parts.keys.signers.get("broker/1");
  parts.keys.signers.delete("broker/1");
  await expect(brokerDesk(authority, NOW_US)).rejects.toMatchObject({ code: "signer-key-unreadable" });
  expect(parts.keys.signers.has("broker/1")).toBe(false);
  if (key !== undefined) parts.keys.signers.set("broker/1", key);
  expect((await brokerDesk(authority, NOW_US)).ca).toBe(ca);
});

test("a key whose certificate was not yet written is used, as after a crash", async () => {
  const parts = memoryParts(1);
  const signer = await parts.keys.create("broker/1", SUITE_ES256);
  const { ca } = await brokerDesk(await root(parts), NOW_US);
  const read = new X509Certificate(ca);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(parts.keys.signers.get("broker/1")).toBe(signer);
});

test("a key that is there and not to be opened is never replaced by another", async () => {
  const parts = memoryParts(1);
  const authority = await root(parts);
  await brokerDesk(authority, NOW_US);
  const locked = new PortError("signer", "signer-passphrase-wrong", "broker/1", false);
  const keys = { ...parts.keys, open: async () => Promise.reject(locked) };
  const elsewhere: Authority = { ...authority, parts: { ...parts, keys } };
  await expect(brokerDesk(elsewhere, NOW_US)).rejects.toBe(locked);
});
