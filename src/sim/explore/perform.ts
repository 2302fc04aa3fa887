/** Effects of one agent come true at its host: its log, its guard, what it owes itself, and what it says. */
import type { Effect } from "../../core/agent/effect.ts";
import { equalBytes } from "../../core/base/bytes.ts";
import type { KindName } from "../../core/record/kinds.ts";
import { isAwaited } from "./host-key.ts";
import type { Arm } from "./outcome.ts";
import type { Stage } from "./stage.ts";
import type { HostDraft, Job, Said } from "./world.ts";

/** A host after some effects, and what the rest of the world notices of them. */
export type Done = {
  readonly state: HostDraft;
  readonly says: readonly Said[];
  readonly arms: readonly Arm[];
};

/** While it is being made. */
type Doing = { state: HostDraft; readonly says: Said[]; readonly arms: Arm[] };

/** Everybody has these from the first. */
const DOCUMENTS: readonly KindName[] = [
  "key-event",
  "credential",
  "policy",
  "schema",
  "status-snapshot",
  "offer",
];

/** Effects that the world sees: between any two of them the process can die. */
export function shown(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter((effect) => {
    if (effect.kind === "publish") return !DOCUMENTS.includes(effect.record.kind);
    return !["append", "note", "answer", "attest", "count"].includes(effect.kind);
  });
}

/** Makes effects come true, in order. */
export function perform(stage: Stage, host: number, begun: HostDraft, effects: readonly Effect[]): Done {
  const doing: Doing = { state: begun, says: [], arms: [] };
  for (const effect of effects) performOne(stage, host, doing, effect);
  return doing;
}

function change(doing: Doing, to: Partial<HostDraft>): void {
  doing.state = { ...doing.state, ...to };
}

function performOne(stage: Stage, host: number, doing: Doing, effect: Effect): void {
  switch (effect.kind) {
    case "publish":
      if (effect.route.to !== "agent" || DOCUMENTS.includes(effect.record.kind)) return;
      say(doing, stage.sayRecord(host, effect.route.lineage, effect.record));
      return;
    case "want":
      say(doing, stage.sayWant(host, effect));
      return;
    case "arm":
      arm(stage, host, doing, effect);
      return;
    case "extend": {
      const { onAir } = doing.state;
      if (onAir === null || !equalBytes(onAir.artifact, effect.artifact)) return;
      const deadlineBootUs = Math.max(onAir.deadlineBootUs, effect.deadlineBootUs);
      change(doing, { onAir: { ...onAir, deadlineBootUs } });
      return;
    }
    case "mute":
      mute(stage, host, doing, effect.reason);
      return;
    case "set-quarantine-mark":
      change(doing, { mark: { seq: effect.seq, reason: effect.reason } });
      return;
    case "clear-quarantine-mark":
      change(doing, { mark: null });
      return;
    case "drop-queue":
      owe(doing, { kind: "refold", reason: effect.reason });
      return;
    case "restore": {
      let { log } = doing.state;
      for (const entry of effect.entries) log = stage.append(log, entry);
      change(doing, { log });
      owe(doing, { kind: "refold", reason: "restored" });
      return;
    }
    default:
      return;
  }
}

function say({ says }: Doing, said: Said | null): void {
  if (said !== null && !says.some(({ id }) => id === said.id)) says.push(said);
}

function owe(doing: Doing, job: Job): void {
  const { agent, jobs } = doing.state;
  if (agent !== null) change(doing, { jobs: [...jobs, job] });
}

function mute(stage: Stage, host: number, doing: Doing, reason: string): void {
  change(doing, { onAir: null });
  const mutedBootUs = stage.bootUs(host, doing.state);
  const report = { kind: "muted" as const, mutedBootUs, latencyUs: 0, reason };
  const job: Job = { kind: "report", report };
  if (!stage.reduces || isAwaited(job, doing.state)) owe(doing, job);
}

function arm(stage: Stage, host: number, doing: Doing, effect: Arm): void {
  const { artifact, actuation, deadlineBootUs } = effect;
  const bootUs = stage.bootUs(host, doing.state);
  if (deadlineBootUs <= bootUs) {
    const code = "radio-deadline-passed";
    owe(doing, { kind: "report", report: { kind: "failed", artifact, actuation, bootUs, code } });
    return;
  }
  doing.arms.push(effect);
  change(doing, { onAir: { artifact, actuation, deadlineBootUs } });
  owe(doing, { kind: "report", report: { kind: "on", artifact, actuation, bootUs, matches: true } });
}
