import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  APPROVAL_CHARACTERS_MAX,
  approvalFindings,
  type PcrApproval,
  readPcrApproval,
  writePcrApproval,
} from "../../../src/core/attestation/pcr-approval.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { assertTold } from "../../support/told.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const APPROVAL: PcrApproval = {
  approver: filled(34, 1),
  values: [
    { pcr: 0, digest: filled(32, 2) },
    { pcr: 7, digest: filled(32, 3) },
    { pcr: 16, digest: filled(32, 4) },
  ],
  signature: filled(64, 5),
};
const TEXT = writePcrApproval(APPROVAL);

function findings(text: string): string[] {
  const read = readPcrApproval(text);
  if (read.ok) return [];
  assertTold(read.rejections);
  return read.rejections.map(({ code, field }) => `${code} ${field}`.trim());
}

/** The text with one field replaced; `undefined` takes it away. */
function withField(name: string, value: unknown): string {
  return JSON.stringify({ ...JSON.parse(TEXT), [name]: value });
}

describe("a PCR approval", () => {
  test("reads back as it was written, whatever the order and the blanks of the text", () => {
    expect(readPcrApproval(TEXT)).toEqual({ ok: true, value: APPROVAL });
    const { schema, ...others } = JSON.parse(TEXT);
    expect(readPcrApproval(JSON.stringify({ ...others, schema }))).toEqual({ ok: true, value: APPROVAL });
  });

  test("of all PCRs fits the bound", () => {
    const values = Array.from({ length: 24 }, (_, pcr) => ({ pcr, digest: filled(32, 0xff) }));
    const text = writePcrApproval({ ...APPROVAL, values });
    expect(text.length).toBeLessThan(APPROVAL_CHARACTERS_MAX);
    expect(readPcrApproval(text)).toEqual({ ok: true, value: { ...APPROVAL, values } });
  });

  test("cut anywhere reads as none", () => {
    for (let length = 0; length < TEXT.length - 2; length++) {
      expect(findings(TEXT.slice(0, length))).toEqual(["pcr-approval-malformed"]);
    }
  });

  const hex = toHex(filled(32, 2));
  test.each([
    ["another schema", withField("schema", "spectrum-agent.pcr-approval/2"), "schema"],
    ["a Name that is too short", withField("approver", toHex(filled(33, 1))), "approver"],
    ["a Name that is a number", withField("approver", 1), "approver"],
    ["no PCR at all", withField("pcrs", {}), "pcrs"],
    ["PCR 24", withField("pcrs", { 24: hex }), "pcrs"],
    ["PCR 07", withField("pcrs", { "07": hex }), "pcrs"],
    ["a PCR of half a digest", withField("pcrs", { 7: hex.slice(0, 32) }), "pcrs"],
    ["a PCR that is no number", withField("pcrs", { seven: hex, 7: hex }), "pcrs"],
    ["a list of PCRs", withField("pcrs", [hex]), "pcrs"],
    ["PCRs that are null", withField("pcrs", null), "pcrs"],
    ["a signature of no hexadecimal", withField("signature", "g".repeat(128)), "signature"],
    ["a field more", withField("note", "hello"), ""],
    ["a field less", withField("signature", undefined), ""],
    ["a list", "[]", ""],
    ["no JSON", "hello", ""],
    ["too much", TEXT + " ".repeat(APPROVAL_CHARACTERS_MAX), ""],
  ])("with %s is refused, and the field named", (_, text, field) => {
    expect(findings(text)).toEqual([`pcr-approval-malformed ${field}`.trim()]);
  });

  test("any text gives an approval that writes back to the same, or says why not", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((value) => withField("pcrs", JSON.parse(value))),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = readPcrApproval(text);
        if (!read.ok) return read.rejections.length > 0;
        return JSON.stringify(readPcrApproval(writePcrApproval(read.value))) === JSON.stringify(read);
      }),
    );
  });

  test("is for the approver and the PCRs that a policy names, and for no others", () => {
    const demand = { approver: APPROVAL.approver, pcrs: [0, 7, 16] };
    const codes = (change: Partial<typeof demand>): string[] => {
      const found = approvalFindings(APPROVAL, { ...demand, ...change });
      assertTold(found);
      return found.map(({ code }) => code);
    };
    expect(codes({})).toEqual([]);
    expect(codes({ approver: filled(34, 9) })).toEqual(["pcr-approval-approver"]);
    expect(codes({ pcrs: [0, 7] })).toEqual(["pcr-approval-selection"]);
    expect(codes({ approver: filled(34, 9), pcrs: [0, 7, 17] })).toHaveLength(2);
  });
});
