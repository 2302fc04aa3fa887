/** What becomes of each delivery of a scenario: links of the file, and faults of the mesh while they last. */
import type { ScenarioFault, ScenarioLink } from "../../profile/scenario.ts";
import type { Chance } from "../chance.ts";

/** How late each copy is, µs: [] loses it. */
type Copies = readonly number[];

type Rule = (from: string, to: string, copies: Copies) => Copies;

export type MeshRules = {
  decide(from: string, to: string): Copies;
  /** Until the result is called. */
  strike(fault: ScenarioFault): () => void;
};

/** What a good network does: deliveries of one instant arrive in any order. */
const LEAST_US = 500;
const JITTER_US = 4_000;
/** 0.01 %. */
const WHOLE = 10_000;

/** `nameOf` turns a client id into an agent's name; an authority's own client has none and belongs to every group. */
export function newMeshRules(
  links: readonly ScenarioLink[],
  chance: Chance,
  nameOf: (clientId: string) => string,
): MeshRules {
  const rules = new Set<Rule>(links.map((link) => linkRule(link, chance)));
  return {
    decide(from, to) {
      let copies: Copies = [LEAST_US + chance.below(JITTER_US)];
      for (const rule of rules) copies = rule(nameOf(from), nameOf(to), copies);
      return copies;
    },
    strike(fault) {
      const rule = faultRule(fault, chance);
      rules.add(rule);
      return () => void rules.delete(rule);
    },
  };
}

function linkRule({ between, latencyUs, loss }: ScenarioLink, chance: Chance): Rule {
  return (from, to, copies) => {
    if (!between.includes(from) || !between.includes(to) || from === to) return copies;
    return chance.below(WHOLE) < loss ? [] : copies.map((each) => each + latencyUs);
  };
}

function faultRule({ fault, share, byUs, groups }: ScenarioFault, chance: Chance): Rule {
  const isHit = (): boolean => chance.below(WHOLE) < share;
  switch (fault) {
    case "partition":
      return (from, to, copies) => (areParted(groups, from, to) ? [] : copies);
    case "loss":
      return (_from, _to, copies) => (isHit() ? [] : copies);
    case "replay":
      return (_from, _to, copies) => (isHit() ? [...copies, ...copies] : copies);
    case "late":
      return (_from, _to, copies) => copies.map((each) => each + chance.below(byUs + 1));
    default:
      return (_from, _to, copies) => copies;
  }
}

/** Who is in no group is a group of its own. */
function areParted(groups: readonly (readonly string[])[], from: string, to: string): boolean {
  if (from === "" || to === "" || from === to) return false;
  const group = groups.find((each) => each.includes(from));
  return group === undefined || !group.includes(to);
}
