/** Nobody settles a pair under a policy outside its usable interval, as far as it had heard of it (PROTOCOL §4 Common policy). */
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** Heard of so long before the interval that the settlement's context claims: neither side decides before that interval. */
const HEARD_BEFORE_US = 500_000;

type Named = { readonly policy: string; readonly fromUs: number };

export function policyInvariants(watched: Watched): readonly Invariant[] {
  const name = "policy-usable";
  const { register } = watched;
  const offers = new Map<string, Named>();
  /** True UTC since when a host is known to hold a policy's record, by host and id. */
  const heardUs = new Map<string, number>();

  function listen(host: string): void {
    const known = watched.agentOf(host)?.volatile.known;
    for (const { id } of register.policies()) {
      const key = `${host} ${toHex(id)}`;
      if (!heardUs.has(key) && known?.get(id) !== undefined) heardUs.set(key, watched.utcUs());
    }
  }

  function checkSettlement(host: string, { id, body }: RecordOf<"settlement">): void {
    const offer = offers.get(toHex(body.offer));
    const { latestUs } = body.context.interval;
    for (const successor of register.policies()) {
      const { succeeds, startUs } = successor.body;
      const about = [toHex(id), toHex(successor.id)];
      if (offer?.policy === toHex(successor.id) && offer.fromUs < startUs)
        throw new InvariantBroken(name, `${host} settled under a policy before its start`, about);
      if (succeeds === null || offer?.policy !== toHex(succeeds.predecessor) || latestUs < succeeds.endUs)
        continue;
      const sinceUs = heardUs.get(`${host} ${toHex(successor.id)}`) ?? Number.POSITIVE_INFINITY;
      const isNews = sinceUs > body.context.interval.earliestUs - HEARD_BEFORE_US;
      if (isNews || watched.isExempt(host, "time")) continue;
      const overUs = latestUs - succeeds.endUs;
      throw new InvariantBroken(name, `${host} settled ${overUs} us after its policy's end`, about);
    }
  }

  const usable: Invariant = {
    name,
    appended(host, record: AnyRecord) {
      if (record.kind === "offer") {
        const { policy, time } = record.header;
        const policyId = policy === null ? "" : toHex(policy);
        offers.set(toHex(record.id), { policy: policyId, fromUs: time?.earliestUs ?? 0 });
      }
      if (record.kind === "settlement") checkSettlement(host, record);
      listen(host);
    },
    sweep() {
      for (const host of watched.running().keys()) listen(host);
    },
  };
  return [usable];
}
