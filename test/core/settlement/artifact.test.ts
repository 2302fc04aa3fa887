import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/base/check.ts";
import { fieldBytes } from "../../../src/core/record/field.ts";
import {
  type Artifact,
  artifactField,
  deriveArtifact,
  readArtifact,
} from "../../../src/core/settlement/artifact.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { pairOf, primitives } from "../../support/pair-builder.ts";
import { wireValue } from "../../support/wire-value.ts";
import { faultsOf, placesOf, plainValue } from "../record/spec-values.ts";
import { encodeWith } from "../wire/loose-encoding.ts";
import { derivedOf } from "./leases.ts";

const { sha256 } = primitives;
const derived = derivedOf(pairOf());

describe("an artifact", () => {
  test("has the id of its bytes, by node:crypto", () => {
    const hash = createHash("sha256").update(Uint8Array.of(4)).update(derived.bytes).digest();
    expect(derived.id).toEqual(new Uint8Array(hash));
  });

  test("is the same however often it is derived or read", () => {
    expect(deriveArtifact(derived.artifact, sha256)).toEqual({ ok: true, value: derived });
    const read = readArtifact(derived.bytes, sha256);
    expect(read).toEqual({ ok: true, value: { ...derived, artifact: expect.anything() } });
    expect(read.ok && deriveArtifact(read.value.artifact, sha256)).toMatchObject({
      value: { id: derived.id },
    });
  });

  test("says in its view in JSON what it says", () => {
    const view = artifactField.json(derived.artifact);
    expect(JSON.parse(JSON.stringify(view))).toMatchObject({
      version: 1,
      verdict: "admit",
      holder: Buffer.from(derived.artifact.holder).toString("hex"),
      price: { microUnits: "5000000", currency: "EUR" },
      terms: { leaseClass: "bench", conditions: [] },
    });
  });

  /** The artifact with as many checks of 16 long measurements as it may hold. */
  function withChecks(count: number, words: number): Artifact {
    const measured = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`m${i}`, "x".repeat(words)]));
    return { ...derived.artifact, checks: new Array(count).fill(check("long", "", true, measured, {})) };
  }

  test("is refused beyond 64 KiB, when derived and when read, with both lengths", () => {
    const long = withChecks(128, 40);
    const encoded = fieldBytes(artifactField, long);
    expect(deriveArtifact(long, sha256)).toEqual({
      ok: false,
      rejections: [
        {
          code: "artifact-too-long",
          field: "artifact",
          measured: { bytes: encoded.length },
          required: { bytesMax: 65_536 },
        },
      ],
    });
    expect(readArtifact(encoded, sha256)).toMatchObject({
      ok: false,
      rejections: [{ code: "wire-too-long", measured: { bytes: encoded.length } }],
    });
    const fitting = deriveArtifact(withChecks(30, 40), sha256);
    expect(fitting.ok && fitting.value.bytes.length).toBeLessThan(limits.ARTIFACT_BYTES_MAX);
    expect(fitting.ok && readArtifact(fitting.value.bytes, sha256).ok).toBe(true);
  });

  test("is refused as what it is not", () => {
    expect(readArtifact(new Uint8Array(0), sha256)).toMatchObject({
      rejections: [{ code: "wire-truncated" }],
    });
    expect(readArtifact(encode([]), sha256)).toMatchObject({
      rejections: [{ code: "field-count", field: "artifact" }],
    });
    const next = encodeWith(wireValue(artifactField, derived.artifact), [0], encode(2)).encoded;
    expect(readArtifact(next, sha256)).toMatchObject({
      rejections: [{ code: "field-range", field: "artifact.version", required: { min: 1, max: 1 } }],
    });
  });

  test("is refused for each field that is absent, of another type or out of range, by its name", () => {
    const plain = plainValue(artifactField.spec);
    const differing: string[] = [];
    let tried = 0;
    for (const place of placesOf(artifactField.spec, "artifact", [])) {
      for (const { what, value, code, measured, required } of faultsOf(place)) {
        if (/\.value$/.test(place.name) && code !== "field-range") continue;
        tried += 1;
        const bytes =
          place.path.length === 0 ? encode(value) : encodeWith(plain, place.path, encode(value)).encoded;
        const read = readArtifact(bytes, sha256);
        const found = read.ok ? "taken" : JSON.stringify(read.rejections);
        const expected = JSON.stringify([{ code, field: place.name, measured, required }]);
        if (found !== expected) differing.push(`${place.name} with ${what}: ${found}, not ${expected}`);
      }
    }
    expect(differing).toEqual([]);
    expect(tried).toBeGreaterThan(300);
  });

  test("in its plainest form is read, and a digest stands for what is sealed", () => {
    const plain = plainValue(artifactField.spec) as readonly Value[];
    expect(readArtifact(encode(plain), sha256).ok).toBe(true);
    const sealed = encodeWith(plain, [12], encode(new Uint8Array(32))).encoded;
    expect(readArtifact(sealed, sha256)).toMatchObject({
      ok: true,
      value: { artifact: { price: { digest: new Uint8Array(32), value: null } } },
    });
  });
});
