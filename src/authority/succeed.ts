/** A common policy takes another one's place: from when on, and until when the other may still be settled under (PROTOCOL §4). */
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Authority, AuthorityView } from "./authority.ts";
import { ofKind } from "./standing.ts";

export type SuccessionGiven = {
  /** First digits of the predecessor's id; null: the policy that the authority wrote last. */
  readonly predecessor: string | null;
  /** From the successor's start to the end of its predecessor, µs. */
  readonly graceUs: number;
};

/**
 * Signs `policy` as the successor. Refuses `policy-unknown-here` for a predecessor that this authority did not write,
 * `policy-start` for one that begins before now or not after its predecessor: agents have to hear of it first.
 */
export async function succeedPolicy(
  authority: Authority,
  policy: Policy,
  { predecessor: digits, graceUs }: SuccessionGiven,
  nowUs: number,
): Promise<Result<RecordOf<"policy">>> {
  const found = predecessorOf(authority.view(), digits);
  if (!found.ok) return found;
  const faults = startFaults(policy, found.value, nowUs);
  if (faults.length > 0) return refuse(...faults);
  const succeeds = { predecessor: found.value.id, endUs: policy.startUs + graceUs };
  return accept(await authority.write({ kind: "policy", body: { ...policy, succeeds } }));
}

function predecessorOf(view: AuthorityView, digits: string | null): Result<RecordOf<"policy">> {
  const own = ofKind(view.lineage.records, "policy");
  const found = digits === null ? own.slice(-1) : own.filter(({ id }) => toHex(id).startsWith(digits));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return accept(only);
  const measured = { predecessor: digits ?? "the latest", policies: found.length };
  return refuse(rejection("policy-unknown-here", "predecessor", measured, { policies: 1 }));
}

function startFaults(policy: Policy, predecessor: RecordOf<"policy">, nowUs: number): readonly Rejection[] {
  const notBefore = Math.max(nowUs, predecessor.body.startUs + 1);
  if (policy.startUs >= notBefore) return [];
  return [rejection("policy-start", "start", { startUs: policy.startUs }, { startUsMin: notBefore })];
}

/** The end of each policy's usable interval as its latest successor states it; null where it has none. */
export function endOfPolicy(view: AuthorityView, { id, header, body }: RecordOf<"policy">): number | null {
  const successor = ofKind(view.records, "policy").findLast(
    (each) =>
      each.body.succeeds !== null &&
      equalBytes(each.body.succeeds.predecessor, id) &&
      equalBytes(each.header.lineage, header.lineage),
  );
  const stated = successor?.body.succeeds?.endUs ?? null;
  if (stated === null || body.endUs === null) return stated ?? body.endUs;
  return Math.min(stated, body.endUs);
}
