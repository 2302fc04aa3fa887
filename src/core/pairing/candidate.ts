/** What evaluation works on: the pair, its context, and the records that they name, looked up once. */
import { type Chain, chainOf } from "../authority/chain.ts";
import { type Recogniser, recogniserOf } from "../authority/recognition.ts";
import { idText, toHex } from "../base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { Schema } from "../record/kinds/schema.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { KindName } from "../record/kinds.ts";
import type { RecordOf } from "../record/record.ts";
import { type Bodies, bodyOf } from "./bodies.ts";

/** A third party's word on one side, with the chain that it stands on. */
export type Corroboration = { readonly admission: RecordOf<"admission">; readonly chain: Chain };

export type Candidate = {
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly context: Context;
  readonly policy: Policy;
  readonly schema: Schema;
  readonly sellerChain: Chain;
  readonly buyerChain: Chain;
  /** Of each recognition in the context, in its order. */
  readonly recognisers: readonly Recogniser[];
  readonly snapshots: readonly RecordOf<"status-snapshot">[];
  readonly attestations: readonly RecordOf<"attestation">[];
  readonly corroborations: readonly Corroboration[];
};

/** All ids that must be at hand before a pair can be evaluated: those in C, and the two that the offer names. */
export function requiredIds(offer: RecordOf<"offer">, context: Context): readonly Uint8Array[] {
  const policy = offer.header.policy === null ? [] : [offer.header.policy];
  return [
    ...policy,
    offer.body.schema,
    ...context.recognitions,
    ...context.credentials,
    ...context.snapshots,
    ...context.attestations,
    ...context.corroborations,
    ...context.reputations,
  ];
}

/** Peer-controlled ids; a missing or wrong-kind body is the gate's refusal `context-incomplete`, never another artifact. */
export function assemble(
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  context: Context,
  bodies: Bodies,
): Result<Candidate> {
  const missing: Rejection[] = [];
  const find = <K extends KindName>(
    kind: K,
    id: Uint8Array | null,
    field: string,
  ): RecordOf<K> | undefined => {
    const found = id === null ? undefined : bodyOf(bodies, kind, id);
    if (found === undefined) {
      missing.push(rejection("context-incomplete", field, { id: id === null ? "nil" : toHex(id) }, { kind }));
    }
    return found;
  };
  const all = <K extends KindName>(kind: K, ids: readonly Uint8Array[], field: string): RecordOf<K>[] =>
    ids.map((id) => find(kind, id, field)).filter((each) => each !== undefined);

  const policy = find("policy", offer.header.policy, "offer.policy");
  const schema = find("schema", offer.body.schema, "offer.schema");
  all("credential", context.credentials, "context.credentials");
  const snapshots = all("status-snapshot", context.snapshots, "context.snapshots");
  const attestations = all("attestation", context.attestations, "context.attestations");
  const admissions = all("admission", context.corroborations, "context.corroborations");
  const recognitions = all("recognition", context.recognitions, "context.recognitions");
  for (const id of context.reputations) {
    if (bodies.get(id) !== undefined) continue;
    missing.push(rejection("context-incomplete", "context.reputations", { id: toHex(id) }, { kind: "any" }));
  }
  if (missing.length > 0 || policy === undefined || schema === undefined) return refuse(...missing);
  const named = onlyNamed(bodies, context.credentials);
  return accept({
    offer,
    acceptance,
    context,
    policy: policy.body,
    schema: schema.body,
    sellerChain: chainOf(offer.header.credential, named),
    buyerChain: chainOf(acceptance.header.credential, named),
    recognisers: recognitions.map((each) => recogniserOf(each, named)),
    snapshots,
    attestations,
    corroborations: admissions.map((admission) => ({
      admission,
      chain: chainOf(admission.header.credential, named),
    })),
  });
}

/** A chain may only be followed through what C names, or evaluation would depend on what else a side happens to hold. */
function onlyNamed(bodies: Bodies, ids: readonly Uint8Array[]): Bodies {
  const named = new Set(ids.map(idText));
  return { get: (id) => (named.has(idText(id)) ? bodies.get(id) : undefined) };
}
