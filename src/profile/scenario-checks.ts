/** What the parts of a scenario ask of one another: names that exist, roles that fit, times that can be, devices that can break. */
import { type Complaining, complain, firstTwice } from "./leaf.ts";
import { type Complaint, complaint, didYouMean, type Path } from "./profile-error.ts";
import type { Expectation, Moment, Scenario, ScenarioAgent, ScenarioFault } from "./scenario.ts";
import { FAULTS, type FaultWord, VERB_ROLES } from "./scenario-words.ts";
import { DURATION, formatQuantity } from "./units.ts";

type Tell = (path: Path, told: Complaint) => void;

/** Every finding at the key that has to be mended. */
export function checkScenario(
  scenario: Scenario,
  { onRealDrivers }: { readonly onRealDrivers: boolean },
  context: Complaining,
): void {
  const tell: Tell = (path, told) => complain(context, path, told);
  checkNames(scenario, tell);
  for (const [i, agent] of scenario.agents.entries()) checkAgent(scenario, agent, i, tell);
  checkSteps(scenario, tell);
  checkFaults(scenario, tell);
  if (!onRealDrivers) checkDevices(scenario, tell);
  checkLinks(scenario, tell);
  checkExpectations(scenario, tell);
}

function checkNames({ agents, steps, faults }: Scenario, tell: Tell): void {
  const twice = firstTwice(agents, ({ name }) => name);
  if (twice >= 0) tell(["agents", twice, "name"], complaint("field-twice", "each name once"));
  const doubled = firstTwice([...steps, ...faults], ({ name }) => name);
  if (doubled < 0) return;
  const list = doubled < steps.length ? "steps" : "faults";
  const i = doubled < steps.length ? doubled : doubled - steps.length;
  tell([list, i], complaint("field-twice", "each name once", "give it a `name` of its own"));
}

function checkAgent({ policy, commodity }: Scenario, agent: ScenarioAgent, i: number, tell: Tell): void {
  const { offers = [], accepts = [] } = agent.profile;
  const classes = policy.leaseClasses.map(({ name }) => name);
  for (const offer of offers) {
    if (offer.commodity !== commodity.name)
      tell(
        ["agents", i, "offers"],
        complaint("field-choice", `offers of ${commodity.name}`, "", offer.commodity),
      );
    if (!classes.includes(offer.leaseClass)) {
      const allowed = `lease classes ${classes.join(" | ")}`;
      tell(["agents", i, "offers"], complaint("field-choice", allowed, "", offer.leaseClass));
    }
  }
  for (const each of accepts) {
    if (each.commodity !== null && each.commodity !== commodity.name)
      tell(
        ["agents", i, "accepts"],
        complaint("field-choice", `wishes for ${commodity.name}`, "", each.commodity),
      );
  }
  const levels = policy.levels.map(({ name }) => name);
  if (!levels.includes(agent.credential.level))
    tell(["agents", i, "credential", "level"], complaint("field-choice", levels.join(" | ")));
  if (agent.role === "holder" && offers.length === 0)
    tell(["agents", i, "offers"], complaint("field-count", "at least 1 entry, for a holder"));
}

function checkSteps({ agents, steps, durationUs }: Scenario, tell: Tell): void {
  for (const [i, step] of steps.entries()) {
    checkMoment(step.moment, ["steps", i], { agents, durationUs }, tell);
    const agent = named(agents, step.agent, ["steps", i, "agent"], tell);
    const role = VERB_ROLES[step.verb];
    if (agent !== null && role !== null && role !== agent.role)
      tell(["steps", i, "do"], complaint("step-unfit", `${step.verb} by a ${role}`, "", `a ${agent.role}`));
    const offered = agent?.profile.offers.map(({ resource }) => resource) ?? [];
    const names = step.verb === "offer" || (step.verb === "preempt" && step.resource !== "");
    if (names && agent !== null && !offered.includes(step.resource))
      tell(
        ["steps", i, "resource"],
        complaint("name-unknown", offered.join(" | ") || "an offer of the agent's"),
      );
  }
}

function checkFaults({ agents, faults, durationUs }: Scenario, tell: Tell): void {
  for (const [i, fault] of faults.entries()) {
    const path = ["faults", i];
    checkMoment(fault.moment, path, { agents, durationUs }, tell);
    const startUs = fault.moment.kind === "at" ? fault.moment.atUs : 0;
    if (fault.lastsUs !== null && startUs < durationUs && startUs + fault.lastsUs > durationUs)
      tell([...path, "for"], impossible(`at most ${time(durationUs - startUs)}, to the end`));
    const { strikes }: FaultWord = FAULTS[fault.fault];
    if (strikes === "host") {
      const host = named(agents, fault.host, [...path, "host"], tell);
      if (host !== null) checkRole(fault, host, path, tell);
    }
    if (fault.moment.kind === "at" && fault.takenUs > 0 && fault.takenUs >= startUs)
      tell([...path, "taken"], impossible(`before ${time(startUs)}, when it is put back`));
    if (fault.from !== "") named(agents, fault.from, [...path, "from"], tell);
    if (fault.from !== "" && fault.from === fault.host)
      tell([...path, "from"], complaint("field-twice", "another agent than the host"));
    for (const [j, group] of fault.groups.entries())
      for (const [k, member] of group.entries()) named(agents, member, [...path, "groups", j, k], tell);
    const twice = firstTwice(fault.groups.flat(), String);
    if (twice >= 0) tell([...path, "groups"], complaint("field-twice", "each agent in one group"));
  }
}

function checkRole({ fault }: ScenarioFault, host: ScenarioAgent, path: Path, tell: Tell): void {
  const { role }: FaultWord = FAULTS[fault];
  if (role !== null && host.role !== role)
    tell([...path, "host"], complaint("step-unfit", `a ${role}`, "", `a ${host.role}`));
}

/** Nothing breaks a real receiver, TPM or transmitter on a timeline. */
function checkDevices({ agents, faults }: Scenario, tell: Tell): void {
  for (const [i, { fault, host }] of faults.entries()) {
    const { device }: FaultWord = FAULTS[fault];
    const struck = agents.find(({ name }) => name === host);
    if (device === null || struck === undefined || !struck.real.includes(device)) continue;
    const driver = struck.profile[device]?.driver ?? "none";
    const allowed = `a host whose \`${device}\` is simulated`;
    tell(["faults", i, "fault"], complaint("device-not-simulated", allowed, "", `${fault} on ${driver}`));
  }
}

function checkLinks({ agents, links }: Scenario, tell: Tell): void {
  for (const [i, { between }] of links.entries())
    for (const [j, name] of between.entries()) named(agents, name, ["links", i, "between", j], tell);
}

function checkExpectations(scenario: Scenario, tell: Tell): void {
  for (const [i, expectation] of scenario.expectations.entries()) {
    const path = ["expectations", i];
    const { condition, kind } = expectation;
    const key = kind === "within" ? "expect" : kind;
    if (condition.agent !== "") named(scenario.agents, condition.agent, [...path, key, "agent"], tell);
    if (condition.kind === "broken" && !scenario.breaks.includes(condition.of))
      tell(
        [...path, key, "broken"],
        complaint("name-unknown", scenario.breaks.join(" | ") || "one of `breaks`"),
      );
    if (condition.kind === "audit" && (kind !== "expect" || expectation.atUs !== scenario.durationUs)) {
      const allowed = `\`expect\` at ${time(scenario.durationUs)}: the audit is made at the end`;
      tell([...path, key, "audit"], complaint("fields-conflict", allowed));
    }
    checkTimes(scenario, expectation, path, tell);
  }
}

function checkTimes(scenario: Scenario, expectation: Expectation, path: Path, tell: Tell): void {
  const { durationUs } = scenario;
  const end = `at most ${time(durationUs)}, when the scenario ends`;
  if (expectation.kind === "expect") {
    if (expectation.atUs > durationUs) tell([...path, "at"], impossible(end));
    return;
  }
  const { since } = expectation;
  const sinceUs = since.kind === "at" ? since.atUs : startOf(scenario, since.name, [...path, "after"], tell);
  if (since.kind === "at" && since.atUs >= durationUs)
    tell([...path, "from"], impossible(`before ${time(durationUs)}`));
  if (expectation.kind === "within") {
    if (sinceUs + expectation.withinUs > durationUs)
      tell([...path, "within"], impossible(`at most ${time(Math.max(0, durationUs - sinceUs))}, to the end`));
    return;
  }
  const { untilUs } = expectation;
  if (untilUs !== null && untilUs > durationUs) tell([...path, "until"], impossible(end));
  else if (untilUs !== null && untilUs <= sinceUs)
    tell([...path, "until"], impossible(`after ${time(sinceUs)}, when it begins`));
}

/** The earliest instant at which the named step or fault can happen. */
function startOf({ steps, faults }: Scenario, name: string, path: Path, tell: Tell): number {
  const entries = [...steps, ...faults];
  const found = entries.find((each) => each.name === name);
  if (found === undefined) {
    const names = entries.map((each) => each.name);
    const allowed = names.length === 0 ? "a step or a fault" : names.join(" | ");
    tell(path, complaint("name-unknown", allowed, didYouMean(name, names)));
  }
  return found?.moment.kind === "at" ? found.moment.atUs : 0;
}

function checkMoment(
  moment: Moment,
  path: Path,
  { agents, durationUs }: Pick<Scenario, "agents" | "durationUs">,
  tell: Tell,
): void {
  if (moment.kind === "record") named(agents, moment.agent, [...path, "after", "agent"], tell);
  else if (moment.atUs >= durationUs)
    tell([...path, "at"], impossible(`before ${time(durationUs)}, when the scenario ends`));
}

function named(agents: readonly ScenarioAgent[], name: string, path: Path, tell: Tell): ScenarioAgent | null {
  const found = agents.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = agents.map((each) => each.name);
  tell(path, complaint("name-unknown", names.join(" | "), didYouMean(name, names)));
  return null;
}

function impossible(allowed: string): Complaint {
  return complaint("time-impossible", allowed);
}

function time(us: number): string {
  return formatQuantity(DURATION, us);
}
