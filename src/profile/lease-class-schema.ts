/** A lease class of a common policy: how its leases run, who answers for them, and what has to stand above (PROTOCOL §6). */
import type * as z from "zod";
import { type ClassRules, PLAIN_CLASS } from "../core/policy/plain-class.ts";
import type {
  LeaseClass,
  Oversight,
  PreemptionTerms,
  RequiredIdentifiers,
} from "../core/record/kinds/policy.ts";
import type { Deadman } from "../core/record/shared-fields.ts";
import { type Complaining, choice, complain, map, type Piece, word } from "./leaf.ts";
import { duration, listOf } from "./policy-tables.ts";
import { complaint } from "./profile-error.ts";

const DEADMEN: readonly Deadman[] = ["device", "guard", "none"];

export function leaseClass(): Piece<LeaseClass> {
  return map({ ...runningKeys(), ...rulesKeys() }).transform((written, context): LeaseClass => {
    checkRhythm(written, context);
    checkPromise(written, context);
    const rules = rulesOf(written);
    if (rules.control === "shared" && rules.exclusive === "allowed") {
      const hint = "what nobody controls cannot be let to the exclusion of others";
      complain(context, ["exclusive"], complaint("fields-order", "never, where control is shared", hint));
    }
    return {
      name: written.name,
      ...rules,
      periodUs: written.period,
      reachUs: written.reach,
      snapshotAgeMaxUs: written["snapshot-age-max"],
      holdoverUs: written.holdover,
      deadmen: written.deadmen,
      muteLatencyMaxUs: written["mute-latency-max"],
      verifyWithinUs: written["verify-within"],
      preemption: preemptionOf(written),
    };
  });
}

function runningKeys() {
  const at = (name: string, description: string): Piece<number> =>
    duration(`leaseClasses.${name}`, description);
  return {
    name: word(64, "of the lease class"),
    period: at("periodUs", "between two renewals"),
    reach: at("reachUs", "longest time that one renewal grants"),
    "snapshot-age-max": at("snapshotAgeMaxUs", "oldest status snapshot that is tolerated"),
    holdover: at("holdoverUs", "how long assurance may be below the lease's term"),
    deadmen: listOf(
      "leaseClasses.deadmen",
      choice(DEADMEN, "a deadman"),
      "who may silence a radio whose agent is gone",
    ),
    "mute-latency-max": at("muteLatencyMaxUs", "from order to silence"),
    "verify-within": at("verifyWithinUs", "an actuation not read back by then is muted"),
    "preempt-within": at(
      "preemption.withinUs",
      "without receipt of a directive, silent by then; absent: no promise",
    ).optional(),
    unserved: choice(["refund", "none"], "what becomes of what a directive leaves unserved").optional(),
  };
}

/** All may be left out: then the class says nothing of it, as before there were any. */
function rulesKeys() {
  return {
    control: choice(["licensee", "lessee", "shared"], "who answers for what is on the air").optional(),
    oversight: oversight().optional(),
    "ends-with-licence": choice(
      ["lease", "term"],
      "at the licence's end the lease falls; term: none may be agreed beyond it",
    ).optional(),
    exclusive: choice(["allowed", "never"], "may it be offered to the exclusion of others").optional(),
    identifiers: requiredIdentifiers().optional(),
  };
}

type WrittenRules = z.output<z.ZodObject<ReturnType<typeof rulesKeys>, z.core.$strict>>;

function rulesOf(written: WrittenRules): ClassRules {
  return {
    control: written.control ?? PLAIN_CLASS.control,
    oversight: written.oversight ?? PLAIN_CLASS.oversight,
    endsWithLicence: written["ends-with-licence"] ?? PLAIN_CLASS.endsWithLicence,
    exclusive: written.exclusive ?? PLAIN_CLASS.exclusive,
    identifiers: written.identifiers ?? PLAIN_CLASS.identifiers,
  };
}

function oversight(): Piece<Oversight> {
  return map(
    {
      level: word(64, "of the taxonomy, or above it"),
      duty: choice(["notified", "acknowledged"], "acknowledged: no radio is armed before its record"),
    },
    "who above the parties has to do with each lease",
  );
}

function requiredIdentifiers(): Piece<RequiredIdentifiers> {
  const schemes = (side: "holder" | "consumer"): Piece<readonly string[]> =>
    listOf(
      `leaseClasses.identifiers.${side}`,
      word(64, "a scheme, such as call-sign, frn, fcc-id, lease-id"),
      `schemes that the ${side} has to state`,
    ).prefault([]);
  return map({ holder: schemes("holder"), consumer: schemes("consumer") }, "regulatory identifiers");
}

type Rhythm = { readonly period: number; readonly reach: number };

function checkRhythm({ period, reach }: Rhythm, context: Complaining): void {
  if (period <= 0) complain(context, ["period"], complaint("field-range", "more than 0s"));
  if (reach > period) return;
  const hint = "else every lease falls silent between renewals";
  complain(context, ["reach"], complaint("fields-order", "more than `period`", hint));
}

type Promised = Rhythm & {
  readonly "preempt-within"?: number | undefined;
  readonly unserved?: PreemptionTerms["unserved"] | undefined;
};

function checkPromise(written: Promised, context: Complaining): void {
  const withinUs = written["preempt-within"];
  if (withinUs === undefined) {
    if (written.unserved === undefined) return;
    complain(context, ["unserved"], complaint("fields-conflict", "with `preempt-within` only"));
    return;
  }
  if (written.reach <= withinUs) return;
  const hint = "a renewal outlasts what is promised";
  complain(context, ["reach"], complaint("fields-order", "at most `preempt-within`", hint));
}

function preemptionOf({ "preempt-within": withinUs, unserved = "none" }: Promised): PreemptionTerms | null {
  return withinUs === undefined ? null : { withinUs, unserved };
}
