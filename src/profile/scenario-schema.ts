/** A scenario as a file, `schema: spectrum-agent.scenario/1`: every key, and what its parts ask of one another. */
import * as z from "zod";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import { choice, count, freeText, list, map, type Piece, word } from "./leaf.ts";
import { quantity } from "./quantity.ts";
import type { Scenario } from "./scenario.ts";
import { type FindProfile, scenarioAgent } from "./scenario-agent.ts";
import { checkScenario } from "./scenario-checks.ts";
import { expectation } from "./scenario-expectation.ts";
import { scenarioFault, scenarioLink, scenarioStep } from "./scenario-timeline.ts";
import { INVARIANTS } from "./scenario-words.ts";
import { DURATION } from "./units.ts";

export const SCENARIO_SCHEMA = "spectrum-agent.scenario/1";

/** What a scenario names and does not hold: looked up where profiles, policies and commodities are kept. */
export type ScenarioSources = {
  /** It is to run on the drivers that its profiles name: what needs simulation will be skipped, and may stand. */
  readonly onRealDrivers: boolean;
  readonly findProfile: FindProfile;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly commodities: ReadonlyMap<string, Schema>;
};

const ABOUT_MAX = 4_000;
const SEED_MAX = 0xffff_ffff;
const AGENTS_MAX = 64;
const LIST_MAX = 256;
const LINKS_MAX = 512;
const DURATION_US = { min: 1_000_000, max: 86_400_000_000 };

export function scenarioDocument(sources: ScenarioSources): Piece<Scenario> {
  const { findProfile, policies, commodities } = sources;
  return map({
    schema: z.literal(SCENARIO_SCHEMA),
    name: word(64, "what reports call it"),
    about: freeText(ABOUT_MAX, "the story, in a radio engineer's words"),
    seed: count(0, SEED_MAX, "errors, keys and delays follow from it").prefault(1),
    duration: quantity(DURATION, "when it ends", DURATION_US),
    policy: choice([...policies.keys()], "the common policy of all agents"),
    commodity: choice([...commodities.keys()], "what is traded"),
    breaks: list(
      choice(INVARIANTS, "an invariant"),
      0,
      INVARIANTS.length,
      "what a dishonest party of the story breaks on purpose",
    ).prefault([]),
    agents: list(scenarioAgent(findProfile), 1, AGENTS_MAX, "who takes part"),
    links: list(scenarioLink(), 0, LINKS_MAX, "deliveries that are worse than the broker's").prefault([]),
    steps: list(scenarioStep(), 0, LIST_MAX, "what owners tell their agents").prefault([]),
    faults: list(scenarioFault(), 0, LIST_MAX, "what goes wrong").prefault([]),
    expectations: list(expectation(), 1, LIST_MAX, "what has to come of it"),
  }).transform((written, context): Scenario => {
    const { schema: _, duration, policy, commodity, ...parts } = written;
    const scenario = { ...parts, durationUs: duration };
    const found = { policy: policies.get(policy), commodity: commodities.get(commodity) };
    if (found.policy === undefined || found.commodity === undefined) return z.NEVER;
    const whole = { ...scenario, policy: found.policy, commodity: found.commodity };
    checkScenario(whole, sources, context);
    return whole;
  });
}
