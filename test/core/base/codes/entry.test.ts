/** What the registry says of each id, in words that a person reads and names that scripts rely on. */
import { expect, test } from "vitest";
import { allCodes } from "../../../../src/core/base/codes.ts";

const NAME = /^[a-z][A-Za-z0-9]*$/;

test.each(allCodes.map((code) => [code.id, code] as const))(
  "says of %s what it means, what to do, and by which names it is measured",
  (_, code) => {
    expect(code.id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(code.id.length).toBeLessThanOrEqual(64);
    expect(code.room).toMatch(/^[a-z]+$/);
    expect(code.means).toMatch(/^[A-Z].{15,}[.]$/);
    expect(code.do).toMatch(/^[A-Z`].*[.]$/);
    expect(code.clause).toMatch(
      /PROTOCOL §\d|seed guide|RFC \d+|DESIGN §\d|TPM 2[.]0 part \d|TCG EK Credential Profile §[0-9B]/,
    );
    for (const names of [code.measured, code.required]) {
      expect(names.filter((name) => !NAME.test(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }
    expect(code.exit === null || [0, 1, 2, 3, 4, 5, 6, 7, 75, 78].includes(code.exit)).toBe(true);
  },
);
