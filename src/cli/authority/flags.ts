/** Flags of the authority's commands, read as the same words in a file are. */
import type { KeyPlan } from "../../authority/key-sets.ts";
import { SUITE_ED25519, SUITE_ES256 } from "../../core/base/primitives.ts";
import type { Verb } from "../../core/record/kinds/credential.ts";
import { limits } from "../../core/wire/limits.ts";
import { type FlagRead, readDuration, readInstant } from "../../profile/flag-quantity.ts";
import { type GrantGiven, VERBS } from "../../profile/grant-schema.ts";
import { exitCodes } from "../command.ts";
import { fail } from "../output.ts";
import { wholeNumber } from "../whole-number.ts";

export type GrantFlags = {
  readonly level?: string;
  readonly verbs?: readonly string[];
  readonly class?: readonly string[];
  readonly exclusive?: boolean;
  readonly depth?: string;
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
};

/** Null after a failure with exit 2. */
export function grantGiven(flags: GrantFlags): GrantGiven | null {
  const depth = flags.depth === undefined ? undefined : wholeNumber("depth", flags.depth, 0, DEPTH_MAX);
  const from = flags.from === undefined ? undefined : flagValue("from", flags.from, readInstant);
  const until = flags.until === undefined ? undefined : flagValue("until", flags.until, readInstant);
  const duration = flags.for === undefined ? undefined : flagValue("for", flags.for, readDuration);
  const verbs = flags.verbs?.map(verbOf);
  if (depth === null || from === null || until === null || duration === null) return null;
  if (verbs?.some((verb) => verb === null) === true) return null;
  if (until !== undefined && duration !== undefined) {
    usage("--until and --for exclude one another");
    return null;
  }
  return {
    level: flags.level,
    verbs: verbs?.filter((verb) => verb !== null),
    eligibilityClasses: flags.class,
    exclusive: flags.exclusive,
    depthLeft: depth,
    fromUs: from,
    end:
      until !== undefined
        ? { kind: "instant", untilUs: until }
        : duration !== undefined
          ? { kind: "duration", durationUs: duration }
          : undefined,
  };
}

const DEPTH_MAX = limits.CHAIN_LINKS_MAX - 1;

function verbOf(text: string): Verb | null {
  const found = VERBS.find((verb) => verb === text);
  if (found === undefined) usage(`--verbs ${text} is none of ${VERBS.join(", ")}`);
  return found ?? null;
}

/** Null after a failure with exit 2. */
export function flagValue(name: string, text: string, read: (text: string) => FlagRead): number | null {
  const found = read(text);
  if (found.ok) return found.value;
  usage(`--${name} ${text}: allowed ${found.allowed}`);
  return null;
}

export type KeyFlags = { readonly keys?: string; readonly threshold?: string; readonly suite?: string };

const SUITES: Readonly<Record<string, number>> = { p256: SUITE_ES256, ed25519: SUITE_ED25519 };

/** Null after a failure with exit 2. One key of P-256, and all keys sign, unless told. */
export function keyPlan({ keys = "1", threshold, suite = "p256" }: KeyFlags): KeyPlan | null {
  const count = wholeNumber("keys", keys, 1, limits.SIGNATURES_MAX);
  if (count === null) return null;
  const needed = wholeNumber("threshold", threshold ?? String(count), 1, count);
  const number = SUITES[suite];
  if (number === undefined) usage(`--suite ${suite} is none of ${Object.keys(SUITES).join(", ")}`);
  return needed === null || number === undefined ? null : { keys: count, threshold: needed, suite: number };
}

export function usage(message: string): void {
  fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
}
