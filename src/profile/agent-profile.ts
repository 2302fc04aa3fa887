/** An agent's profile as the agent reads it: units resolved, paths absolute, defaults filled in. */
import type { RegisteredIdentifier } from "../core/record/kinds/credential.ts";
import type { Eligibility, PriceTerms, RuleId } from "../core/record/kinds/offer.ts";
import type { PowerLimit, Vertex } from "../core/record/spectrum-fields.ts";
import type { TimeRules } from "../core/window/assured-time.ts";
import type { DriverChoice } from "./driver-registry.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One operator's agent on one host. Deeply read-only; `profileHash` names its content. */
export type AgentProfile = {
  readonly name: string;
  /** Who answers for the agent: stands in credential requests, 1..64 printable ASCII characters. */
  readonly owner: string;
  /** Folder of the log, the marks and the keys. */
  readonly statePath: string;
  /** The unix socket of `control`. */
  readonly controlPath: string;
  readonly logLevel: LogLevel;
  /** True refuses simulated and replayed devices, whatever the common policy admits. */
  readonly production: boolean;
  /** Regulatory identifiers that its settlements state, beside those of its credentials. */
  readonly identifiers: readonly RegisteredIdentifier[];
  readonly mesh: MeshProfile;
  readonly tpm: DriverChoice;
  readonly gnss: DriverChoice;
  /** Null for an agent that transmits nothing: a holder, a regulator, an auditor. */
  readonly radio: RadioProfile | null;
  /** Files with the inception record of each trusted root. */
  readonly trustPaths: readonly string[];
  /** Files, or folders of files, with policy, schema, credential and status-snapshot records. */
  readonly documentPaths: readonly string[];
  /** Name of the common policy to act under; its record is among the documents. */
  readonly policy: string;
  /** How much the receiver's time is worth; the core's own rules. */
  readonly time: TimeRules;
  readonly place: PlaceProfile;
  readonly offers: readonly StandingOffer[];
  readonly accepts: readonly StandingWish[];
};

export type MeshProfile = {
  /** `embedded` runs a broker inside the agent at `url`: for a bench, or one site. */
  readonly driver: "mqtt" | "embedded";
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly caPath: string | null;
  readonly certPath: string | null;
  readonly keyPath: string | null;
  /** The agent's enrolled key vouches for its connections; `certPath` is then of that key, and there is no key's file. */
  readonly isEnrolled: boolean;
  /** Rings of H3 cells around the own one that are listened to, 0..8. */
  readonly rangeRings: number;
};

export type RadioProfile = DriverChoice & {
  /** From the receiver's antenna to the transmit antenna. */
  readonly offset: { readonly northMm: number; readonly eastMm: number; readonly upMm: number };
};

/** What the operator states of the installation; `PlaceRules` of the core is made of it. */
export type PlaceProfile = {
  readonly speedMmPerS: number;
  readonly climbMmPerS: number;
  /** A position may be so much older than its receipt: the time's own transport bound. */
  readonly transportUs: number;
  /** Stands for error estimates that the receiver does not give; null refuses such fixes. */
  readonly unestimatedErrorMm: number | null;
  /** Oldest fix that this agent still states as its place; policy's holdover may be shorter, and then holds. */
  readonly holdUs: number;
};

/** An offer that the holder issues anew every `refreshUs`, as long as it stands in the profile. */
export type StandingOffer = {
  readonly resource: string;
  /** Name of the commodity's schema; its record is among the documents. */
  readonly commodity: string;
  readonly lowerHz: number;
  readonly upperHz: number;
  /** A simple polygon, 3..120 vertices. */
  readonly area: readonly Vertex[];
  readonly when: OfferedTime;
  readonly limits: readonly PowerLimit[];
  readonly exclusive: boolean;
  readonly price: PriceTerms;
  readonly eligibility: Eligibility;
  /** In order; more than one is the composite rule. */
  readonly rules: readonly RuleId[];
  readonly leaseClass: string;
  /** No acceptance later than this after the issue. */
  readonly endAfterUs: number;
  /** Less than policy's temporal window leaves: an acceptance has to fall into it (PROTOCOL §5). */
  readonly refreshUs: number;
};

/** The block's interval: fixed instants, or counted from each issue. */
export type OfferedTime =
  | { readonly kind: "fixed"; readonly fromUs: number; readonly untilUs: number }
  | { readonly kind: "from-issue"; readonly durationUs: number };

/** What the consumer accepts by itself as soon as an offer fits. */
export type StandingWish = {
  /** Bytewise equal to the offer's, or null for any. At least one of resource and commodity is set. */
  readonly resource: string | null;
  readonly commodity: string | null;
  /** The accepted block lies inside, or null for any. */
  readonly band: { readonly lowerHz: number; readonly upperHz: number } | null;
  /** Width of the accepted block, or null for all that is offered (inside `band`). */
  readonly widthHz: number | null;
  readonly durationUs: number;
  readonly eirpCentiDbm: number;
  /** In the offer's currency, for the whole acceptance; null only takes what is free. */
  readonly priceMax: PriceTerms | null;
  /** Send even where the own check expects a refusal: a bench shows refusals by it. */
  readonly insist: boolean;
};
