/** The next state while it is being made: one agent's effects come true in it, all of them or the first few. */
import type { Effect } from "../../core/agent/effect.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { equalBytes, idText, toHex } from "../../core/base/bytes.ts";
import type { KindName } from "../../core/record/kinds.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { writeWant } from "../../core/wire/want.ts";
import { bootUsAt } from "./host-time.ts";
import { type Breach, judgeArm } from "./judge.ts";
import type { Order } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { entriesOf, type HostState, type Job, type Message, type World } from "./world.ts";

export type Branch = {
  trueUs: number;
  readonly hosts: HostState[];
  flight: readonly Message[];
  adverse: number;
  orders: readonly Order[];
  promised: ReadonlyMap<string, number>;
  breach: Breach | null;
};

export function branchOf(world: World): Branch {
  const { hosts, ...rest } = world;
  return { ...rest, hosts: [...hosts], breach: null };
}

export function hostOf(branch: Pick<Branch, "hosts">, host: number): HostState {
  const found = branch.hosts[host];
  if (found === undefined) throw new Error(`host ${host} takes part`);
  return found;
}

export function change(branch: Branch, host: number, to: Partial<HostState>): void {
  branch.hosts[host] = { ...hostOf(branch, host), ...to };
}

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

/** What one step of one host's agent brought about. */
export type Step = { readonly host: number; readonly agent: Agent; readonly effects: readonly Effect[] };

/** Makes effects come true, in order. `agent`: null where the process died within the step: nobody hears its reports. */
export function perform(
  stage: Stage,
  branch: Branch,
  { host, effects, agent }: Omit<Step, "agent"> & { readonly agent: Agent | null },
): void {
  change(branch, host, { agent });
  for (const effect of effects) performOne(stage, branch, host, effect);
}

function performOne(stage: Stage, branch: Branch, host: number, effect: Effect): void {
  switch (effect.kind) {
    case "publish":
      if (effect.route.to !== "agent" || DOCUMENTS.includes(effect.record.kind)) return;
      if (isBeyondScope(stage, branch, effect.record)) return;
      send(stage, branch, effect.route.lineage, recordMessage(stage, host, effect.record));
      return;
    case "want": {
      const { lineage } = stage.member(host).inception.header;
      const bytes = writeWant({ lineage, ids: effect.ids });
      send(stage, branch, effect.lineage, {
        key: toHex(bytes),
        bytes,
        what: `want of ${stage.member(host).name}`,
      });
      return;
    }
    case "arm":
      arm(stage, branch, host, effect);
      return;
    case "extend": {
      const { onAir } = hostOf(branch, host);
      if (onAir === null || !equalBytes(onAir.artifact, effect.artifact)) return;
      const deadlineBootUs = Math.max(onAir.deadlineBootUs, effect.deadlineBootUs);
      change(branch, host, { onAir: { ...onAir, deadlineBootUs } });
      return;
    }
    case "mute":
      change(branch, host, { onAir: null });
      report(branch, host, {
        kind: "report",
        report: {
          kind: "muted",
          mutedBootUs: nowBootUs(stage, branch, host),
          latencyUs: 0,
          reason: effect.reason,
        },
      });
      return;
    case "set-quarantine-mark":
      change(branch, host, { mark: { seq: effect.seq, reason: effect.reason } });
      return;
    case "clear-quarantine-mark":
      change(branch, host, { mark: null });
      return;
    case "drop-queue":
      report(branch, host, { kind: "refold", reason: effect.reason });
      return;
    case "restore":
      restore(stage, branch, host, effect);
      return;
    default:
      return;
  }
}

export function nowBootUs(stage: Stage, branch: Pick<Branch, "trueUs" | "hosts">, host: number): number {
  return bootUsAt(hostOf(branch, host).boot, stage.clocks(host), branch.trueUs);
}

function report(branch: Branch, host: number, job: Job): void {
  const { agent, jobs } = hostOf(branch, host);
  if (agent !== null) change(branch, host, { jobs: [...jobs, job] });
}

function arm(stage: Stage, branch: Branch, host: number, effect: Extract<Effect, { kind: "arm" }>): void {
  const { artifact, actuation, deadlineBootUs } = effect;
  const bootUs = nowBootUs(stage, branch, host);
  if (deadlineBootUs <= bootUs) {
    const code = "radio-deadline-passed";
    report(branch, host, { kind: "report", report: { kind: "failed", artifact, actuation, bootUs, code } });
    return;
  }
  branch.breach ??= judgeArm(branch, host, effect);
  change(branch, host, { onAir: { artifact, actuation, deadlineBootUs } });
  report(branch, host, {
    kind: "report",
    report: { kind: "on", artifact, actuation, bootUs, matches: true },
  });
}

function restore(
  stage: Stage,
  branch: Branch,
  host: number,
  { entries }: Extract<Effect, { kind: "restore" }>,
): void {
  let { log } = hostOf(branch, host);
  for (const entry of entries) log = stage.append(log, entry);
  change(branch, host, { log });
  report(branch, host, { kind: "refold", reason: "restored" });
}

/** A request that asks for more renewals than the scope has never arrives: the lease runs out. */
function isBeyondScope(stage: Stage, branch: Branch, record: AnyRecord): boolean {
  if (record.kind !== "renewal-request" || stage.isCalm) return false;
  let signed = 0;
  for (const { own } of entriesOf(hostOf(branch, 0).log)) {
    if (own.kind !== "renewal" || !equalBytes(own.body.artifact, record.body.artifact)) continue;
    if (equalBytes(own.body.request, record.id)) return false;
    signed += 1;
  }
  return signed >= stage.scope.renewals;
}

type Said = Pick<Message, "key" | "bytes" | "what">;

/** Whatever leaves has its author's signature: what should not have left is not stopped by the lack of one. */
function recordMessage(stage: Stage, host: number, record: AnyRecord): Said {
  const member = stage.member(host);
  const isBare = record.envelope.signatures.length === 0;
  const signed = isBare ? member.sign(record) : record;
  return { key: idText(record.id), bytes: stage.bytesOf(signed), what: `${record.kind} of ${member.name}` };
}

function send(stage: Stage, branch: Branch, lineage: Uint8Array, said: Said): void {
  const to = stage.ground.members.findIndex(({ inception }) => equalBytes(inception.header.lineage, lineage));
  if (to < 0) return;
  // A copy on its way that time has not passed is the same message.
  if (branch.flight.some((each) => each.to === to && each.key === said.key && !each.late)) return;
  branch.flight = [...branch.flight, { ...said, to, late: false }];
}
