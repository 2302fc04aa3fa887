import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pcrPolicyOption } from "../../../hardware/tpm/pcr-options.ts";
import type { OptionValues } from "../../../src/ports/driver.ts";
import { testKey } from "../../core/attestation/evidence.ts";

const approver = testKey();
const shared = { folder: "" };
const file = (name: string): string => join(shared.folder, name);
beforeAll(() => {
  shared.folder = mkdtempSync(join(tmpdir(), "spectrum-options-"));
  const pem = { type: "spki", format: "pem" } as const;
  writeFileSync(file("approver.pem"), createPublicKey(approver.secret).export(pem));
  for (const namedCurve of ["P-384", "secp256k1"]) {
    writeFileSync(file(namedCurve), generateKeyPairSync("ec", { namedCurve }).publicKey.export(pem));
  }
  writeFileSync(file("ed25519"), generateKeyPairSync("ed25519").publicKey.export(pem));
  writeFileSync(file("text"), "no key");
});
afterAll(() => rmSync(shared.folder, { recursive: true, force: true }));

const good = (): OptionValues => ({
  pcrs: "0,2,7,16",
  "pcr-approver": file("approver.pem"),
  "pcr-approvals": "/somewhere",
});

test("without any of the three options there is no policy", () => {
  expect(pcrPolicyOption({ keys: "/keys" })).toBeNull();
});

test("reads approver, PCRs and place", () => {
  expect(pcrPolicyOption(good())).toEqual({
    pcrs: [0, 2, 7, 16],
    approver: approver.point,
    approvals: "/somewhere",
  });
  expect(pcrPolicyOption({ ...good(), pcrs: "23" })?.pcrs).toEqual([23]);
});

test.each(["pcrs", "pcr-approver", "pcr-approvals"])("names %s where it alone is missing", (name) => {
  const { [name]: _, ...others } = good();
  const told = { code: "tpm-misconfigured", message: expect.stringContaining(`"${name}"`) };
  expect(() => pcrPolicyOption(others)).toThrow(expect.objectContaining(told));
});

test.each(["", "0;1", "1,0", "0,0", "24", "0,", "-1", "1.5", " 0"])("PCRs are not '%s'", (pcrs) => {
  const told = { code: "tpm-misconfigured", message: expect.stringContaining('"pcrs"') };
  expect(() => pcrPolicyOption({ ...good(), pcrs })).toThrow(expect.objectContaining(told));
});

test.each(["P-384", "secp256k1", "ed25519", "text", "absent"])(
  "no approver's key is in a file of %s",
  (name) => {
    const told = { code: "tpm-misconfigured", message: expect.stringContaining(file(name)) };
    expect(() => pcrPolicyOption({ ...good(), "pcr-approver": file(name) })).toThrow(
      expect.objectContaining(told),
    );
  },
);
