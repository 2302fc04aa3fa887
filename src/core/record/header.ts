/** What every payload begins with (PROTOCOL §1 Header). */

import { type Field, integer, nilable, struct } from "./field.ts";
import { type Sealable, sealable } from "./sealed.ts";
import {
  counter,
  digest,
  type PlaceEvidence,
  placeEvidence,
  type TimeEvidence,
  timeEvidence,
} from "./shared-fields.ts";

export type Position = { readonly epoch: number; readonly seq: number };

export type Header = Position & {
  readonly lineage: Uint8Array;
  /** Id of the record before this one in the lineage; 32 zero bytes at the inception. */
  readonly previous: Uint8Array;
  readonly signerKey: Uint8Array;
  readonly suite: number;
  /** The author's credential: the last link of its chain. */
  readonly credential: Uint8Array | null;
  /** The author's latest earlier attestation. */
  readonly attestation: Uint8Array | null;
  /** The common policy that the record is made under. */
  readonly policy: Uint8Array | null;
  readonly rulesVersion: number;
  readonly time: TimeEvidence | null;
  readonly place: Sealable<PlaceEvidence> | null;
};

export const header: Field<Header> = struct<Header>({
  lineage: digest,
  epoch: integer(0, 0xffff_ffff),
  seq: counter,
  previous: digest,
  signerKey: digest,
  suite: integer(1, 255),
  credential: nilable(digest),
  attestation: nilable(digest),
  policy: nilable(digest),
  rulesVersion: integer(1, 65_535),
  time: nilable(timeEvidence),
  place: nilable(sealable(placeEvidence)),
});

/** Header fields that a kind may leave nil; all others it must carry. */
export type NilableHeader = "credential" | "attestation" | "policy" | "time" | "place";
