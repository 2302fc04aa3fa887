/** What records promise about each other, for as long as the disks of their authors keep them (PROTOCOL §6). */
import { describe, expect, test } from "vitest";
import type { AnyRecord } from "../../src/core/record/record.ts";
import { newChronicle } from "../../src/sim/chronicle.ts";
import { promiseInvariants } from "../../src/sim/invariants/promise-invariants.ts";
import { recordFrom } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";
import { watchedWorld } from "../support/watched-world.ts";

const [HOLDER, CONSUMER] = ["holder-0", "consumer-1"];

/** All own records of a settled pair that gave its lease up, as they stand in both logs. */
function leased() {
  const scene = twoAgents();
  const lease = scene.settle();
  const { primitives } = scene.scheme;
  const own = (host: typeof scene.holder): readonly AnyRecord[] =>
    host.disk.filter(({ kind }) => kind === "own").map(({ bytes }) => recordFrom(bytes, primitives));
  const chronicle = newChronicle();
  const invariants = promiseInvariants(watchedWorld({ chronicle }));
  const append = (host: string, record: AnyRecord): void => {
    for (const each of invariants) each.appended?.(host, record, "agent");
    chronicle.append(host, record, 0);
  };
  const transmit = (state: "on" | "off"): void => {
    const artifact = Buffer.from(lease.derived.id).toString("hex");
    const on = { emitter: CONSUMER, state, lease: artifact } as never;
    for (const each of invariants) each.transmitted?.(on);
  };
  return { scene, lease, own, chronicle, append, transmit };
}

describe("a holder's answers", () => {
  test("are one a request, unless its disk lost the first", () => {
    const { scene, own, append, chronicle } = leased();
    const records = own(scene.holder);
    for (const each of records) append(HOLDER, each);
    const renewal = records.find(({ kind }) => kind === "renewal");
    if (renewal === undefined) throw new Error("a settled pair has a renewal");
    const other = { ...renewal, id: new Uint8Array(32) } as AnyRecord;
    expect(() => append(HOLDER, other)).toThrow("answered one request twice");
    chronicle.lose(HOLDER, renewal.header.seq);
    expect(() => append(HOLDER, other)).not.toThrow();
  });
});

describe("a consumer", () => {
  test("gives nothing up while it is on air", () => {
    const { scene, lease, own, append, transmit } = leased();
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(5_000_000);
    const gone = own(scene.consumer).find(({ kind }) => kind === "relinquishment");
    if (gone === undefined) throw new Error("a consumer that was told to gives up");
    transmit("on");
    expect(() => append(CONSUMER, gone)).toThrow("gave up a lease while it was on air");
    transmit("off");
    expect(() => append(CONSUMER, gone)).not.toThrow();
  });

  test("switches on by a renewal for its own boot alone", () => {
    const { scene, own, append } = leased();
    for (const each of own(scene.holder)) append(HOLDER, each);
    const actuation = own(scene.consumer).find((each) => each.kind === "actuation");
    if (actuation?.kind !== "actuation") throw new Error("a settled pair goes on air");
    expect(() => append(CONSUMER, actuation)).not.toThrow();
    const other = { ...actuation, body: { ...actuation.body, bootId: new Uint8Array(16) } };
    expect(() => append(CONSUMER, other as AnyRecord)).toThrow("by a renewal for another boot");
  });
});
