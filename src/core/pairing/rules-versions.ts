/** Rules by version: what a record was judged by then must still be there to judge it again (DESIGN §3). */
import type { Primitives } from "../base/primitives.ts";
import { rejection } from "../base/rejection.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import type { Bodies } from "./bodies.ts";
import { requiredIds } from "./candidate.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";

export const RULES_VERSION = 1;

const versions: ReadonlyMap<number, typeof evaluate> = new Map([[1, evaluate]]);

/** Evaluates under the version that the acceptance picked. */
export function evaluateUnder(
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  context: Context,
  bodies: Bodies,
  primitives: Primitives,
): Evaluation {
  const picked = acceptance.body.rulesVersion;
  const rules = versions.get(picked);
  if (rules !== undefined) {
    const make = (): Evaluation => rules(offer, acceptance, context, bodies, primitives);
    const { memory } = primitives;
    if (memory === undefined) return make();
    // It may look up what the context and the offer name, and nothing else.
    const named = requiredIds(offer, context).map((id) => bodies.get(id));
    return memory.ofValues(context, [rules, offer, acceptance, ...named], make);
  }
  const known = [...versions.keys()].join(" ");
  const finding = rejection("rules-version", "acceptance.rulesVersion", { rulesVersion: picked }, { known });
  return { verdict: "refuse", checks: [], findings: [finding] };
}
