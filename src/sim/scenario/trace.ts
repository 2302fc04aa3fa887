/** What happened in a scenario, as expectations, reports and recordings ask for it: counts, and the lines of a chronicle. */
import type { Note } from "../../core/agent/effect.ts";
import { idText, toHex } from "../../core/base/bytes.ts";
import type { KindName } from "../../core/record/kinds.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import type { Transmission } from "../drivers.ts";

/** One line of the chronicle: steps and faults, ends and refusals, radios. Instants from the scenario's start, µs. */
export type Happening = {
  readonly atUs: number;
  /** "" where it is nobody's. */
  readonly agent: string;
  readonly what:
    | "step"
    | "fault"
    | "mended"
    | "settled"
    | "refused"
    | "radio"
    | "ended"
    | "broken"
    | "skipped";
  readonly text: string;
};

export type CountOf = "settled" | "refused" | "records" | "emissions" | "broken" | "audit";

export type RadioState = "on" | "off" | "unknown";

export type Trace = {
  readonly happenings: readonly Happening[];
  /** How often so far; `agent` and `of` "" count all. */
  count(what: CountOf, agent: string, of: string): number;
  /** `unknown` while nobody can see it. */
  radio(agent: string): RadioState;
  add(happening: Omit<Happening, "atUs">): void;
  recorded(agent: string, record: AnyRecord): void;
  noted(agent: string, note: Note): void;
  failed(agent: string, code: string): void;
  /** A dishonest party broke it on purpose. */
  broke(invariant: string, text: string): void;
  audited(code: string): void;
  transmitted(transmission: Pick<Transmission, "emitter" | "state" | "reason">): void;
  /** What its transmitter does cannot be seen any more, or is seen again as it was. */
  sighted(agent: string, state: RadioState): void;
  /** Calls back once for the first record of a kind at an agent, whether it comes or came. */
  onRecord(agent: string, kind: KindName, act: () => void): void;
};

/** A longer chronicle helps nobody; counts go on. */
const HAPPENINGS_MAX = 20_000;

export function newTrace(nowUs: () => number): Trace {
  return new Chronicle(nowUs);
}

type Sides = { readonly resource: string; readonly agents: Set<string> };

class Chronicle implements Trace {
  readonly happenings: Happening[] = [];
  readonly #nowUs: () => number;
  readonly #counts = new Map<string, number>();
  readonly #radios = new Map<string, RadioState>();
  readonly #resources = new Map<string, string>();
  readonly #sides = new Map<string, Sides>();
  readonly #waiting: { readonly agent: string; readonly kind: KindName; readonly act: () => void }[] = [];

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  count(what: CountOf, agent: string, of: string): number {
    return this.#counts.get(keyOf(what, agent, of)) ?? 0;
  }

  radio(agent: string): RadioState {
    return this.#radios.get(agent) ?? "off";
  }

  add(happening: Omit<Happening, "atUs">): void {
    if (this.happenings.length < HAPPENINGS_MAX) this.happenings.push({ atUs: this.#nowUs(), ...happening });
  }

  recorded(agent: string, record: AnyRecord): void {
    this.#raise("records", [agent], record.kind);
    if (record.kind === "offer") this.#resources.set(idText(record.id), record.body.resource);
    if (record.kind === "settlement") this.#settled(agent, record);
    if (record.kind === "lease-termination" || record.kind === "relinquishment") {
      const verb = record.kind === "relinquishment" ? "relinquished" : "terminated";
      this.add({ agent, what: "ended", text: `${verb}: ${record.body.reason}` });
    }
    const due = this.#waiting.filter((each) => each.agent === agent && each.kind === record.kind);
    for (const each of due) {
      this.#waiting.splice(this.#waiting.indexOf(each), 1);
      each.act();
    }
  }

  noted(agent: string, note: Note): void {
    if (note.what !== "refused") return;
    for (const code of new Set(note.rejections.map((each) => each.code))) this.failed(agent, code);
  }

  failed(agent: string, code: string): void {
    const isNew = this.count("refused", agent, code) === 0;
    this.#raise("refused", [agent], code);
    // Standing offers and restarts say the same again and again: the count tells how often.
    if (isNew) this.add({ agent, what: "refused", text: code });
  }

  broke(invariant: string, text: string): void {
    const isNew = this.count("broken", "", invariant) === 0;
    this.#raise("broken", [], invariant);
    if (isNew) this.add({ agent: "", what: "broken", text: `${invariant}: ${text}` });
  }

  audited(code: string): void {
    this.#raise("audit", [], code);
  }

  transmitted({ emitter, state, reason }: Pick<Transmission, "emitter" | "state" | "reason">): void {
    this.add({ agent: emitter, what: "radio", text: state === "on" ? "on" : `off: ${reason}` });
    this.#radios.set(emitter, state);
    if (state === "on") this.#raise("emissions", [emitter], "any");
  }

  sighted(agent: string, state: RadioState): void {
    if (this.radio(agent) === state) return;
    this.#radios.set(agent, state);
    this.add({ agent, what: "radio", text: state === "unknown" ? "unknown: it cannot be read back" : state });
  }

  onRecord(agent: string, kind: KindName, act: () => void): void {
    if (this.count("records", agent, kind) > 0) act();
    else this.#waiting.push({ agent, kind, act });
  }

  /** Settled once both sides' settlements are durable. */
  #settled(agent: string, { body }: Extract<AnyRecord, { kind: "settlement" }>): void {
    const key = toHex(body.artifact);
    const resource = this.#resources.get(idText(body.offer)) ?? "";
    const sides = this.#sides.get(key) ?? { resource, agents: new Set<string>() };
    this.#sides.set(key, sides);
    if (sides.agents.has(agent)) return;
    sides.agents.add(agent);
    if (sides.agents.size !== 2) return;
    this.#raise("settled", [...sides.agents], sides.resource);
    this.add({
      agent,
      what: "settled",
      text: `${sides.resource} between ${[...sides.agents].join(" and ")}`,
    });
  }

  #raise(what: CountOf, agents: readonly string[], of: string): void {
    for (const agent of ["", ...agents]) {
      for (const each of ["", of]) {
        const key = keyOf(what, agent, each);
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      }
    }
  }
}

function keyOf(what: CountOf, agent: string, of: string): string {
  return `${what} ${agent} ${of}`;
}
