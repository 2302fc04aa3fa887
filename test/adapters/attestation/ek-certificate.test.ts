import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ekCertificateChain } from "../../../src/adapters/attestation/ek-certificate.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import type { EkCertificateClaim } from "../../../src/ports/endorsement.ts";
import { eccTail, ekPublic } from "../../core/attestation/endorsement.ts";
import { testKey } from "../../core/attestation/evidence.ts";
import {
  type CertificateAuthority,
  certificateAuthority,
  type Issued,
  opensslMissing,
} from "../../support/ek-authority.ts";
import { assertTold } from "../../support/told.ts";

const missing = opensslMissing();
const CA = "basicConstraints=critical,CA:TRUE";
const NOT_CA = "basicConstraints=critical,CA:FALSE";
const IN_2030_US = Date.parse("2030-01-01T00:00:00Z") * 1000;
const AFTER_IT_ENDS_US = Date.parse("2040-01-01T00:00:01Z") * 1000;
const BEFORE_IT_BEGINS_US = Date.parse("2019-12-31T23:59:59Z") * 1000;

describe.skipIf(missing !== null)(
  `ekCertificateChain${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    const issued = new Map<string, Issued>();
    let authority: CertificateAuthority | null = null;

    beforeAll(() => {
      const ca = certificateAuthority();
      authority = ca;
      const keep = (...words: Parameters<CertificateAuthority["issue"]>): void => {
        issued.set(words[0], ca.issue(...words));
      };
      keep("root", null, CA);
      // The same name with another key: nothing but the signature tells the two apart.
      keep("root-impostor", null, CA);
      keep("maker", "root", CA);
      keep("shop", "root", NOT_CA);
      keep("late", "root", CA, { days: ["20310101000000Z", "20350101000000Z"] });
      keep("maker-old", "root", CA, { days: ["20210101000000Z", "20220101000000Z"], key: "maker" });
      keep("ek", "maker", NOT_CA);
      keep("ek-byroot", "root", NOT_CA);
      keep("ek-shop", "shop", NOT_CA);
      keep("ek-late", "late", NOT_CA);
      keep("ek-ca", "maker", CA);
      for (let i = 1; i <= 4; i++) keep(`deep${i}`, i === 1 ? "root" : `deep${i - 1}`, CA);
      keep("ek-deep3", "deep3", NOT_CA);
      keep("ek-deep4", "deep4", NOT_CA);
    });
    afterAll(() => authority?.stop());

    const der = (name: string): Uint8Array => issued.get(name)?.der ?? new Uint8Array(0);
    const area = (name: string): Uint8Array =>
      ekPublic(0x23, eccTail(issued.get(name)?.point ?? new Uint8Array(65)));

    function findings(name: string, change: Partial<EkCertificateClaim> = {}): string[] {
      const found = ekCertificateChain({
        ekPublic: area(name),
        certificate: der(name),
        roots: [der("root-impostor"), der("root")],
        intermediates: ["late", "shop", "maker", "deep4", "deep3", "deep2", "deep1"].map(der),
        nowUs: IN_2030_US,
        ...change,
      });
      assertTold(found);
      return found.map(({ code, field }) => `${code} ${field}`);
    }

    test("finds nothing wrong with a chain over an intermediate, or from the root itself", () => {
      expect(findings("ek")).toEqual([]);
      expect(findings("ek-byroot", { intermediates: [] })).toEqual([]);
    });

    test("trusts an intermediate that is entered as a root", () => {
      expect(findings("ek", { roots: [der("maker")], intermediates: [] })).toEqual([]);
    });

    test("takes the way without a fault where there are several", () => {
      const renewed = [der("maker-old"), der("maker")];
      expect(findings("ek", { intermediates: renewed })).toEqual([]);
      expect(findings("ek", { intermediates: [der("maker-old")] })).toEqual([
        "tpm-ek-certificate-time chain[1].validity",
      ]);
    });

    test("refuses a certificate without a way to a trusted root", () => {
      const untrusted = ["tpm-ek-certificate-untrusted certificate.issuer"];
      expect(findings("ek", { intermediates: [] })).toEqual(untrusted);
      expect(findings("ek", { roots: [] })).toEqual(untrusted);
      expect(findings("ek", { roots: [der("ek")] })).toEqual(untrusted);
    });

    test("refuses a root of the same name that did not sign", () => {
      const untrusted = ["tpm-ek-certificate-untrusted certificate.issuer"];
      expect(findings("ek-byroot", { roots: [der("root-impostor")] })).toEqual(untrusted);
    });

    test("follows three intermediates and not four", () => {
      expect(findings("ek-deep3")).toEqual([]);
      expect(findings("ek-deep4")).toEqual(["tpm-ek-certificate-untrusted certificate.issuer"]);
    });

    test("refuses a certificate whose bytes were changed after it was signed", () => {
      const changed = der("ek").slice();
      const last = changed.length - 1;
      changed[last] = (changed[last] ?? 0) ^ 1;
      expect(findings("ek", { certificate: changed })).toEqual([
        "tpm-ek-certificate-untrusted certificate.issuer",
      ]);
    });

    test("looks at every link's time, both ends", () => {
      const all = [0, 1, 2].map((depth) => `tpm-ek-certificate-time chain[${depth}].validity`);
      expect(findings("ek", { nowUs: AFTER_IT_ENDS_US })).toEqual(all);
      expect(findings("ek", { nowUs: BEFORE_IT_BEGINS_US })).toEqual(all);
      expect(findings("ek-late")).toEqual(["tpm-ek-certificate-time chain[1].validity"]);
      const during = Date.parse("2033-01-01T00:00:00Z") * 1000;
      expect(findings("ek-late", { nowUs: during })).toEqual([]);
    });

    test("refuses an issuer that may not issue, and an EK that may", () => {
      expect(findings("ek-shop")).toEqual(["tpm-ek-certificate-ca chain[1].basicConstraints"]);
      expect(findings("ek-ca")).toEqual(["tpm-ek-certificate-ca chain[0].basicConstraints"]);
    });

    test("refuses the certificate of another key, and an area that is no endorsement key", () => {
      const other = ekPublic(0x23, eccTail(testKey().point));
      const wrong = ["tpm-ek-certificate-key certificate.publicKey"];
      expect(findings("ek", { ekPublic: other })).toEqual(wrong);
      expect(findings("ek", { ekPublic: area("ek-byroot") })).toEqual(wrong);
      expect(findings("ek", { ekPublic: new Uint8Array(3) })).toEqual(["tpm-ek-malformed ekPublic"]);
    });

    test("refuses what is no certificate, is followed by something, or is too long", () => {
      const malformed = ["tpm-ek-certificate-malformed certificate"];
      for (const certificate of [
        new Uint8Array(0),
        new Uint8Array(50).fill(0x30),
        der("ek").slice(0, -1),
        concat(der("ek"), Uint8Array.of(0)),
        new Uint8Array(8193),
      ]) {
        expect(findings("ek", { certificate })).toEqual(malformed);
      }
    });

    test("passes over intermediates and roots that read as nothing", () => {
      const intermediates = [new Uint8Array(9), der("maker")];
      expect(findings("ek", { intermediates, roots: [new Uint8Array(9), der("root")] })).toEqual([]);
    });
  },
);
