/** The admitting side's verdict on a peer, once a peer and policy (PROTOCOL §1 Who appends). */
import type { Rejection } from "../../base/rejection.ts";
import { choice, type Field, list, struct } from "../field.ts";
import { finding } from "../finding-field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type Admission = {
  readonly peer: Uint8Array;
  readonly peerCredential: Uint8Array;
  readonly verdict: "admitted" | "refused";
  readonly findings: readonly Rejection[];
};

const body: Field<Admission> = struct<Admission>({
  peer: digest,
  peerCredential: digest,
  verdict: choice("admitted", "refused"),
  findings: list(finding, 0, 32),
});

export const admission: Kind<Admission> = {
  name: "admission",
  summary: "Whether a peer may take part under a policy, and on which credential.",
  body,
  mayBeNil: DEVICE,
};
