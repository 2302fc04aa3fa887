/** Worlds in whose middle the common policy changes: announced, begun, and the one before ended, while agents come and go. */
import type { Chance } from "./chance.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import type { Licensing } from "./licensing.ts";
import type { Timeline } from "./timeline.ts";

export type PolicyChangesParts = {
  readonly licensing: Pick<Licensing, "succeed">;
  readonly timeline: Timeline;
  readonly chance: Chance;
};

/** So many worlds see their policy change. */
const CHANGING_PERMILLE = 600;
const FIRST_US_MIN = 8_000_000;
const FIRST_US_MAX = 25_000_000;
/** From the announcement to the begin: who is away for longer hears of it too late. */
const NOTICE_US_MAX = 6_000_000;
/** Shorter than an offer stands, so that pairs under the old policy are still on their way when it ends. */
const GRACE_US_MAX = 2_000_000;
const CHANGES_MAX = 6;

/** Lays the changes of this world down on its timeline; in most worlds there are none. */
export function layPolicyChanges({ licensing, timeline, chance }: PolicyChangesParts): void {
  if (!chance.hits(CHANGING_PERMILLE)) return;
  let atUs = timeline.nowUs();
  for (let i = chance.between(1, CHANGES_MAX); i > 0; i--) {
    atUs += chance.between(FIRST_US_MIN, FIRST_US_MAX);
    const startUs = WORLD_BEGAN_US + atUs + chance.between(1, NOTICE_US_MAX);
    const endUs = startUs + chance.between(0, GRACE_US_MAX);
    timeline.at(atUs, () => licensing.succeed(startUs, endUs));
  }
}
