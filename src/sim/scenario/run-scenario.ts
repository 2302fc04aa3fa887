/** Runs one scenario from its first instant to its end: production agents, every invariant, the file's expectations. */
import type { Moment, Scenario, ScenarioFault, ScenarioStep } from "../../profile/scenario.ts";
import type { SimDiskImage } from "../drivers.ts";
import type { Breach } from "../witness.ts";
import { gatherScenario, type ScenarioEvidence } from "./evidence.ts";
import { type Judge, newJudge } from "./judge.ts";
import { order } from "./orders.ts";
import type { ScenarioReport } from "./report.ts";
import { Stage, type StageParts } from "./stage.ts";
import { strike } from "./strikes.ts";
import type { Happening } from "./trace.ts";

export type ScenarioRunParts = StageParts & {
  /** Called between slices of the timeline; resolves when the next one may begin. */
  readonly pace: (nowUs: number) => Promise<void>;
  /** Asked after each event; true ends the story there: what is open by then is not judged. */
  readonly isInterrupted: () => boolean;
  /** Calls back with what an agent threw where nobody awaits it; the result ends that. */
  readonly onDefect: (tell: (error: unknown) => void) => () => void;
};

const SLICE_US = 100_000;
const SWEEP_EVERY_EVENTS = 256;

export async function runScenario(
  scenario: Scenario,
  seed: number,
  parts: ScenarioRunParts,
): Promise<ScenarioReport> {
  const run = new Run(scenario, seed, parts);
  const stop = parts.onDefect((error) => run.stage.witness.fail(error));
  let evidence: ScenarioEvidence | null = null;
  try {
    await run.play();
    evidence = await gatherScenario(run.stage);
  } catch (error) {
    run.stage.witness.fail(error);
  } finally {
    stop();
  }
  return run.report(evidence);
}

class Run {
  readonly stage: Stage;
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #parts: ScenarioRunParts;
  readonly #judge: Judge;
  readonly #backups = new Map<string, SimDiskImage>();
  #sweptAt = 0;
  #isInterrupted = false;
  /** Up to the end: what ending the processes brings about is no part of the story. */
  #happenings: readonly Happening[] = [];

  constructor(scenario: Scenario, seed: number, parts: ScenarioRunParts) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#parts = parts;
    const stage = new Stage(scenario, seed, parts);
    this.stage = stage;
    const { hosts, trace } = stage;
    this.#judge = newJudge({
      ...scenario,
      hosts,
      trace,
      unwatched: [],
      nowUs: () => stage.nowUs(),
      at: (atUs, act) => stage.at(atUs, act),
    });
  }

  async play(): Promise<void> {
    const { stage } = this;
    const { steps, faults, durationUs } = this.#scenario;
    await stage.set();
    for (const step of steps) this.#when(step.moment, () => this.#take(step));
    for (const fault of faults) {
      if (fault.fault === "backup-put-back") stage.at(fault.takenUs, () => this.#backUp(fault));
      this.#when(fault.moment, () => this.#strike(fault));
    }
    while (stage.nowUs() < durationUs && !this.#isCutShort()) {
      const until = Math.min(stage.nowUs() + SLICE_US, durationUs);
      await stage.timeline.run(until - stage.nowUs() + stage.timeline.nowUs(), () => this.#watch());
      await this.#parts.pace(stage.nowUs());
    }
    stage.witness.sweep();
    this.#isInterrupted = stage.nowUs() < durationUs && this.#parts.isInterrupted();
    this.#close();
    this.#happenings = [...stage.trace.happenings];
  }

  #when(moment: Moment, act: () => void): void {
    if (moment.kind === "at") this.stage.at(moment.atUs, act);
    else this.stage.trace.onRecord(moment.agent, moment.record, () => this.stage.at(this.stage.nowUs(), act));
  }

  #backUp({ name, host }: ScenarioFault): void {
    const disk = this.stage.hosts.get(host)?.machine.disk;
    if (disk !== undefined && !this.#backups.has(name)) this.#backups.set(name, disk.image());
  }

  #take(step: ScenarioStep): void {
    const { hosts, licence, trace } = this.stage;
    const host = hosts.get(step.agent);
    if (host === undefined) return;
    const { name, agent } = step;
    trace.add({ agent, what: "step", text: name });
    this.#judge.happened(name);
    void order(step, { host, root: licence }).then((outcome) => {
      for (const { code } of outcome) trace.failed(agent, code);
    });
  }

  #strike(fault: ScenarioFault): void {
    const { hosts, world, timeline, rules, trace, witness } = this.stage;
    const mend = strike(fault, {
      hosts,
      broker: world.broker,
      timeline,
      rules,
      harm: witness.harms,
      draw: this.stage.draw,
      backups: this.#backups,
    });
    const { name, host: agent, lastsUs } = fault;
    trace.add({ agent, what: "fault", text: name });
    this.#judge.happened(name);
    if (mend === null || lastsUs === null) return;
    timeline.at(timeline.nowUs() + lastsUs, () => {
      mend();
      trace.add({ agent, what: "mended", text: name });
    });
  }

  #watch(): boolean {
    const { timeline, witness } = this.stage;
    if (timeline.events() - this.#sweptAt >= SWEEP_EVERY_EVENTS) {
      this.#sweptAt = timeline.events();
      witness.sweep();
    }
    this.#judge.look();
    return this.#isCutShort();
  }

  #isCutShort(): boolean {
    return this.stage.witness.breach() !== null || this.#parts.isInterrupted();
  }

  /** Whoever ends a story early leaves open what lay ahead. */
  #close(): void {
    const breach = this.stage.witness.breach();
    if (breach !== null) this.#judge.part(`not reached: ${breach.invariant} broke`);
    else if (this.#isInterrupted) this.#judge.part("not reached: the run was interrupted");
    this.#judge.close();
  }

  /** At a time of the scenario: its hosts had run a while before it began. */
  #breach(): Breach | null {
    const { stage } = this;
    const found = stage.witness.breach();
    if (found === null) return null;
    return { ...found, atUs: Math.max(0, found.atUs - (stage.timeline.nowUs() - stage.nowUs())) };
  }

  report(evidence: ScenarioEvidence | null): ScenarioReport {
    const { witness, timeline, trace } = this.stage;
    // What ended a run while its logs were read, or before anything happened, keeps the audit from being one.
    this.#close();
    const failed = evidence?.verdict.checks.filter(({ result }) => result === "failed") ?? [];
    for (const { code } of failed) trace.audited(code);
    const results = this.#judge.results();
    const breach = this.#breach();
    return {
      name: this.#scenario.name,
      drivers: "simulated",
      seed: this.#seed,
      interrupted: this.#isInterrupted,
      passed: breach === null && !this.#isInterrupted && results.every(({ passed }) => passed),
      events: timeline.events(),
      virtualUs: Math.max(0, this.stage.nowUs()),
      hash: witness.hash(),
      results,
      breach,
      skipped: [],
      notReady: [],
      happenings: this.#happenings,
      records: witness.records(),
      evidence,
    };
  }
}
