/** Holds a running scenario against its expectations, after every event. */
import { phaseOf } from "../../core/settlement/lease.ts";
import type { Condition, Expectation } from "../../profile/scenario.ts";
import { latestLease, type Party } from "./orders.ts";
import type { Trace } from "./trace.ts";

export type Result = {
  readonly name: string;
  readonly kind: Expectation["kind"];
  readonly passed: boolean;
  /** False: what it asks about was left out, so that it neither passed nor failed; `measured` says what. */
  readonly judged: boolean;
  /** When it was decided, µs from the scenario's start. */
  readonly atUs: number;
  readonly measured: string;
  readonly required: string;
};

export type Judge = {
  /** A step or fault of that name happens now. */
  happened(name: string): void;
  /** Looks at everything that is to be looked at now. */
  look(): void;
  /** From now on it is another story than the file's: what is not decided yet is not judged, for that reason. */
  part(reason: string): void;
  /** Nothing is left to look at. */
  isDone(): boolean;
  /** The scenario is over: decides everything but the audit, which is made of what is left behind. */
  close(): void;
  /** In the order of the file. */
  results(): readonly Result[];
};

export type JudgeParts = {
  readonly expectations: readonly Expectation[];
  readonly durationUs: number;
  readonly hosts: ReadonlyMap<string, Pick<Party, "running">>;
  readonly trace: Trace;
  readonly nowUs: () => number;
  /** Calls back at an instant, before anything else that happens after it. */
  readonly at: (atUs: number, act: () => void) => void;
  /** What nobody watches here. */
  readonly unwatched: readonly { readonly condition: Condition["kind"]; readonly reason: string }[];
};

export function newJudge(parts: JudgeParts): Judge {
  const watches = parts.expectations.map((each) => new Watch(each, parts));
  return {
    happened(name) {
      for (const watch of watches) watch.happened(name);
    },
    look() {
      for (const watch of watches) watch.look();
    },
    part(reason) {
      for (const watch of watches) watch.part(reason);
    },
    isDone: () => watches.every((watch) => watch.isDecided()),
    close() {
      for (const watch of watches) if (!watch.isAudit) watch.end();
    },
    results: () => watches.map((watch) => watch.end()),
  };
}

/** One expectation while the scenario runs. */
class Watch {
  readonly isAudit: boolean;
  readonly #expectation: Expectation;
  readonly #parts: JudgeParts;
  /** From here on it looks; null before. */
  #sinceUs: number | null = null;
  /** What was counted before. */
  #before = 0;
  #result: Result | null = null;

  constructor(expectation: Expectation, parts: JudgeParts) {
    this.#expectation = expectation;
    this.#parts = parts;
    this.isAudit = expectation.condition.kind === "audit";
    const unwatched = parts.unwatched.find(({ condition }) => condition === expectation.condition.kind);
    if (unwatched !== undefined) this.part(unwatched.reason);
    if (expectation.kind === "expect") {
      if (!this.isAudit) parts.at(expectation.atUs, () => this.#decideNow());
      return;
    }
    const { since } = expectation;
    if (since.kind === "at") parts.at(since.atUs, () => this.#begin());
  }

  happened(name: string): void {
    const { kind } = this.#expectation;
    if (kind === "expect") return;
    const { since } = this.#expectation;
    if (since.kind === "named" && since.name === name && this.#sinceUs === null) this.#begin();
  }

  look(): void {
    if (this.#sinceUs === null || this.#result !== null) return;
    const expectation = this.#expectation;
    if (expectation.kind === "expect") return;
    const isLate = this.#parts.nowUs() > this.#untilUs();
    const holds = this.#holds();
    switch (expectation.kind) {
      case "within":
        if (isLate) this.#decide(false, this.#untilUs());
        else if (holds) this.#decide(true);
        return;
      case "always":
        if (isLate) this.#decide(true, this.#untilUs());
        else if (!holds) this.#decide(false);
        return;
      case "never":
        if (isLate) this.#decide(true, this.#untilUs());
        else if (holds) this.#decide(false);
        return;
    }
  }

  isDecided(): boolean {
    return this.#result !== null;
  }

  part(reason: string): void {
    if (!this.isAudit) this.look();
    if (this.#result === null)
      this.#result = this.#resultOf({ passed: false, judged: false, measured: reason });
  }

  end(): Result {
    this.look();
    if (this.#result !== null) return this.#result;
    const { kind } = this.#expectation;
    if (kind === "expect") return this.#decide(this.#holds());
    if (this.#sinceUs === null) return this.#neverBegan();
    return this.#decide(kind !== "within");
  }

  #untilUs(): number {
    const expectation = this.#expectation;
    if (expectation.kind === "expect") return expectation.atUs;
    if (expectation.kind === "within") return (this.#sinceUs ?? 0) + expectation.withinUs;
    return expectation.untilUs ?? this.#parts.durationUs;
  }

  #begin(): void {
    this.#sinceUs = this.#parts.nowUs();
    this.#before = this.#count();
    this.look();
  }

  #decideNow(): void {
    if (this.#result === null) this.#decide(this.#holds());
  }

  #decide(passed: boolean, atUs: number = this.#parts.nowUs()): Result {
    this.#result = { ...this.#resultOf({ passed, judged: true, measured: this.#measured() }), atUs };
    return this.#result;
  }

  #resultOf(said: Pick<Result, "passed" | "judged" | "measured">): Result {
    const { name, kind } = this.#expectation;
    return { name, kind, ...said, atUs: this.#parts.nowUs(), required: this.#required() };
  }

  /** What never happened proves nothing, not even a `never`. */
  #neverBegan(): Result {
    const expectation = this.#expectation;
    const since = expectation.kind === "expect" ? null : expectation.since;
    const what = since?.kind === "named" ? `\`${since.name}\` never happened` : "never looked at";
    return this.#resultOf({ passed: false, judged: true, measured: what });
  }

  #holds(): boolean {
    const { condition } = this.#expectation;
    if ("required" in condition) return this.#state(condition) === condition.required;
    const count = this.#count() - this.#before;
    return count >= condition.least && (condition.most === null || count <= condition.most);
  }

  #count(): number {
    const { condition } = this.#expectation;
    return "required" in condition
      ? 0
      : this.#parts.trace.count(condition.kind, condition.agent, condition.of);
  }

  #state(condition: Extract<Condition, { readonly required: unknown }>): string | boolean {
    const { hosts, trace } = this.#parts;
    const host = hosts.get(condition.agent);
    const running = host?.running() ?? null;
    switch (condition.kind) {
      case "radio":
        return trace.radio(condition.agent);
      case "lease": {
        const lease = running === null ? null : latestLease(running.agent, "");
        return lease === null ? "none" : phaseOf(lease);
      }
      case "ready":
        return running !== null && Object.keys(running.health.reasons()).length === 0;
      case "quarantine":
        return running !== null && running.agent.volatile.quarantine !== null;
    }
  }

  #measured(): string {
    const { condition } = this.#expectation;
    const text = subject(condition);
    if ("required" in condition) return `${text} ${String(this.#state(condition))}`;
    return `${text} ${this.#count() - this.#before} times`;
  }

  #required(): string {
    const expectation = this.#expectation;
    const { condition } = expectation;
    const not = expectation.kind === "never" ? "never " : "";
    const what = "required" in condition ? String(condition.required) : range(condition);
    return `${not}${subject(condition)} ${what}`;
  }
}

function subject(condition: Condition): string {
  const who = condition.agent === "" ? "" : `${condition.agent} `;
  const of = "of" in condition && condition.of !== "" ? ` ${condition.of}` : "";
  return `${who}${condition.kind}${of}`;
}

function range({ least, most }: { readonly least: number; readonly most: number | null }): string {
  if (most === null) return `at least ${least} times`;
  return least === most ? `${least} times` : `${least} to ${most} times`;
}
