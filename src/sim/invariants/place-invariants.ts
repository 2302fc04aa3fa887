/** Nobody emits from outside the block's area for longer than a place may be old (PROTOCOL §6 Invariant of emission). */
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** A place is held this long without a fix, and then it takes a tick and the mute. */
const NOTICED_US_MAX = 10_000_000 + 3_000_000;

export function placeInvariants(watched: Watched): readonly Invariant[] {
  const name = "on-air-inside-the-area";
  const onAir = new Map<string, string>();
  /** True UTC since when a host is away from its block's area. */
  const away = new Map<string, number>();

  function check(host: string): void {
    const [lease, sinceUs] = [onAir.get(host), away.get(host)];
    if (lease === undefined || sinceUs === undefined || watched.isExempt(host, "time")) return;
    const forUs = watched.utcUs() - sinceUs;
    if (forUs <= NOTICED_US_MAX) return;
    throw new InvariantBroken(name, `${host} was on air ${forUs} us after it had left the area`, [lease]);
  }

  const inside: Invariant = {
    name,
    moved(host, isAway) {
      check(host);
      if (isAway) away.set(host, away.get(host) ?? watched.utcUs());
      else away.delete(host);
    },
    transmitted({ emitter, state, lease }) {
      check(emitter);
      if (state === "on") onAir.set(emitter, lease);
      else onAir.delete(emitter);
    },
    sweep() {
      for (const host of onAir.keys()) check(host);
    },
  };
  return [inside];
}
