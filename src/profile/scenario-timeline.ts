/** The lists `steps`, `faults` and `links` of a scenario: what is done, and what goes wrong, at which moment. */
import { PREEMPTION_CAUSES } from "../core/record/kinds/preemption.ts";
import type { KindName } from "../core/record/kinds.ts";
import { kindNames } from "../core/record/kinds.ts";
import {
  type Complaining,
  choice,
  complain,
  flag,
  list,
  map,
  type Piece,
  read,
  refuse,
  textLeaf,
  token,
  word,
} from "./leaf.ts";
import { complaint, didYouMean } from "./profile-error.ts";
import { quantity, velocity } from "./quantity.ts";
import type { Moment, ScenarioFault, ScenarioLink, ScenarioStep } from "./scenario.ts";
import {
  FAULT_KEYS,
  FAULT_NAMES,
  FAULTS,
  type FaultName,
  type FaultWord,
  LATER_VERBS,
  STEP_VERBS,
  type StepVerb,
} from "./scenario-words.ts";
import { DURATION, LENGTH, PERCENT, RATIO } from "./units.ts";

const GROUPS_MAX = 8;
const MEMBERS_MAX = 64;
const NAME_CHARS_MAX = 32;
/** A spoofer does not put anybody on another continent. */
const SPOOF_MM = { min: -100_000_000, max: 100_000_000 };
const HOUR_US = 3_600_000_000;
/** Either way, ppb: a hundred times what a poor oscillator does. */
const SKEW = { ...RATIO, min: -10_000_000, max: 10_000_000 };
const PPB_PER_PPM = 1_000;

export function agentName(description: string): Piece<string> {
  return word(NAME_CHARS_MAX, description);
}

export function scenarioStep(): Piece<ScenarioStep> {
  return map({
    name: word(NAME_CHARS_MAX, "what expectations call it; the verb unless told").optional(),
    ...momentKeys(),
    agent: agentName(
      "who is told; for revoke, whose credential falls; for preempt, whose offers are silenced; for acknowledge, whose lease it is",
    ),
    do: verb(),
    resource: token(
      64,
      "of the offer or the lease; unless told the latest one, for preempt all of them",
    ).optional(),
    insist: flag("accept even where the own check expects a refusal").prefault(false),
    for: quantity(DURATION, "how long a directive stands; left out, without an end", { min: 1 }).optional(),
    cause: choice(PREEMPTION_CAUSES, "what a directive says of its reason; unstated unless told").optional(),
  }).transform((written, context): ScenarioStep => {
    const { agent, do: told, insist } = written;
    if (told === "offer" && written.resource === undefined) {
      const allowed = "`resource` of one of the agent's offers";
      complain(context, ["resource"], complaint("fields-conflict", allowed));
    }
    for (const key of ["for", "cause"] as const) {
      if (told !== "preempt" && written[key] !== undefined)
        complain(context, [key], complaint("fields-conflict", `no \`${key}\` with ${told}`));
    }
    return {
      name: written.name ?? told,
      moment: momentOf(written, context),
      agent,
      verb: told,
      resource: written.resource ?? "",
      insist,
      lastsUs: written.for ?? null,
      cause: written.cause ?? "unstated",
    };
  });
}

function verb(): Piece<StepVerb> {
  const allowed = STEP_VERBS.join(" | ");
  return textLeaf({ description: "what the agent is told", enum: STEP_VERBS }, allowed, (text) => {
    const found = STEP_VERBS.find((each) => each === text);
    if (found !== undefined) return read(found);
    if (LATER_VERBS.includes(text)) {
      return refuse(complaint("step-not-yet", allowed, "its capability is not there yet"));
    }
    return refuse(complaint("field-choice", allowed, didYouMean(text, STEP_VERBS)));
  });
}

export function scenarioFault(): Piece<ScenarioFault> {
  return map({
    name: word(NAME_CHARS_MAX, "what expectations call it; the fault's own name unless told").optional(),
    ...momentKeys(),
    fault: choice(FAULT_NAMES, "what goes wrong"),
    host: agentName("whose; none for faults of the mesh").optional(),
    for: quantity(DURATION, "how long; left out, to the end", { min: 1_000 }).optional(),
    north: quantity(LENGTH, "added to the place; negative is south", SPOOF_MM).optional(),
    east: quantity(LENGTH, "added to the place; negative is west", SPOOF_MM).optional(),
    by: quantity(DURATION, "how far ahead a clock is, or how late something is", { max: HOUR_US }).optional(),
    drift: quantity(SKEW, "how much too fast an oscillator runs; negative is too slow").optional(),
    rate: velocity("how fast the place walks away to the north; negative is to the south").optional(),
    share: quantity(PERCENT, "of the deliveries").optional(),
    groups: list(
      list(agentName("a member"), 1, MEMBERS_MAX),
      2,
      GROUPS_MAX,
      "only members of one group hear each other",
    ).optional(),
    from: agentName("whose disk is copied").optional(),
    taken: quantity(DURATION, "when the backup that is put back was taken").optional(),
  }).transform((written, context): ScenarioFault => {
    const { fault } = written;
    const { strikes, lasts, needs }: FaultWord = FAULTS[fault];
    if ((written.host === undefined) === (strikes === "host")) {
      const told =
        strikes === "host"
          ? complaint("fields-conflict", "the name of an agent")
          : complaint("fields-conflict", `no \`host\`: ${fault} strikes the mesh`);
      complain(context, ["host"], told);
    }
    if (lasts === "once" && written.for !== undefined) {
      complain(context, ["for"], complaint("fields-conflict", `no \`for\`: ${fault} strikes once`));
    }
    checkKeys(fault, needs, written, context);
    return {
      name: written.name ?? fault,
      moment: momentOf(written, context),
      fault,
      host: written.host ?? "",
      from: written.from ?? "",
      lastsUs: written.for ?? null,
      northMm: written.north ?? 0,
      eastMm: written.east ?? 0,
      byUs: written.by ?? 0,
      driftPpm: Math.round((written.drift ?? 0) / PPB_PER_PPM),
      rateMmPerS: written.rate ?? 0,
      takenUs: written.taken ?? 0,
      share: written.share ?? 0,
      groups: written.groups ?? [],
    };
  });
}

/** Offsets may be left out for nothing; everything else that a fault is measured by has to be told. */
function checkKeys(
  fault: FaultName,
  needs: FaultWord["needs"],
  written: Readonly<Record<string, unknown>>,
  context: Complaining,
): void {
  for (const key of FAULT_KEYS) {
    const isThere = written[key] !== undefined;
    if (isThere && !needs.includes(key)) {
      complain(context, [key], complaint("fields-conflict", `no \`${key}\` with ${fault}`));
    }
    const isOffset = fault.startsWith("spoof-");
    if (!isThere && needs.includes(key) && !isOffset) {
      complain(context, [key], complaint("fields-conflict", `\`${key}\` with ${fault}`));
    }
  }
}

export function scenarioLink(): Piece<ScenarioLink> {
  return map({
    between: list(agentName("an end"), 2, 2, "two agents; both ways alike"),
    latency: quantity(DURATION, "beyond the broker's own", { max: HOUR_US }).prefault("0ms"),
    loss: quantity(PERCENT, "of the deliveries").prefault("0%"),
  }).transform(({ between, latency, loss }, context): ScenarioLink => {
    const [one = "", other = ""] = between;
    if (one === other) complain(context, ["between", 1], complaint("field-twice", "another agent"));
    return { between: [one, other], latencyUs: latency, loss };
  });
}

function momentKeys() {
  return {
    at: quantity(DURATION, "from the scenario's start").optional(),
    after: map(
      {
        agent: agentName("at whom"),
        record: choice(kindNames, "the kind of record"),
      },
      "as soon as such a record is durable there for the first time, instead of `at`",
    ).optional(),
  };
}

type WrittenMoment = {
  readonly at?: number | undefined;
  readonly after?: { readonly agent: string; readonly record: KindName } | undefined;
};

function momentOf({ at, after }: WrittenMoment, context: Complaining): Moment {
  if (at !== undefined && after !== undefined) {
    complain(context, ["after"], complaint("fields-conflict", "either `at` or `after`"));
  }
  if (after !== undefined) return { kind: "record", ...after };
  if (at === undefined) complain(context, [], complaint("fields-conflict", "either `at` or `after`"));
  return { kind: "at", atUs: at ?? 0 };
}
