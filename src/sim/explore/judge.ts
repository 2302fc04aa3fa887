/** What must hold in every state, judged from outside the agents: logs, radios and true time (PROTOCOL §6). */
import type { Effect } from "../../core/agent/effect.ts";
import type { Entry } from "../../core/agent/state.ts";
import { equalBytes, idText } from "../../core/base/bytes.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import { trueUsAt } from "./host-time.ts";
import { scopeBlock } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { type HostState, type Log, recordsOf } from "./world.ts";

export type Breach = { readonly invariant: string; readonly text: string };

/** The world as an invariant may look at it. */
export type Judged = {
  readonly trueUs: number;
  readonly hosts: readonly HostState[];
  /** The latest transmit expiry that the holder ever signed for an artifact, whatever its log still holds. */
  readonly promised: ReadonlyMap<string, number>;
};

type OfLease = RecordOf<"settlement" | "renewal" | "lease-termination" | "relinquishment">;

function find<K extends OfLease["kind"]>(log: Log | null, kind: K, artifact: Uint8Array): RecordOf<K>[] {
  const found: AnyRecord[] = [];
  for (const each of recordsOf(log)) {
    if (each.kind === kind && equalBytes((each as OfLease).body.artifact, artifact)) found.push(each);
  }
  return found as unknown as RecordOf<K>[];
}

function holderLog({ hosts }: Judged): Log | null {
  return hosts[0]?.log ?? null;
}

/** `entry` is about to be the host's newest. */
export function judgeAppend(
  stage: Stage,
  judged: Judged,
  host: number,
  { own, foreign }: Entry,
): Breach | null {
  const log = judged.hosts[host]?.log ?? null;
  switch (own.kind) {
    case "settlement":
      return judgeSettlement(stage, judged, host, own);
    case "renewal":
      return judgeRenewal(log, own, foreign);
    case "actuation":
      return isOver(log, own.body.artifact)
        ? { invariant: "nothing-after-the-end", text: "an actuation was stored after the lease's end" }
        : null;
    case "relinquishment": {
      const onAir = judged.hosts[host]?.onAir ?? null;
      if (onAir === null || !equalBytes(onAir.artifact, own.body.artifact)) return null;
      return { invariant: "rf-only-inside-a-lease", text: "RF is on as the relinquishment is stored" };
    }
    default:
      return null;
  }
}

function judgeSettlement(
  stage: Stage,
  judged: Judged,
  host: number,
  own: RecordOf<"settlement">,
): Breach | null {
  for (const { log } of judged.hosts) {
    for (const each of recordsOf(log)) {
      if (each.kind !== "settlement" || !equalBytes(each.body.acceptance, own.body.acceptance)) continue;
      const again = equalBytes(each.header.lineage, own.header.lineage);
      if (again || !equalBytes(each.body.artifact, own.body.artifact))
        return { invariant: "one-artifact-a-pair", text: "one pair was settled twice" };
    }
  }
  if (stage.member(host).role === "holder") return judgeLetting(stage, judged, own);
  if (find(holderLog(judged), "settlement", own.body.artifact).length > 0) return null;
  return {
    invariant: "held-only-where-sold",
    text: "a consumer holds an artifact that the holder's log lacks",
  };
}

/** Nobody may still use the block by an earlier lease: by its records, by what was ever promised, by the air. */
function judgeLetting(stage: Stage, judged: Judged, own: RecordOf<"settlement">): Breach | null {
  const fresh = idText(own.body.artifact);
  const log = holderLog(judged);
  const breach = (text: string): Breach => ({ invariant: "block-let-once", text });
  for (const { onAir } of judged.hosts) {
    if (onAir !== null && idText(onAir.artifact) !== fresh)
      return breach("a block was let with its last tenant on air");
  }
  for (const each of recordsOf(log)) {
    if (each.kind !== "settlement" || idText(each.body.artifact) === fresh) continue;
    if (!equalBytes(each.header.lineage, own.header.lineage) || isOver(log, each.body.artifact)) continue;
    return breach("a block was let by two standing leases");
  }
  if (!stage.scope.judgesExpiry || scopeBlock(stage.scope).untilUs <= judged.trueUs) return null;
  for (const [artifact, expiryUs] of judged.promised) {
    if (artifact === fresh || expiryUs <= judged.trueUs) continue;
    if (judged.hosts.some((each) => gaveUp(each.log, artifact))) continue;
    return breach(`a block was let ${expiryUs - judged.trueUs} us before a renewal for another ran out`);
  }
  return null;
}

function gaveUp(log: Log | null, artifact: string): boolean {
  for (const each of recordsOf(log)) {
    if (each.kind === "relinquishment" && idText(each.body.artifact) === artifact) return true;
  }
  return false;
}

function isOver(log: Log | null, artifact: Uint8Array): boolean {
  return find(log, "lease-termination", artifact).length + find(log, "relinquishment", artifact).length > 0;
}

function judgeRenewal(
  log: Log | null,
  own: RecordOf<"renewal">,
  foreign: readonly AnyRecord[],
): Breach | null {
  const { artifact, nonce } = own.body;
  if (isOver(log, artifact))
    return { invariant: "nothing-after-the-end", text: "a renewal was stored after the end" };
  const before = find(log, "renewal", artifact);
  if (before.some(({ body }) => equalBytes(body.nonce, nonce)))
    return { invariant: "one-renewal-a-nonce", text: "one nonce got two renewals" };
  const settled = [
    ...find(log, "settlement", artifact),
    ...foreign.filter(({ kind }) => kind === "settlement"),
  ];
  if (settled.some(({ header }) => !equalBytes(header.lineage, own.header.lineage))) return null;
  return { invariant: "rf-only-inside-a-lease", text: "a renewal was stored where no countersignature is" };
}

/** RF is about to go on: both sides hold both settlements, by a renewal that answers a request of this boot. */
export function judgeArm(
  stage: Stage,
  judged: Judged,
  host: number,
  arm: Extract<Effect, { kind: "arm" }>,
): Breach | null {
  const breach = (text: string): Breach => ({ invariant: "rf-only-inside-a-lease", text });
  const state = judged.hosts[host];
  const log = state?.log ?? null;
  if (find(log, "settlement", arm.artifact).length < 2)
    return breach("RF before both settlements were stored");
  if (find(holderLog(judged), "settlement", arm.artifact).length < 2)
    return breach("RF before the holder's log held both settlements");
  if (isOver(log, arm.artifact)) return breach("RF after the lease's end was stored");
  const records = [...recordsOf(log)];
  const actuation = records.find((each) => equalBytes(each.id, arm.actuation));
  if (actuation?.kind !== "actuation") return breach("RF before its actuation was stored");
  const renewal = records.find((each) => equalBytes(each.id, actuation.body.renewal));
  if (renewal?.kind !== "renewal") return breach("RF by no stored renewal");
  const request = records.find((each) => equalBytes(each.id, renewal.body.request));
  if (request?.kind !== "renewal-request" || state === undefined) return breach("RF by no stored request");
  if (!equalBytes(request.body.bootId, stage.runs.bootId(stage.member(host), state.boot)))
    return breach("RF by a renewal of another boot");
  const others = judged.hosts.filter((each, i) => i !== host && each.onAir !== null);
  if (others.length === 0) return null;
  return { invariant: "one-emission-a-block", text: "two radios are on in one exclusive block" };
}

/** When the guard falls silent by itself. */
export function silentUs(stage: Stage, { boot, onAir }: HostState, host: number): number | null {
  if (onAir === null) return null;
  return trueUsAt(boot, stage.clocks(host), onAir.deadlineBootUs) + stage.scope.muteLatencyUs;
}

/** RF stays on until `untilUs`, or its guard's deadline, if that is earlier. */
export function judgeAir(stage: Stage, judged: Judged, untilUs: number): Breach | null {
  if (!stage.scope.judgesExpiry) return null;
  for (const [i, host] of judged.hosts.entries()) {
    const offUs = silentUs(stage, host, i);
    if (offUs === null || host.onAir === null) continue;
    const overUs = Math.min(offUs, untilUs) - (judged.promised.get(idText(host.onAir.artifact)) ?? 0);
    if (overUs > 0)
      return {
        invariant: "silent-by-transmit-expiry",
        text: `RF ${overUs} us after the last transmit expiry`,
      };
  }
  return null;
}

/** Everything worked for long enough: both hold the artifact, or both its termination. */
export function judgeAgreement(stage: Stage, { hosts }: Judged): Breach | null {
  const sold = hosts[0]?.agent?.durable.leases ?? new Map();
  const breach = (text: string): Breach => ({ invariant: "both-hold-or-both-ended", text });
  for (const [i, { agent }] of hosts.entries()) {
    if (agent === null) return breach(`${stage.member(i).name} did not come back`);
    if (i === 0) continue;
    for (const [artifact, held] of agent.durable.leases) {
      const lease = sold.get(artifact);
      if (lease === undefined) return breach("a lease that the holder's log lacks");
      const [ours, theirs] = [held.termination !== null, lease.termination !== null];
      if (ours !== theirs || (!theirs && held.relinquishment !== null))
        return breach(`ended at ${theirs ? "the holder" : "the consumer"} only`);
    }
  }
  for (const lease of sold.values()) {
    const held = hosts.some(({ agent }, i) => i > 0 && agent?.durable.leases.has(idText(lease.derived.id)));
    if (lease.termination === null && !held) return breach("a standing lease that no consumer holds");
  }
  return null;
}
