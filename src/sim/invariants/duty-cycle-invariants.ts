/** No window of a duty cycle holds more time on the air than its share, whatever mutes, leases and boots lie in it (PROTOCOL §6). */
import type { DutyCycle } from "../../core/record/spectrum-fields.ts";
import type { Transmission } from "../drivers.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** Instants are true time, µs; `untilUs` null: still on the air. */
type Sent = { readonly began: Transmission; untilUs: number | null };

/** Longer than what any window of these worlds holds. */
const SENT_MAX = 1_024;

export function dutyCycleInvariants({ policy, utcUs }: Watched): readonly Invariant[] {
  const sentBy = new Map<string, Sent[]>();

  const kept: Invariant = {
    name: "on-air-within-duty-cycle",
    transmitted(transmission) {
      if (policy.dutyCycles.length === 0) return;
      const { emitter, state, trueUs } = transmission;
      const sent = sentBy.get(emitter) ?? [];
      sentBy.set(emitter, sent);
      if (state === "on") sent.push({ began: transmission, untilUs: null });
      const last = sent.at(-1);
      if (state === "off" && last !== undefined) last.untilUs = trueUs;
      judge(emitter, trueUs);
      if (sent.length > SENT_MAX) sent.shift();
    },
    sweep() {
      for (const emitter of sentBy.keys()) judge(emitter, utcUs() - WORLD_BEGAN_US);
    },
  };

  function judge(emitter: string, nowUs: number): void {
    for (const each of policy.dutyCycles) judgeOne(emitter, each, nowUs);
  }

  /** A window is fullest at the end of an emission, or now. */
  function judgeOne(emitter: string, dutyCycle: DutyCycle, nowUs: number): void {
    const { windowUs, shareCentiPercent, lowerHz, upperHz } = dutyCycle;
    const fromUs = nowUs - windowUs;
    let onAirUs = 0;
    let lease = "";
    for (const { began, untilUs } of sentBy.get(emitter) ?? []) {
      if (began.lowerHz >= upperHz || began.upperHz <= lowerHz) continue;
      const lastedUs = (untilUs ?? nowUs) - Math.max(began.trueUs, fromUs);
      if (lastedUs <= 0) continue;
      onAirUs += lastedUs;
      lease = began.lease;
    }
    const overUs = onAirUs - Math.floor((windowUs * shareCentiPercent) / 10_000);
    if (overUs <= 0) return;
    const text = `${emitter} was on the air ${overUs} us longer than its share of ${windowUs} us`;
    throw new InvariantBroken(kept.name, text, [lease]);
  }

  return [kept];
}
