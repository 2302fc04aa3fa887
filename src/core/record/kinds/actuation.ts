/** The intention to switch RF on, durable before it happens (PROTOCOL §6). */

import { type Field, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { bootIdentity, bootUs, centiDbm, digest, frequencyHz } from "../shared-fields.ts";
import { type DutyCycle, dutyCycles } from "../spectrum-fields.ts";

export type Emission = {
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  /** What the transmitter is set to keep of its time on the air. */
  readonly dutyCycles: readonly DutyCycle[];
};

export const emission: Field<Emission> = struct<Emission>({
  lowerHz: frequencyHz,
  upperHz: frequencyHz,
  eirpCentiDbm: centiDbm,
  dutyCycles,
});

export type Actuation = {
  readonly artifact: Uint8Array;
  /** The renewal that armed it. */
  readonly renewal: Uint8Array;
  readonly emission: Emission;
  readonly bootId: Uint8Array;
  /** Boot clock at which the guard mutes. */
  readonly deadlineBootUs: number;
};

const body: Field<Actuation> = struct<Actuation>({
  artifact: digest,
  renewal: digest,
  emission,
  bootId: bootIdentity,
  deadlineBootUs: bootUs,
});

export const actuation: Kind<Actuation> = {
  name: "actuation",
  summary: "What the consumer is about to switch on, and the renewal that entitles it.",
  body,
  mayBeNil: MARKET,
};
