/** The registry of record kinds: one file in `kinds/` and one line here add a kind. */
import type { Kind } from "./kind.ts";
import { type Acceptance, acceptance } from "./kinds/acceptance.ts";
import { type Acknowledgement, acknowledgement } from "./kinds/acknowledgement.ts";
import { type Actuation, actuation } from "./kinds/actuation.ts";
import { type ActuationOutcome, actuationOutcome } from "./kinds/actuation-outcome.ts";
import { type Admission, admission } from "./kinds/admission.ts";
import { type Attestation, attestation } from "./kinds/attestation.ts";
import { type Checkpoint, checkpoint } from "./kinds/checkpoint.ts";
import { type Credential, credential } from "./kinds/credential.ts";
import { type Deferral, deferral } from "./kinds/deferral.ts";
import { type KeyEvent, keyEvent } from "./kinds/key-event.ts";
import { type KeyRotation, keyRotation } from "./kinds/key-rotation.ts";
import { type LeaseState, leaseState } from "./kinds/lease-state.ts";
import { type LeaseTermination, leaseTermination } from "./kinds/lease-termination.ts";
import { type Offer, offer } from "./kinds/offer.ts";
import { type Outage, outage } from "./kinds/outage.ts";
import { type Policy, policy } from "./kinds/policy.ts";
import { type Preemption, preemption } from "./kinds/preemption.ts";
import { type QuarantineEnd, quarantineEnd } from "./kinds/quarantine-end.ts";
import { type Recognition, recognition } from "./kinds/recognition.ts";
import { type RejectionBody, rejectionKind } from "./kinds/rejection.ts";
import { type Relinquishment, relinquishment } from "./kinds/relinquishment.ts";
import { type Renewal, renewal } from "./kinds/renewal.ts";
import { type RenewalRequest, renewalRequest } from "./kinds/renewal-request.ts";
import { type Resumption, resumption } from "./kinds/resumption.ts";
import { type Schema, schema } from "./kinds/schema.ts";
import { type SessionKey, sessionKey } from "./kinds/session-key.ts";
import { type Settlement, settlement } from "./kinds/settlement.ts";
import { type StatusSnapshot, statusSnapshot } from "./kinds/status-snapshot.ts";
import { type Suspension, suspension } from "./kinds/suspension.ts";
import { type ThresholdInception, thresholdInception } from "./kinds/threshold-inception.ts";
import { type TimeFault, timeFault } from "./kinds/time-fault.ts";
import { type Withdrawal, withdrawal } from "./kinds/withdrawal.ts";

export type Bodies = {
  readonly "key-event": KeyEvent;
  readonly "threshold-inception": ThresholdInception;
  readonly "key-rotation": KeyRotation;
  readonly "session-key": SessionKey;
  readonly schema: Schema;
  readonly policy: Policy;
  readonly credential: Credential;
  readonly "status-snapshot": StatusSnapshot;
  readonly recognition: Recognition;
  readonly admission: Admission;
  readonly attestation: Attestation;
  readonly offer: Offer;
  readonly withdrawal: Withdrawal;
  readonly acceptance: Acceptance;
  readonly settlement: Settlement;
  readonly rejection: RejectionBody;
  readonly deferral: Deferral;
  readonly suspension: Suspension;
  readonly resumption: Resumption;
  readonly "renewal-request": RenewalRequest;
  readonly renewal: Renewal;
  readonly "lease-termination": LeaseTermination;
  readonly relinquishment: Relinquishment;
  readonly preemption: Preemption;
  readonly "lease-state": LeaseState;
  readonly acknowledgement: Acknowledgement;
  readonly actuation: Actuation;
  readonly "actuation-outcome": ActuationOutcome;
  readonly checkpoint: Checkpoint;
  readonly "time-fault": TimeFault;
  readonly outage: Outage;
  readonly "quarantine-end": QuarantineEnd;
};

export type KindName = keyof Bodies;

export const kinds: { readonly [K in KindName]: Kind<Bodies[K]> } = {
  "key-event": keyEvent,
  "threshold-inception": thresholdInception,
  "key-rotation": keyRotation,
  "session-key": sessionKey,
  schema,
  policy,
  credential,
  "status-snapshot": statusSnapshot,
  recognition,
  admission,
  attestation,
  offer,
  withdrawal,
  acceptance,
  settlement,
  rejection: rejectionKind,
  deferral,
  suspension,
  resumption,
  "renewal-request": renewalRequest,
  renewal,
  "lease-termination": leaseTermination,
  relinquishment,
  preemption,
  "lease-state": leaseState,
  acknowledgement,
  actuation,
  "actuation-outcome": actuationOutcome,
  checkpoint,
  "time-fault": timeFault,
  outage,
  "quarantine-end": quarantineEnd,
};

export const kindNames: readonly KindName[] = Object.keys(kinds) as KindName[];

/** Kinds whose names are kept for capabilities that come later (PROTOCOL §1, §10). They are refused today. */
export const reservedKinds: readonly string[] = [
  "revocation",
  "installation",
  "sensing-report",
  "discovery",
  "tender",
  "commitment",
  "counter-offer",
  "fulfilment",
  "meter",
  "cosignature",
  "fork-proof",
  "recovery",
  "dispute",
  "audit-access",
];
