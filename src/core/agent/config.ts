/** What an agent is started with: its key, trust, rules and wishes. Fixed for one run. */
import type { Primitives } from "../base/primitives.ts";
import type { DeclaredSpectrum } from "../commodity/leakage.ts";
import type { RegisteredIdentifier } from "../record/kinds/credential.ts";
import type { Deadman, Tier } from "../record/shared-fields.ts";
import type { AntennaOffset } from "../window/antenna-offset.ts";
import type { PlaceRules } from "../window/assured-place.ts";
import type { TimeRules } from "../window/assured-time.ts";
import type { OfferCommand } from "./input.ts";

/** The next random bytes; a seeded stream in simulation. */
export type Draw = (length: number) => Uint8Array;

export type OwnKey = {
  readonly suite: number;
  /** 65-byte uncompressed SEC1 point. */
  readonly publicKey: Uint8Array;
  /** Name of the attestation key; null without a TPM. */
  readonly akName: Uint8Array | null;
  readonly tier: Tier;
};

/** What the own radio can do, as far as an acceptance has to state it. */
export type OwnRadio = {
  readonly deadman: Deadman;
  /** `advisory`: the driver can ask but not switch. */
  readonly controls: "transmitter" | "advisory";
  readonly muteLatencyUs: number;
  readonly lowestHz: number;
  readonly highestHz: number;
  readonly powerMaxCentiDbm: number;
  /** What the operator wants to emit at most; block and device may say less. */
  readonly eirpCentiDbm: number;
  /** None: the device declares nothing of it. */
  readonly spectrum?: DeclaredSpectrum;
  /** It keeps those that it is armed with; absent: nothing does. */
  readonly dutyCycles?: "kept";
};

/** A standing wish: an offer that fits it is accepted as soon as it is heard. */
export type Wish = {
  readonly name: string;
  /** Empty: any class, any resource. */
  readonly commodityClass: string;
  readonly resource: string;
  readonly lowestHz: number;
  readonly highestHz: number;
  /** Width and duration to take of a divisible offer; null takes all. */
  readonly widthHz: number | null;
  readonly durationUs: number | null;
  /** 0: only what is free. */
  readonly priceMaxMicroUnits: bigint;
  readonly currency: string;
  /** Send the acceptance even where the own evaluation already refuses: for the bench, to see the other side refuse. */
  readonly insist: boolean;
};

/** An offer that is made anew every `refreshUs`, as long as its block is free. */
export type StandingOffer = {
  readonly name: string;
  /** `block.fromUs` and `untilUs` are taken as they stand, or, with a duration, counted from each issue. */
  readonly offer: OfferCommand;
  readonly durationUs: number | null;
  readonly refreshUs: number;
};

export type AgentConfig = {
  readonly primitives: Primitives;
  readonly draw: Draw;
  readonly owner: string;
  readonly key: OwnKey;
  readonly bootId: Uint8Array;
  /** Lineage ids that chains may end in. */
  readonly roots: readonly Uint8Array[];
  /** Own last links; the first that carries the verb in question is used. */
  readonly credentials: readonly Uint8Array[];
  /** Regulatory identifiers that own settlements state, beside those of the credentials; none: no such. */
  readonly identifiers?: readonly RegisteredIdentifier[];
  /** The common policy that this agent acts under. */
  readonly policy: Uint8Array;
  readonly radio: OwnRadio | null;
  readonly wishes: readonly Wish[];
  readonly standingOffers: readonly StandingOffer[];
  readonly timeRules: TimeRules;
  readonly placeRules: PlaceRules;
  readonly clockDriftPpm: number;
  /** From the receiver's antenna to the transmit antenna; none: they are one. */
  readonly antenna?: AntennaOffset;
  /** Oldest fix that is still stated as one's place; none: policy's holdover alone decides. */
  readonly placeHoldUs?: number;
  /** Refuses simulated and replayed sources at its own gate, whatever the common policy admits. */
  readonly production: boolean;
  /** A TPM counter stands behind the checkpoints. */
  readonly counter: boolean;
};
