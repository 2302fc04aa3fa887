/** What holds at every instant of every scene, judged from outside: disks, radios and true time (PROTOCOL §6). */
import { bounds } from "../../src/core/agent/bounds.ts";
import type { Effect } from "../../src/core/agent/effect.ts";
import { ownTime } from "../../src/core/agent/own-evidence.ts";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import { blocksConflict } from "../../src/core/commodity/block.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import { isFree } from "../../src/core/settlement/book.ts";
import { dumpState } from "../../src/sim/state-dump.ts";
import { type Host, recordFrom, refoldFrames } from "./scripted-host.ts";
import type { Scene } from "./two-agents.ts";

/** A host's disk as ids and records, read as it grows. */
type Shelf = {
  frames: number;
  traced: number;
  readonly ids: Set<string>;
  readonly records: AnyRecord[];
  /** Artifacts that are over on this disk. */
  readonly over: Set<string>;
};

export type Invariants = {
  /** Throws on the first breach. Called after each input. */
  check(scene: Scene): void;
  /** The log folds to the state that the agent has. */
  checkFold(host: Host): void;
};

export function invariants(): Invariants {
  const shelves = new Map<Host, Shelf>();
  /** Artifacts whose allocation was judged. */
  const allocated = new Set<string>();

  function shelfOf(host: Host): Shelf {
    const standing = shelves.get(host);
    if (standing !== undefined && standing.frames <= host.disk.length) return standing;
    const fresh: Shelf = {
      frames: 0,
      traced: standing?.traced ?? 0,
      ids: new Set(),
      records: [],
      over: new Set(),
    };
    shelves.set(host, fresh);
    return fresh;
  }

  function catchUp(scene: Scene, host: Host): void {
    const shelf = shelfOf(host);
    for (; shelf.frames < host.disk.length; shelf.frames++) {
      const frame = host.disk[shelf.frames];
      if (frame === undefined) break;
      const record = recordFrom(frame.bytes, scene.scheme.primitives);
      if (frame.kind === "own") checkAppended(shelf, record);
      shelf.ids.add(toHex(record.id));
      shelf.records.push(record);
      if (record.kind === "lease-termination" || record.kind === "relinquishment")
        shelf.over.add(toHex(record.body.artifact));
    }
    for (; shelf.traced < host.trace.length; shelf.traced++) {
      const traced = host.trace[shelf.traced];
      if (traced !== undefined) checkEffect(scene, host, shelf, traced.effect);
    }
  }

  function checkEffect(scene: Scene, host: Host, shelf: Shelf, effect: Effect): void {
    if (effect.kind === "publish") {
      const id = toHex(effect.record.id);
      const own = equalBytes(effect.record.header.lineage, host.lineage.inception.header.lineage);
      if (own && !shelf.ids.has(id))
        breach(`${host.script.name} published a ${effect.record.kind} that is not durable`);
    }
    if (effect.kind === "append" && effect.draft.record.kind === "relinquishment") {
      const on = host.radio.isOn() ? host.radio.transmissions.at(-1) : undefined;
      if (on !== undefined && equalBytes(on.artifact, effect.draft.record.body.artifact))
        breach(`${host.script.name} relinquished while its radio was on`);
    }
    if (effect.kind === "arm") checkArm(scene, host, shelf, effect);
  }

  /** Both settlements durable, and a renewal that answers a request of this boot in hand. */
  function checkArm(scene: Scene, host: Host, shelf: Shelf, arm: Extract<Effect, { kind: "arm" }>): void {
    const held = settlementsOf(shelf, arm.artifact);
    catchUp(scene, scene.holder);
    const sold = settlementsOf(shelfOf(scene.holder), arm.artifact);
    if (held.length < 2 || sold.length < 1) breach("RF before both settlements were durable");
    const actuation = shelf.records.find((each) => equalBytes(each.id, arm.actuation));
    if (actuation?.kind !== "actuation") breach("RF before its actuation was durable");
    const renewal = shelf.records.find((each) => equalBytes(each.id, actuation.body.renewal));
    if (renewal?.kind !== "renewal") breach("RF without a stored renewal");
    if (!equalBytes(renewal.body.consumerBootId, host.clock().bootId))
      breach("RF by a renewal of another boot");
    const request = shelf.records.find((each) => equalBytes(each.id, renewal.body.request));
    if (request === undefined) breach("RF by a renewal that answers no durable request");
    if (shelf.over.has(toHex(arm.artifact))) breach("RF after the lease's end was durable");
  }

  function check(scene: Scene): void {
    for (const host of scene.hosts) catchUp(scene, host);
    checkAir(scene, shelfOf(scene.holder));
    checkBook(scene, allocated, shelfOf(scene.holder));
    for (const consumer of scene.consumers) {
      checkHeld(consumer, shelfOf(scene.holder));
    }
    for (const host of scene.hosts) checkBounded(host);
  }

  return {
    check,
    checkFold(host) {
      if (!host.isRunning()) return;
      const folded = refoldFrames(host.disk, host.agent().config.primitives);
      const [now, then] = [dumpState(host.agent().durable), dumpState(folded.state)];
      if (now !== then) breach(`${host.script.name}'s log folds to another state:\n${now}\n${then}`);
    },
  };
}

function breach(what: string): never {
  throw new Error(`invariant broken: ${what}`);
}

function settlementsOf({ records }: Shelf, artifact: Uint8Array): readonly AnyRecord[] {
  return records.filter((each) => each.kind === "settlement" && equalBytes(each.body.artifact, artifact));
}

/** An own record as it reaches the disk. */
function checkAppended({ records, over }: Shelf, record: AnyRecord): void {
  if (record.kind === "renewal") {
    if (over.has(toHex(record.body.artifact)))
      breach("a renewal was signed after the lease's end was durable");
    const twice = records.some(
      (each) => each.kind === "renewal" && equalBytes(each.body.nonce, record.body.nonce),
    );
    if (twice) breach("one nonce got two renewals");
  }
  if (record.kind === "settlement") {
    const { lineage } = record.header;
    const twice = records.some(
      (each) =>
        each.kind === "settlement" &&
        equalBytes(each.header.lineage, lineage) &&
        equalBytes(each.body.acceptance, record.body.acceptance),
    );
    if (twice) breach("two settlements of one acceptance");
  }
  if (record.kind === "actuation" && over.has(toHex(record.body.artifact)))
    breach("an actuation was signed after the lease's end was durable");
}

/** Judged by true time: within a renewal that the holder signed, and never two on one exclusive block. */
function checkAir(scene: Scene, { records }: Shelf): void {
  const nowUs = scene.nowUs();
  const onAir: RecordOf<"acceptance">["body"]["block"][] = [];
  for (const consumer of scene.consumers) {
    const on = consumer.radio.isOn() ? consumer.radio.transmissions.at(-1) : undefined;
    if (on === undefined) continue;
    const renewals = records.filter(
      (each) => each.kind === "renewal" && equalBytes(each.body.artifact, on.artifact),
    ) as RecordOf<"renewal">[];
    const expiryUs = Math.max(...renewals.map(({ body }) => body.transmitExpiryUs));
    if (nowUs > expiryUs) breach(`RF ${nowUs - expiryUs} us after the last transmit expiry`);
    const block = blockOf(records, on.artifact);
    if (block === null) breach("RF of an artifact that the holder's log lacks");
    onAir.push(block);
  }
  for (const [i, one] of onAir.entries()) {
    for (const other of onAir.slice(i + 1)) {
      if (one.exclusive && blocksConflict(one, other, 0)) breach("two transmissions in one exclusive block");
    }
  }
}

function blockOf(
  records: readonly AnyRecord[],
  artifact: Uint8Array,
): RecordOf<"acceptance">["body"]["block"] | null {
  const settled = records.find(
    (each) => each.kind === "settlement" && equalBytes(each.body.artifact, artifact),
  );
  if (settled?.kind !== "settlement") return null;
  const acceptance = records.find((each) => equalBytes(each.id, settled.body.acceptance));
  return acceptance?.kind === "acceptance" ? acceptance.body.block : null;
}

/** An exclusive block is let only when every lease that it overlaps is free, by the holder's clocks and by true time. */
function checkBook({ holder, nowUs }: Scene, judged: Set<string>, { records }: Shelf): void {
  if (!holder.isRunning()) return;
  const agent = holder.agent();
  const { leases } = agent.provisional;
  if ([...leases.keys()].every((each) => judged.has(each))) return;
  const now = holder.reading();
  const time = ownTime({ agent, now, effects: [] });
  const clock = { bootId: agent.config.bootId, bootUs: now.bootUs, earliestUs: time?.earliestUs ?? null };
  for (const [key, { derived }] of leases) {
    if (judged.has(key)) continue;
    judged.add(key);
    for (const [other, standing] of leases) {
      const [a, b] = [derived.artifact.block, standing.derived.artifact.block];
      if (other === key || !(a.exclusive || b.exclusive) || !blocksConflict(a, b, 0)) continue;
      if (!isFree(standing, clock)) breach("one exclusive block let twice");
      const entitled = records.some(
        (each) =>
          each.kind === "renewal" &&
          equalBytes(each.body.artifact, standing.derived.id) &&
          each.body.transmitExpiryUs > nowUs(),
      );
      if (entitled && standing.relinquishment === null) breach("let while a renewal for another still runs");
    }
  }
}

/** The consumer never holds an artifact that the holder's log lacks. */
function checkHeld(consumer: Host, sold: Shelf): void {
  if (!consumer.isRunning()) return;
  for (const lease of consumer.agent().durable.leases.values()) {
    if (!sold.ids.has(toHex(lease.holderSettlement.id)))
      breach(`${consumer.script.name} holds an artifact that the holder's log lacks`);
  }
}

function checkBounded(host: Host): void {
  if (!host.isRunning()) return;
  const { queue, volatile } = host.agent();
  const most: readonly (readonly [string, number, number])[] = [
    ["queue", queue.length, bounds.QUEUE_MAX + bounds.QUEUE_RESERVE],
    ["seen", volatile.seen.size, bounds.SEEN_MAX],
    ["waiting", volatile.waiting.size, bounds.WAITING_MAX],
    ["sent", volatile.sent.size, bounds.SEEN_MAX],
    ["lanes", volatile.lanes.size, bounds.PEERS_MAX],
    ["aggregates", volatile.aggregates.size, bounds.PEERS_MAX],
    ["countersigned", volatile.countersigned.size, bounds.WAITING_MAX],
    ["pendingAcceptances", volatile.pendingAcceptances.size, bounds.WAITING_MAX],
    ["pendingSettlements", volatile.pendingSettlements.size, bounds.WAITING_MAX],
    ["unstoredRenewals", volatile.unstoredRenewals.size, bounds.WAITING_MAX],
    ["otherBootRenewals", volatile.otherBootRenewals.size, bounds.WAITING_MAX],
    ["unstoredTerminations", volatile.unstoredTerminations.size, bounds.WAITING_MAX],
  ];
  for (const [name, size, bound] of most) if (size > bound) breach(`${name} holds ${size} of ${bound}`);
}
