/** Directives: an authority silences radios inside its own scope and budgets, written only when every receiver would obey (PROTOCOL §7). */
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { directiveFaults } from "../core/preemption/entitlement.ts";
import { exposureOf } from "../core/preemption/exposure.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { PreemptedZone, Preemption } from "../core/record/kinds/preemption.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Authority } from "./authority.ts";
import { chainFrom, ofKind, ownCredential, policyOf } from "./standing.ts";

/** The band, over the whole area of each own box that holds it. */
export type Order = Pick<Preemption, "untilUs" | "cause" | "leasesMax"> & {
  readonly lowerHz: number;
  readonly upperHz: number;
};

const NONCE_BYTES = 16;

/** Refuses `preemption-scope` where no own box holds the band, and whatever a receiver would refuse it for. */
export async function preempt(
  authority: Authority,
  { lowerHz, upperHz, ...rest }: Order,
  nowUs: number,
): Promise<Result<RecordOf<"preemption">>> {
  const view = authority.view();
  const [own, policy] = [ownCredential(view, nowUs), policyOf(view, nowUs)];
  if (!own.ok) return own;
  if (!policy.ok) return policy;
  const zones = zonesOf(own.value.body, { lowerHz, upperHz });
  if (zones.length === 0) {
    const measured = { code: "box-frequency-outside", field: "band" };
    return refuse(rejection("preemption-scope", "preemption.zones", measured, { scope: "inside one box" }));
  }
  const nonce = authority.parts.entropy.bytes(NONCE_BYTES);
  const others = ofKind(view.records, "preemption").map(({ body }) => body);
  const bare: Preemption = { ...rest, zones, issuedUs: nowUs, budgets: [], nonce };
  const body = { ...bare, budgets: exposureOf(own.value.body, bare, others) };
  const what = { kind: "preemption", body, credential: own.value.id } as const;
  const faults = directiveFaults(authority.draft(what), {
    chain: chainFrom(own.value, view),
    roots: view.roots,
    policy: policy.value.body,
    interval: { earliestUs: nowUs, latestUs: nowUs },
    snapshots: ofKind(view.records, "status-snapshot"),
    others,
  });
  return faults.length > 0 ? refuse(...faults) : accept(await authority.write(what));
}

const ZONES_MAX = 8;

function zonesOf(
  { scope }: Credential,
  { lowerHz, upperHz }: Pick<Order, "lowerHz" | "upperHz">,
): readonly PreemptedZone[] {
  return scope
    .filter((box) => box.lowerHz <= lowerHz && upperHz <= box.upperHz && lowerHz < upperHz)
    .map(({ area, commodityClass }) => ({ lowerHz, upperHz, area, commodityClass }))
    .slice(0, ZONES_MAX);
}
