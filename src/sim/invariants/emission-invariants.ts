/** No emission outside a settled lease, and silence by its transmit expiry (PROTOCOL §6). */
import type { Transmission } from "../drivers.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import type { Ledger, LedgerLease } from "../ledger.ts";
import { collides } from "./collision.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

type OnAir = { readonly began: Transmission; readonly lease: LedgerLease };

export function emissionInvariants(watched: Watched): readonly Invariant[] {
  const { ledger, utcUs } = watched;
  const onAir = new Map<string, OnAir>();

  const settled: Invariant = {
    name: "rf-only-inside-a-lease",
    transmitted(transmission) {
      const { emitter, state, cause } = transmission;
      if (state === "off") {
        onAir.delete(emitter);
        return;
      }
      const fault = whyNot(ledger, transmission) ?? beforeItsGrant(watched, transmission);
      if (fault !== null)
        throw new InvariantBroken(settled.name, `${emitter}: ${fault}`, [transmission.lease, cause]);
      const lease = ledger.leases.get(transmission.lease);
      if (lease !== undefined) onAir.set(emitter, { began: transmission, lease });
    },
  };

  const expiry: Invariant = {
    name: "silent-by-transmit-expiry",
    transmitted({ emitter, state, trueUs }) {
      if (state === "on") return;
      const standing = onAir.get(emitter);
      if (standing !== undefined) check(standing, WORLD_BEGAN_US + trueUs);
    },
    sweep() {
      for (const standing of onAir.values()) check(standing, utcUs());
    },
  };

  /** By the boot clocks' bound too, which no receiver's lie moves. */
  function check({ lease, began }: OnAir, nowUs: number): void {
    const overUs = nowUs - lease.entitledUntilUs;
    if (overUs <= 0 || watched.isExempt(began.emitter, "speed")) return;
    const lied = watched.isExempt(began.emitter, "time") && nowUs <= lease.bootBoundUs;
    if (lied) return;
    const text = `${began.emitter} was on ${overUs} us after the last renewal had run out`;
    throw new InvariantBroken(expiry.name, text, [lease.artifact]);
  }

  const alone: Invariant = {
    name: "one-emission-a-block",
    transmitted({ emitter, state, lease: artifact }) {
      if (state === "off") return;
      const mine = ledger.leases.get(artifact);
      if (mine === undefined || !mine.block.exclusive) return;
      for (const [other, { lease }] of onAir) {
        if (other === emitter || !collides(mine.block, lease.block, 0)) continue;
        if (isExcused(mine, watched) || isExcused(lease, watched)) continue;
        throw new InvariantBroken(alone.name, `${emitter} and ${other} are on in one exclusive block`, [
          artifact,
          lease.artifact,
        ]);
      }
    },
  };

  // `alone` and `expiry` look at what was on before `settled` notes the change.
  return [alone, expiry, settled];
}

/** Some party's oscillator was off, or its receiver lied of the instant at which the grant begins and ends. */
function isExcused({ holder, holderSeq, consumer }: LedgerLease, watched: Watched): boolean {
  // One that sells twice costs its buyers this block, until the last renewal that each of them has runs out.
  if (holder !== null && watched.isDishonest(holder)) return true;
  // Its holder's disk lost it: `block-let-once` says for how long that may go unnoticed.
  if (holder !== null && holderSeq === null) return true;
  const parties = holder === null ? [consumer] : [holder, consumer];
  return parties.some((each) => watched.isExempt(each, "speed") || watched.isExempt(each, "time"));
}

/** Why this emission is entitled by nothing, or null. */
function whyNot(
  ledger: Ledger,
  { emitter, lease: artifact, cause, lowerHz, upperHz, eirpCentiDbm }: Transmission,
): string | null {
  const lease = ledger.leases.get(artifact);
  if (lease === undefined) return "RF of an artifact that nobody settled";
  if (lease.holder === null) return "RF of an artifact that the holder's log lacks";
  if (lease.consumer !== emitter) return `RF of ${lease.consumer}'s artifact`;
  if (!lease.held) return "RF before the consumer's settlement was durable";
  if (lease.relinquished) return "RF after the relinquishment was durable";
  const actuation = ledger.actuations.get(cause);
  if (actuation?.host !== emitter) return "RF before its actuation was durable";
  if (!lease.renewals.has(actuation.renewal)) return "RF by a renewal that the holder did not sign";
  if (lowerHz < lease.block.lowerHz || upperHz > lease.block.upperHz) return "RF outside the block";
  // Limits of these worlds are EIRP over the whole carrier.
  if (lease.block.limits.some(({ centiDbm }) => eirpCentiDbm > centiDbm)) return "RF louder than the block";
  return null;
}

function beforeItsGrant(
  { ledger, isExempt }: Watched,
  { emitter, lease, trueUs }: Transmission,
): string | null {
  const fromUs = ledger.leases.get(lease)?.block.fromUs ?? 0;
  if (WORLD_BEGAN_US + trueUs >= fromUs || isExempt(emitter, "time") || isExempt(emitter, "speed"))
    return null;
  return "RF before the grant begins";
}
