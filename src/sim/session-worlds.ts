/** Worlds whose policy lets session keys sign what they may, for less time than a world lasts (PROTOCOL §10). */
import type { Policy } from "../core/record/kinds/policy.ts";
import { SESSION_KINDS } from "../core/record/session-rules.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Ground } from "./market.ts";

/** Of 256 worlds. */
const SESSIONS = 100;
const FOR_US_MIN = 15_000_000;
/** To the length, for each step of a byte: up to 66 s. */
const FOR_US_STEP = 200_000;

/** The policy of a world, or the same with session keys. Drawn apart: the other worlds' seeds mean what they meant. */
export function sessionGround({ policy, schema }: Ground, entropy: Entropy): Ground {
  const [drawn = 0, length = 0] = entropy.bytes(2);
  if (drawn >= SESSIONS) return { policy, schema };
  const sessionKeys: Policy["sessionKeys"] = {
    forUs: FOR_US_MIN + length * FOR_US_STEP,
    kinds: SESSION_KINDS,
  };
  return { policy: { ...policy, sessionKeys }, schema };
}
