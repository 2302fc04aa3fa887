/** Runs one scenario on real time, over agents whose ports somebody else opens: steps are taken, faults are skipped. */
import { pause } from "../../agent/pause.ts";
import type { Note } from "../../core/agent/effect.ts";
import { toHex } from "../../core/base/bytes.ts";
import { kindNames } from "../../core/record/kinds.ts";
import type { Clock } from "../../ports/clock.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Radio, ReadBack } from "../../ports/radio.ts";
import type { Moment, Scenario, ScenarioAgent, ScenarioStep } from "../../profile/scenario.ts";
import type { Transmission } from "../drivers.ts";
import type { ScenarioEvidence } from "./evidence.ts";
import { type Judge, newJudge } from "./judge.ts";
import { order, type Party, type RootActs } from "./orders.ts";
import type { ScenarioReport } from "./report.ts";
import { skippedParts } from "./skipping.ts";
import { newTrace, type Trace } from "./trace.ts";

/** An agent that was switched on. */
export type RealParty = Party & {
  /** Its transmitter, once its ports are open; null without one. */
  radio(): Radio | null;
  /** What it still waits for, by port. */
  waitsFor(): Readonly<Record<string, string>>;
};

export type PartyEvents = {
  noted(note: Note): void;
  /** It cannot run, by the id of what trying again does not mend. */
  failed(code: string): void;
};

export type RealRunParts = {
  readonly clock: Clock;
  /** Returns at once; ports open while the scenario runs, as they do when a host is switched on. */
  readonly switchOn: (agent: ScenarioAgent, events: PartyEvents) => RealParty;
  readonly root: RootActs;
  /** Called between looks; resolves when the next one may come. */
  readonly pace: (nowUs: number) => Promise<void>;
  /** Asked between looks; true ends the story there: what is open by then is not judged. */
  readonly isInterrupted: () => boolean;
};

/** Transmitters are read back so often: what is shorter is not seen. */
const LOOK_EVERY_US = 100_000;
const NO_CAUSE = "0".repeat(64);

export class RealRun {
  readonly transmissions: Transmission[] = [];
  readonly #scenario: Scenario;
  readonly #parts: RealRunParts;
  readonly #trace: Trace;
  readonly #judge: Judge;
  readonly #parties = new Map<string, RealParty>();
  /** The last emission that was seen of each agent. */
  readonly #onAir = new Map<string, Transmission>();
  /** Its latest actuation, hex: what an emission is caused by. */
  readonly #causes = new Map<string, string>();
  readonly #startBootUs: number;
  #notReady: readonly string[] = [];
  #endUs = 0;
  #isInterrupted = false;
  #notes = 0;

  constructor(scenario: Scenario, parts: RealRunParts) {
    this.#scenario = scenario;
    this.#parts = parts;
    this.#startBootUs = parts.clock.read().bootUs;
    this.#trace = newTrace(() => this.#nowUs());
    this.#judge = newJudge({
      ...scenario,
      unwatched: [{ condition: "broken", reason: "invariants are watched in simulated worlds only" }],
      hosts: this.#parties,
      trace: this.#trace,
      nowUs: () => this.#nowUs(),
      at: (atUs, act) => this.#at(atUs, act),
    });
  }

  /** Resolves at the scenario's end, or when nothing is left to judge; every agent is still on. */
  async play(): Promise<void> {
    const { agents, steps, faults, durationUs } = this.#scenario;
    for (const step of steps) this.#when(step.moment, () => this.#take(step));
    for (const { name, moment } of faults) this.#when(moment, () => this.#part(`fault ${name} skipped`));
    for (const { name, track } of agents) {
      const [first, second] = track;
      if (second !== undefined) this.#at(first?.atUs ?? 0, () => this.#part(`track of ${name} skipped`));
    }
    for (const agent of agents) this.#parties.set(agent.name, this.#switchOn(agent));
    // Once everything that is left waits for what was skipped, the rest would be waiting for nothing.
    while (this.#nowUs() < durationUs && !this.#judge.isDone() && !this.#parts.isInterrupted()) {
      await Promise.all([...this.#parties].map(([name, party]) => this.#readRadio(name, party.radio())));
      this.#judge.look();
      await this.#parts.pace(this.#nowUs());
      await pause(this.#parts.clock, Math.min(LOOK_EVERY_US, Math.max(0, durationUs - this.#nowUs())));
    }
    this.#endUs = Math.min(this.#nowUs(), durationUs);
    this.#isInterrupted = this.#endUs < durationUs && this.#parts.isInterrupted();
    if (this.#isInterrupted) this.#judge.part("not reached: the run was interrupted");
    this.#judge.close();
    this.#notReady = [...this.#parties].flatMap(([name, party]) => waitsOf(name, party));
  }

  /** `evidence` null: the logs could not be read. */
  report(evidence: ScenarioEvidence | null): ScenarioReport {
    const failed = evidence?.verdict.checks.filter(({ result }) => result === "failed") ?? [];
    for (const { code } of failed) this.#trace.audited(code);
    if (evidence === null) this.#part("the logs could not be read");
    const results = this.#judge.results();
    const counts = kindNames.map((kind) => [kind, this.#trace.count("records", "", kind)] as const);
    return {
      name: this.#scenario.name,
      drivers: "real",
      seed: null,
      interrupted: this.#isInterrupted,
      passed: !this.#isInterrupted && results.every(({ passed }) => passed),
      events: this.#notes,
      virtualUs: this.#endUs,
      hash: null,
      results,
      breach: null,
      skipped: skippedParts(this.#scenario),
      notReady: this.#notReady,
      happenings: [...this.#trace.happenings],
      records: Object.fromEntries(counts.filter(([, count]) => count > 0)),
      evidence,
    };
  }

  #nowUs(): number {
    return this.#parts.clock.read().bootUs - this.#startBootUs;
  }

  #at(atUs: number, act: () => void): void {
    this.#parts.clock.at(this.#startBootUs + atUs, act);
  }

  #when(moment: Moment, act: () => void): void {
    if (moment.kind === "at") this.#at(moment.atUs, act);
    else this.#trace.onRecord(moment.agent, moment.record, act);
  }

  #switchOn(agent: ScenarioAgent): RealParty {
    const { name } = agent;
    return this.#parts.switchOn(agent, {
      noted: (note) => {
        this.#notes += 1;
        if (note.what === "record") {
          if (note.record.kind === "actuation") this.#causes.set(name, toHex(note.record.id));
          this.#trace.recorded(name, note.record);
        }
        this.#trace.noted(name, note);
      },
      failed: (code) => this.#trace.failed(name, code),
    });
  }

  #take(step: ScenarioStep): void {
    const { name, agent } = step;
    const host = this.#parties.get(agent);
    if (host === undefined) return;
    this.#trace.add({ agent, what: "step", text: name });
    this.#judge.happened(name);
    void order(step, { host, root: this.#parts.root }).then((outcome) => {
      for (const { code } of outcome) this.#trace.failed(agent, code);
    });
  }

  #part(reason: string): void {
    this.#trace.add({ agent: "", what: "skipped", text: reason });
    this.#judge.part(reason);
  }

  async #readRadio(agent: string, radio: Radio | null): Promise<void> {
    if (radio === null) return;
    try {
      this.#saw(agent, await radio.readBack());
    } catch (error) {
      // A transmitter that nobody can read back is not silent for certain.
      if (!(error instanceof PortError)) throw error;
      this.#trace.sighted(agent, "unknown");
    }
  }

  #saw(agent: string, { on, emission, lease, readBootUs }: ReadBack): void {
    const before = this.#onAir.get(agent) ?? null;
    const now = on && emission !== null && lease !== null ? { ...emission, lease: toHex(lease) } : null;
    if (before !== null && before.lease !== now?.lease) {
      this.#onAir.delete(agent);
      this.#transmitted({ ...before, trueUs: readBootUs, state: "off", reason: "read-back" });
    }
    if (now !== null && before?.lease !== now.lease) {
      const cause = this.#causes.get(agent) ?? NO_CAUSE;
      const common = { ...now, emitter: agent, cause, trueUs: readBootUs };
      const transmission: Transmission = { ...common, state: "on", reason: "read-back" };
      this.#onAir.set(agent, transmission);
      this.#transmitted(transmission);
    }
    this.#trace.sighted(agent, now === null ? "off" : "on");
  }

  #transmitted(transmission: Transmission): void {
    this.transmissions.push(transmission);
    this.#trace.transmitted(transmission);
  }
}

function waitsOf(name: string, party: RealParty): readonly string[] {
  const waits = party.running()?.health.reasons() ?? party.waitsFor();
  return Object.entries(waits).map(([port, reason]) => `${name}: ${port}: ${reason}`);
}
