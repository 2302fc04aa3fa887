/** Rules by version: what a record was judged by then must still be there to judge it again (DESIGN §3; PROTOCOL §4). */
import type { Primitives } from "../base/primitives.ts";
import { rejection } from "../base/rejection.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import type { Bodies } from "./bodies.ts";
import { requiredIds } from "./candidate.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";

/** The newest one. */
export const RULES_VERSION = 1;

type Rules = typeof evaluate;

/** Version N, and N-1 for as long as anybody may settle by it; older ones stay for those who audit. */
const VERSIONS: ReadonlyMap<number, Rules> = new Map([[RULES_VERSION, evaluate]]);

/** Evaluates under the version that the acceptance picked. */
export const evaluateUnder: Rules = rulesByVersion(VERSIONS);

/** Each pair by its own version's rules, whatever came after them; one that is not here refuses `rules-version`. */
export function rulesByVersion(versions: ReadonlyMap<number, Rules>): Rules {
  return (offer, acceptance, context, bodies, primitives) => {
    const picked = acceptance.body.rulesVersion;
    const rules = versions.get(picked);
    if (rules !== undefined) return remembered(rules, { offer, acceptance, context, bodies, primitives });
    const known = [...versions.keys()].join(" ");
    const measured = { rulesVersion: picked };
    const finding = rejection("rules-version", "acceptance.rulesVersion", measured, { known });
    return { verdict: "refuse", checks: [], findings: [finding] };
  };
}

type Judged = {
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly context: Context;
  readonly bodies: Bodies;
  readonly primitives: Primitives;
};

function remembered(rules: Rules, { offer, acceptance, context, bodies, primitives }: Judged): Evaluation {
  const make = (): Evaluation => rules(offer, acceptance, context, bodies, primitives);
  const { memory } = primitives;
  if (memory === undefined) return make();
  // It may look up what the context and the offer name, and nothing else.
  const named = requiredIds(offer, context).map((id) => bodies.get(id));
  return memory.ofValues(context, [rules, offer, acceptance, ...named], make);
}

/** Those that an offer under a policy with `admitted` versions lists, the newest first; this agent's own where it shares none. */
export function offeredVersions(
  admitted: readonly number[],
  known: readonly number[] = [...VERSIONS.keys()],
): readonly number[] {
  const common = known.filter((each) => admitted.includes(each)).toSorted((a, b) => b - a);
  return common.length > 0 ? common.slice(0, OFFERED_MAX) : [RULES_VERSION];
}

/** The newest that offer, policy and agent share; the agent's own where they share none, which evaluation then refuses. */
export function pickedVersion(
  offered: readonly number[],
  admitted: readonly number[],
  known: readonly number[] = [...VERSIONS.keys()],
): number {
  const common = known.filter((each) => offered.includes(each) && admitted.includes(each));
  return common.length > 0 ? Math.max(...common) : RULES_VERSION;
}

/** As many as an offer's list takes. */
const OFFERED_MAX = 4;
