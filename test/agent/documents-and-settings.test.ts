/** The operator's files and names become ids (src/agent/document-set, src/agent/agent-settings). */
import { describe, expect, test } from "vitest";
import { agentConfig, type SettingsParts } from "../../src/agent/agent-settings.ts";
import { type DocumentSet, documentSet } from "../../src/agent/document-set.ts";
import type { Holder } from "../../src/core/authority/chain.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { TIME_RULES_DEFAULT } from "../../src/core/window/assured-time.ts";
import { virtualClock } from "../hardware/world/virtual-clock.ts";
import { sceneBlock, scriptedAuthority, scriptedLineage } from "../support/scripted-authority.ts";
import { packEnvelope } from "../support/scripted-host.ts";
import { named, quickKeys } from "../support/scripted-keys.ts";

const scheme = quickKeys();
const authority = scriptedAuthority(scheme);
const trader = scriptedLineage(scheme, "trader");
const credential = authority.issue(trader, { eligibilityClasses: ["scene", "visitor"] });
const second = authority.issue(trader, { eligibilityClasses: ["scene"] });
const device = scriptedLineage(scheme, "device");
const bound = authority.issue(trader, {
  subjectKey: device.inception.header.signerKey,
  akName: new Uint8Array(34).fill(3),
});
const file = (record: AnyRecord, path: string = record.kind) => ({
  path,
  bytes: packEnvelope(record.envelope),
});
const trust = [file(authority.root.inception, "root.record")];
const files = authority.root.records.slice(1).map((each) => file(each));

function set(): DocumentSet {
  const made = documentSet(trust, files, scheme.primitives);
  if (!made.ok) throw new Error("the files read");
  return made.documents;
}

describe("documentSet", () => {
  test("finds policy and schema by name, credentials by key in the order of the files, roots among the trusted", () => {
    const documents = set();
    expect(documents.policy("scene")?.id).toEqual(authority.policy.id);
    expect(documents.policy("other")).toBeNull();
    expect(documents.schema("ism-433")?.id).toEqual(authority.schema.id);
    expect(documents.schema("other")).toBeNull();
    const { signerKey: keyId, lineage } = trader.inception.header;
    const ids = (own: Holder): readonly Uint8Array[] => documents.credentialsOf(own).map(({ id }) => id);
    const own = { lineage, keyId, akName: null };
    expect(ids(own)).toEqual([credential.id, second.id]);
    expect(ids({ ...own, lineage: named("nobody") })).toEqual([]);
    expect(ids({ ...own, keyId: named("another key") })).toEqual([]);
    // What names an attestation key goes with the device, to each key of the lineage that it stands for.
    const akName = named("ak");
    expect(ids({ ...own, keyId: named("another key"), akName: bound.body.akName })).toEqual([bound.id]);
    expect(ids({ ...own, keyId: named("another key"), akName })).toEqual([]);
    expect(ids({ lineage: named("nobody"), keyId, akName: bound.body.akName })).toEqual([]);
    expect(documents.roots).toEqual([authority.root.inception.header.lineage]);
    expect(documents.records).toHaveLength(trust.length + files.length);
  });

  test("names every file that does not read, and a trusted file that is no inception", () => {
    const junk = { path: "junk.record", bytes: Uint8Array.of(1) };
    const made = documentSet([file(authority.policy, "policy.record")], [junk], scheme.primitives);
    expect(made.ok).toBe(false);
    if (made.ok) return;
    expect(made.faults.map(({ path }) => path)).toEqual(["junk.record", "policy.record"]);
    expect(made.faults[1]?.rejection.code).toBe("trust-not-inception");
  });
});

function parts(change: Partial<SettingsParts["settings"]> = {}): SettingsParts {
  return {
    settings: {
      owner: "trader",
      production: false,
      policy: "scene",
      timeRules: TIME_RULES_DEFAULT,
      placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 0, unestimatedErrorMm: null },
      antenna: { northMm: 0, eastMm: 0, upMm: 0 },
      placeHoldUs: 10_000_000,
      clockDriftPpm: 100,
      offers: [],
      wishes: [],
      ...change,
    } as SettingsParts["settings"],
    documents: set(),
    lineage: trader.inception.header.lineage,
    key: { suite: SUITE_ES256, publicKey: trader.key.publicKey, akName: null, tier: "simulated" },
    radio: null,
    primitives: scheme.primitives,
    clock: virtualClock(),
    entropy: { bytes: (length) => new Uint8Array(length) },
    counter: true,
  };
}

const offer = {
  name: "standing",
  commodity: "ism-433",
  durationUs: null,
  refreshUs: 1_000_000,
  offer: {
    resource: "a",
    block: sceneBlock,
    price: { form: "fixed" as const, microUnits: 0n, currency: "EUR" },
    eligibility: { level: "user", verb: "acquire" as const, eligibilityClass: "scene" },
    rules: ["content-match" as const],
    leaseClass: "scene",
    validUs: 1_000_000,
  },
};

const wish = {
  name: "wish",
  commodity: "ism-433",
  resource: "",
  lowestHz: 1,
  highestHz: 2,
  widthHz: null,
  durationUs: null,
  priceMaxMicroUnits: 0n,
  currency: "EUR",
  insist: false,
};

describe("agentConfig", () => {
  test("resolves policy, schema and credentials, and collects the eligibility classes once each", () => {
    const made = agentConfig(parts({ offers: [offer], wishes: [wish, { ...wish, commodity: "" }] }));
    expect(made.ok).toBe(true);
    if (!made.ok) return;
    expect(made.config.policy).toEqual(authority.policy.id);
    expect(made.config.credentials).toEqual([credential.id, second.id]);
    expect(made.eligibilityClasses).toEqual(["scene", "visitor"]);
    expect(made.config.standingOffers[0]?.offer.schema).toEqual(authority.schema.id);
    expect(made.config.wishes.map(({ commodityClass }) => commodityClass)).toEqual(["ism-433", ""]);
    expect(made.config.draw(3)).toHaveLength(3);
  });

  test("collects all names that resolve to nothing", () => {
    const made = agentConfig(
      parts({
        policy: "p",
        offers: [{ ...offer, commodity: "c" }],
        wishes: [{ ...wish, commodity: "w" }],
      }),
    );
    expect(made.ok).toBe(false);
    if (made.ok) return;
    expect(made.rejections.map(({ code, measured }) => `${code} ${String(measured["name"])}`)).toEqual([
      "policy-unknown p",
      "schema-unknown c",
      "schema-unknown w",
    ]);
  });
});
