/** Turns what the operator wrote by name into what the core works with by id. */
import type { AgentConfig, OwnKey, OwnRadio, StandingOffer, Wish } from "../core/agent/config.ts";
import type { OfferCommand } from "../core/agent/input.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { type Rejection, rejection } from "../core/base/rejection.ts";
import { keyId } from "../core/record/identity.ts";
import type { RegisteredIdentifier } from "../core/record/kinds/credential.ts";
import type { AntennaOffset } from "../core/window/antenna-offset.ts";
import type { PlaceRules } from "../core/window/assured-place.ts";
import type { TimeRules } from "../core/window/assured-time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { DocumentSet } from "./document-set.ts";

/** An offer of the profile: the commodity by its schema's name. */
export type OfferSetting = Omit<StandingOffer, "offer"> & {
  readonly commodity: string;
  readonly offer: Omit<OfferCommand, "schema">;
};

/** A wish of the profile: the commodity by its schema's name. */
export type WishSetting = Omit<Wish, "commodityClass"> & { readonly commodity: string };

export type AgentSettings = {
  readonly owner: string;
  readonly production: boolean;
  readonly identifiers?: readonly RegisteredIdentifier[];
  readonly policy: string;
  readonly timeRules: TimeRules;
  readonly placeRules: PlaceRules;
  readonly clockDriftPpm: number;
  readonly antenna: AntennaOffset;
  readonly placeHoldUs: number;
  readonly offers: readonly OfferSetting[];
  readonly wishes: readonly WishSetting[];
};

export type SettingsParts = {
  readonly settings: AgentSettings;
  readonly documents: DocumentSet;
  readonly lineage: Uint8Array;
  readonly key: OwnKey;
  readonly radio: OwnRadio | null;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly counter: boolean;
};

export type SettingsResult =
  | { readonly ok: true; readonly config: AgentConfig; readonly eligibilityClasses: readonly string[] }
  | { readonly ok: false; readonly rejections: readonly Rejection[] };

/** Every name of the settings that no record among the documents bears. */
export function unknownNames(
  { policy, offers, wishes }: AgentSettings,
  documents: DocumentSet,
): readonly Rejection[] {
  const schemas = [
    ...offers.map(({ commodity }) => ["offers.commodity", commodity] as const),
    ...wishes.map(({ commodity }) => ["accepts.commodity", commodity] as const),
  ].filter(([, commodity]) => commodity !== "");
  return [
    ...(documents.policy(policy) === null ? [unknown("policy-unknown", "policy", policy)] : []),
    ...schemas
      .filter(([, commodity]) => documents.schema(commodity) === null)
      .map(([field, commodity]) => unknown("schema-unknown", field, commodity)),
  ];
}

/** All names that resolve to nothing are collected. */
export function agentConfig(parts: SettingsParts): SettingsResult {
  const { settings, documents, key, primitives, entropy } = parts;
  const missing = unknownNames(settings, documents);
  const policy = documents.policy(settings.policy);
  const standingOffers = settings.offers.flatMap(({ commodity, offer, ...rest }) => {
    const schema = documents.schema(commodity);
    if (schema === null) return [];
    const { commodityClass } = schema.body;
    return [{ ...rest, offer: { ...offer, schema: schema.id, block: { ...offer.block, commodityClass } } }];
  });
  const wishes = settings.wishes.flatMap(({ commodity, ...wish }) => {
    if (commodity === "") return [{ ...wish, commodityClass: "" }];
    const schema = documents.schema(commodity);
    return schema === null ? [] : [{ ...wish, commodityClass: schema.body.commodityClass }];
  });
  if (policy === null || missing.length > 0) return { ok: false, rejections: missing };
  const credentials = documents.credentialsOf({
    lineage: parts.lineage,
    keyId: keyId(key.suite, key.publicKey, primitives.sha256),
    akName: key.akName,
  });
  return {
    ok: true,
    eligibilityClasses: [...new Set(credentials.flatMap(({ body }) => body.eligibilityClasses))],
    config: {
      primitives,
      draw: (length) => entropy.bytes(length),
      owner: settings.owner,
      key,
      bootId: parts.clock.bootId,
      roots: documents.roots,
      credentials: credentials.map(({ id }) => id),
      identifiers: settings.identifiers ?? [],
      policy: policy.id,
      radio: parts.radio,
      wishes,
      standingOffers,
      timeRules: settings.timeRules,
      placeRules: settings.placeRules,
      clockDriftPpm: settings.clockDriftPpm,
      antenna: settings.antenna,
      placeHoldUs: settings.placeHoldUs,
      production: settings.production,
      counter: parts.counter,
    },
  };
}

function unknown(code: string, field: string, name: string): Rejection {
  return rejection(code, field, { name }, { name: "of a record among the documents" });
}
