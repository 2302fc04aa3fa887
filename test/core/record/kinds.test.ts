import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { FieldSpec } from "../../../src/core/record/field.ts";
import { header } from "../../../src/core/record/header.ts";
import { type KindName, kindNames, kinds, reservedKinds } from "../../../src/core/record/kinds.ts";
import { readRecord, writePayload } from "../../../src/core/record/record.ts";
import { artifactField } from "../../../src/core/settlement/artifact.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { primitives } from "../../support/pair-builder.ts";
import { encodeWith, longerForms } from "../wire/loose-encoding.ts";
import {
  type Fault,
  faultsOf,
  isMeasure,
  type Place,
  placesOf,
  plainValue,
  soundValue,
} from "./spec-values.ts";

type Payload = readonly [Value, Value];

function read(kind: KindName, payload: Uint8Array): ReturnType<typeof readRecord> {
  return readRecord({ kind, payload, signatures: [], openings: [] }, primitives.sha256);
}

function plainPayload(kind: KindName): Payload {
  return [plainValue(header.spec), plainValue(kinds[kind].body.spec)];
}

/** Every field of header and body. */
function places(kind: KindName): readonly Place[] {
  return [...placesOf(header.spec, "header", [0]), ...placesOf(kinds[kind].body.spec, "body", [1])];
}

/** A measurement's value: its descriptor says text, and numbers are read too (finding-field.test.ts). */
function isMeasuredValue({ name }: Place): boolean {
  return /\.(measured|required)\[0\]\.value$/.test(name);
}

/** Names the cases whose outcome is not the expected one. */
function differing(kind: KindName, place: Place, fault: Fault): readonly string[] {
  const { encoded } = encodeWith(plainPayload(kind), place.path, encode(fault.value));
  const result = read(kind, encoded);
  const { code, measured, required } = fault;
  const expected = JSON.stringify([{ code, field: place.name, measured, required }]);
  const found = result.ok ? "taken" : JSON.stringify(result.rejections);
  return found === expected ? [] : [`${place.name} with ${fault.what}: ${found}, not ${expected}`];
}

describe.each(kindNames)("%s", (kind) => {
  test("is read in its plainest form, within the size of a record", () => {
    const payload = encode(plainPayload(kind));
    const result = read(kind, payload);
    expect(result).toMatchObject({ ok: true, value: { kind } });
    expect(payload.length).toBeLessThan(limits.RECORD_BYTES_MAX);
    expect(kinds[kind].name).toBe(kind);
  });

  test("each field that is absent, of another type, or one outside its range is refused by its own name", () => {
    const cases = places(kind).flatMap((place) =>
      faultsOf(place)
        .filter(({ code }) => !isMeasuredValue(place) || code === "field-range")
        .map((fault) => ({ place, fault })),
    );
    expect(cases.flatMap(({ place, fault }) => differing(kind, place, fault))).toEqual([]);
    expect(cases.length).toBeGreaterThan(120);
  });

  test("each field in a longer encoding is refused, with the offset at which it stands", () => {
    let tried = 0;
    for (const place of places(kind)) {
      for (const form of longerForms(plainValue(place.spec))) {
        tried += 1;
        const { encoded, offset } = encodeWith(plainPayload(kind), place.path, form);
        const result = read(kind, encoded);
        const found = result.ok ? null : result.rejections;
        expect(found, place.name).toMatchObject([
          { code: "wire-not-minimal", required: { form: "the shortest form" } },
        ]);
        expect(found?.[0]?.measured["offset"], place.name).toBeGreaterThan(offset);
        expect(found?.[0]?.measured["offset"], place.name).toBeLessThanOrEqual(offset + form.length);
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  test("random records of its table read back to the same bytes, and have a view in JSON", () => {
    const body = kinds[kind].body;
    fc.assert(
      fc.property(soundValue(header.spec), soundValue(body.spec), (head, value) => {
        const filled = (head as readonly Value[]).map((each, i) => each ?? (plainHeader[i] as Value));
        const payload = encode([filled, value]);
        const result = read(kind, payload);
        if (!result.ok) throw new Error(JSON.stringify(result.rejections));
        const { header: readHeader, body: readBody } = result.value;
        expect(equalBytes(writePayload(kind, readHeader, readBody), payload)).toBe(true);
        expect(() => JSON.stringify([header.json(readHeader), body.json(readBody as never)])).not.toThrow();
      }),
      { numRuns: 20 },
    );
  });

  test("header fields that it may leave nil are nil or present, the others must be present", () => {
    const names = headerNames();
    for (const name of ["credential", "attestation", "policy", "time", "place"] as const) {
      const { encoded } = encodeWith(plainPayload(kind), [0, names.indexOf(name)], encode(null));
      const result = read(kind, encoded);
      if (kinds[kind].mayBeNil.includes(name)) {
        expect(result).toMatchObject({ ok: true, value: { header: { [name]: null } } });
      } else {
        expect(result).toEqual({
          ok: false,
          rejections: [
            {
              code: "field-absent",
              field: `header.${name}`,
              measured: { found: "nil" },
              required: { type: "present in this kind" },
            },
          ],
        });
      }
    }
  });
});

const plainHeader = plainValue(header.spec) as readonly Value[];

function headerNames(): readonly string[] {
  if (header.spec.type !== "struct") throw new Error("the header is a struct");
  return header.spec.fields.map(([name]) => name);
}

describe("across kinds", () => {
  test("what is about a market names its credential, policy, time and place", () => {
    const bound = kindNames.filter((kind) => !kinds[kind].mayBeNil.includes("time"));
    expect(bound).toEqual(["offer", "acceptance", "settlement", "renewal-request", "renewal", "actuation"]);
    for (const kind of bound) {
      // A lease may run on for a while without a fix: policy's holdover says how long.
      const running = kind === "renewal" || kind === "renewal-request";
      expect(kinds[kind].mayBeNil).toEqual(running ? ["attestation", "place"] : ["attestation"]);
    }
  });

  test("faults in several fields are all found", () => {
    const [head, body] = plainPayload("withdrawal") as readonly (readonly Value[])[];
    const payload = encode([
      [...(head ?? []).slice(0, 5), 0, ...(head ?? []).slice(6)],
      [new Uint8Array(31), "x".repeat(201)],
    ]);
    expect(body).toHaveLength(2);
    expect(read("withdrawal", payload)).toMatchObject({
      ok: false,
      rejections: [
        { code: "field-range", field: "header.suite", measured: { value: 0 } },
        { code: "field-range", field: "body.offer", measured: { bytes: 31 } },
        { code: "field-range", field: "body.reason", measured: { length: 201 } },
      ],
    });
  });

  test("names that are reserved, unknown, or those of every object are no kinds yet", () => {
    for (const kind of [...reservedKinds, "unheard-of", "constructor", "valueof", "__proto__"]) {
      const envelope = { kind, payload: encode(plainPayload("offer")), signatures: [], openings: [] };
      expect(readRecord(envelope, primitives.sha256)).toEqual({
        ok: false,
        rejections: [
          {
            code: "kind-unknown",
            field: "kind",
            measured: { kind },
            required: { kind: "a kind of this version" },
          },
        ],
      });
    }
    expect(reservedKinds.filter((kind) => (kindNames as readonly string[]).includes(kind))).toEqual([]);
  });

  test("each kind of the protocol is one of this version, or reserved for a later one", () => {
    const named =
      `key-event schema policy credential revocation status-snapshot recognition admission attestation
      installation sensing-report discovery offer withdrawal tender commitment counter-offer acceptance fulfilment
      settlement rejection deferral suspension resumption renewal-request renewal lease-termination relinquishment
      actuation actuation-outcome meter preemption acknowledgement checkpoint cosignature fork-proof time-fault outage
      quarantine-end recovery dispute audit-access`.split(/\s+/);
    const known: readonly string[] = [...kindNames, ...reservedKinds];
    expect(named.filter((kind) => !known.includes(kind))).toEqual([]);
    expect(reservedKinds.filter((kind) => !named.includes(kind))).toEqual([]);
  });

  test("every measurement in every table is the list of names and values that these tests take it for", () => {
    const lists = kindNames.flatMap((kind) => places(kind).filter(({ spec }) => isMeasure(spec)));
    expect(lists.map(({ name }) => name)).toEqual([
      "body.findings[0].measured",
      "body.findings[0].required",
      "body.findings[0].measured",
      "body.findings[0].required",
    ]);
  });
});

/** Arrays in each other, the outermost counted. */
function depthOf(spec: FieldSpec): number {
  if (spec.type === "struct") return 1 + Math.max(0, ...spec.fields.map(([, field]) => depthOf(field)));
  if (spec.type === "list") return 1 + depthOf(spec.of);
  return spec.type === "nilable" || spec.type === "sealable" ? depthOf(spec.of) : 0;
}

test("no table nests deeper than the codec reads", () => {
  for (const name of kindNames)
    expect(1 + depthOf(kinds[name].body.spec)).toBeLessThanOrEqual(limits.DEPTH_MAX);
  expect(1 + depthOf(header.spec)).toBeLessThanOrEqual(limits.DEPTH_MAX);
  expect(depthOf(artifactField.spec)).toBeLessThanOrEqual(limits.DEPTH_MAX);
});
