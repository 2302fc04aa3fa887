/** The list `expectations` of a scenario: what has to hold at an instant, all the time, never, or soon after something. */
import { explainCode } from "../core/base/codes.ts";
import { kindNames } from "../core/record/kinds.ts";
import type { LeasePhase } from "../core/settlement/lease.ts";
import {
  type Complaining,
  choice,
  complain,
  count,
  flag,
  map,
  type Piece,
  printableText,
  read,
  refuse,
  textLeaf,
  word,
} from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { quantity } from "./quantity.ts";
import type { Condition, Expectation, Since } from "./scenario.ts";
import { agentName } from "./scenario-timeline.ts";
import { INVARIANTS } from "./scenario-words.ts";
import { DURATION } from "./units.ts";

const COUNT_MAX = 1_000_000;
const TEXT_MAX = 120;
const ANY = "any";
const PHASES: readonly (LeasePhase | "none")[] = [
  "none",
  "bound",
  "confirmed",
  "effective",
  "terminated",
  "relinquished",
];
const STATES = ["radio", "lease", "ready", "quarantine"] as const;
const COUNTS = ["settled", "refused", "records", "emissions", "broken", "audit"] as const;
const SUBJECTS = [...STATES, ...COUNTS];
/** Seen over all agents, or on none: no agent is to be named. */
const WITHOUT_AGENT: readonly string[] = ["broken", "audit"];

export function expectation(): Piece<Expectation> {
  return map({
    name: printableText(TEXT_MAX, "how a report calls it"),
    expect: condition("holds at `at`, or `within` a duration after `after`").optional(),
    always: condition("holds all the time").optional(),
    never: condition("holds at no time").optional(),
    at: quantity(DURATION, "when `expect` is looked at").optional(),
    within: quantity(DURATION, "how soon after `after` `expect` has to hold", { min: 1 }).optional(),
    from: quantity(DURATION, "begin of `always` or `never`; the start unless told").optional(),
    until: quantity(DURATION, "end of `always` or `never`; the end unless told").optional(),
    after: word(32, "the name of a step or fault: look from there on").optional(),
  }).transform(readExpectation);
}

type Written = {
  readonly name: string;
  readonly expect?: Condition | undefined;
  readonly always?: Condition | undefined;
  readonly never?: Condition | undefined;
  readonly at?: number | undefined;
  readonly within?: number | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly after?: string | undefined;
};

const FORMS = "`expect` with `at`, `expect` with `within` and `after`, `always` or `never`";

function readExpectation(written: Written, context: Complaining): Expectation {
  const { name, expect, always, never, at, within, from, until, after } = written;
  const given = [expect, always, never].filter((each) => each !== undefined);
  const wrong = (key: string, allowed: string): void =>
    complain(context, key === "" ? [] : [key], complaint("fields-conflict", allowed));
  if (given.length !== 1) wrong("", FORMS);
  if (expect === undefined) {
    if (at !== undefined) wrong("at", "`from` and `until`, with `always` and `never`");
    if (within !== undefined) wrong("within", "`within` with `expect` only");
    if (from !== undefined && after !== undefined) wrong("from", "either `from` or `after`");
    if (from !== undefined && until !== undefined && until <= from)
      complain(context, ["until"], complaint("time-impossible", "after `from`"));
    const since: Since =
      after === undefined ? { kind: "at", atUs: from ?? 0 } : { kind: "named", name: after };
    const kind = always === undefined ? "never" : "always";
    return { name, kind, condition: always ?? never ?? NOTHING, since, untilUs: until ?? null };
  }
  for (const key of ["from", "until"] as const) {
    if (written[key] !== undefined) wrong(key, "`at`, or `within` and `after`, with `expect`");
  }
  if (within === undefined) {
    if (after !== undefined) wrong("after", "`within` with `after`");
    if (at === undefined) wrong("", FORMS);
    return { name, kind: "expect", condition: expect, atUs: at ?? 0 };
  }
  if (at !== undefined) wrong("at", "either `at`, or `within` and `after`");
  if (after === undefined) wrong("within", "`after` with `within`");
  return {
    name,
    kind: "within",
    condition: expect,
    withinUs: within,
    since: { kind: "named", name: after ?? "" },
  };
}

/** Stands where a finding already stops the reading. */
const NOTHING: Condition = { agent: "", kind: "emissions", of: "", least: 0, most: null };

function condition(description: string): Piece<Condition> {
  return map(
    {
      agent: agentName("at whom; left out, counted over all").optional(),
      radio: choice(["on", "off"], "what its transmitter does, as the world sees it").optional(),
      lease: choice(PHASES, "phase of its latest lease").optional(),
      ready: flag("it runs, and waits for no port").optional(),
      quarantine: flag("it signs nothing, since its log may be old").optional(),
      settled: word(64, `leases that both sides hold, of this resource, or \`${ANY}\``).optional(),
      refused: codeOrAny("refusals and failures with this id").optional(),
      records: choice(kindNames, "durable records of this kind").optional(),
      emissions: choice([ANY], "how often a radio went on").optional(),
      broken: choice(INVARIANTS, "an invariant that the story breaks").optional(),
      audit: codeOrAny("failed checks of the audit at the end").optional(),
      "at-least": count(0, COUNT_MAX, "of what is counted; 1 unless told").optional(),
      "at-most": count(0, COUNT_MAX, "of what is counted").optional(),
    },
    description,
  ).transform((written, context): Condition => {
    const given = SUBJECTS.filter((key) => written[key] !== undefined);
    const [subject] = given;
    if (subject === undefined || given.length > 1) {
      complain(context, given.slice(1, 2), complaint("fields-conflict", `one of ${SUBJECTS.join(" | ")}`));
      return NOTHING;
    }
    const agent = written.agent ?? "";
    checkAgent(subject, written.agent, context);
    const least = written["at-least"] ?? (written["at-most"] === undefined ? 1 : 0);
    const most = written["at-most"] ?? null;
    if (most !== null && most < least)
      complain(context, ["at-most"], complaint("fields-order", "at least `at-least`"));
    const isState = STATES.some((each) => each === subject);
    for (const key of ["at-least", "at-most"] as const) {
      if (isState && written[key] !== undefined)
        complain(context, [key], complaint("fields-conflict", `with one of ${COUNTS.join(" | ")}`));
    }
    const { radio = "off", lease = "none", ready, quarantine } = written;
    switch (subject) {
      case "radio":
        return { agent, kind: subject, required: radio };
      case "lease":
        return { agent, kind: subject, required: lease };
      case "ready":
      case "quarantine":
        return { agent, kind: subject, required: (subject === "ready" ? ready : quarantine) === true };
      default: {
        const of = written[subject] ?? ANY;
        return { agent, kind: subject, of: of === ANY ? "" : of, least, most };
      }
    }
  });
}

function checkAgent(
  subject: (typeof SUBJECTS)[number],
  agent: string | undefined,
  context: Complaining,
): void {
  if (agent === undefined && STATES.some((each) => each === subject))
    complain(context, ["agent"], complaint("fields-conflict", `the name of an agent, with \`${subject}\``));
  if (agent !== undefined && WITHOUT_AGENT.includes(subject))
    complain(context, ["agent"], complaint("fields-conflict", `no \`agent\` with \`${subject}\``));
}

function codeOrAny(description: string): Piece<string> {
  const allowed = `an id that \`spectrum-agent explain\` knows, or \`${ANY}\``;
  return textLeaf({ description }, allowed, (text) =>
    text === ANY || explainCode(text) !== null ? read(text) : refuse(complaint("field-choice", allowed)),
  );
}
