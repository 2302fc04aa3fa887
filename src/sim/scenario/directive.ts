/** What a scenario's root signs where a step has it preempt: silence over what an agent offers, each offer a zone. */
import type { Preemption } from "../../core/record/kinds/preemption.ts";
import type { Scenario, ScenarioStep } from "../../profile/scenario.ts";

/** What the file does not say: the instant of issue, µs UTC, and 16 random bytes. */
type Issue = { readonly issuedUs: number; readonly nonce: Uint8Array };

export function directiveOf(
  { agents, commodity }: Pick<Scenario, "agents" | "commodity">,
  { agent, resource, lastsUs, cause }: ScenarioStep,
  { issuedUs, nonce }: Issue,
): Preemption {
  const { commodityClass } = commodity;
  const offers = agents.find(({ name }) => name === agent)?.profile.offers ?? [];
  const zones = offers
    .filter((each) => resource === "" || each.resource === resource)
    .map(({ lowerHz, upperHz, area }) => ({ lowerHz, upperHz, area, commodityClass }));
  const untilUs = lastsUs === null ? null : issuedUs + lastsUs;
  return { zones, issuedUs, untilUs, cause, leasesMax: null, budgets: [], nonce };
}
