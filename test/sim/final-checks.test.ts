/** What is looked at once more, from the logs alone: folds, ledgers, both sides of a lease, forks (src/sim). */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/core/audit/verdict.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { checkAgreement } from "../../src/sim/agreement.ts";
import { newChronicle } from "../../src/sim/chronicle.ts";
import type { Host } from "../../src/sim/host.ts";
import { newLedger } from "../../src/sim/ledger.ts";
import { checkForksFound } from "../../src/sim/log-audit.ts";
import { recheckLog } from "../../src/sim/log-recheck.ts";
import { newLogReader } from "../../src/sim/read-logs.ts";
import { HOUR_US } from "../support/scripted-authority.ts";
import { recordFrom, type Host as ScriptedHost } from "../support/scripted-host.ts";
import { leaseAt, twoAgents } from "../support/two-agents.ts";

/** A settled pair as the simulation sees hosts. */
function settledPair() {
  const scene = twoAgents();
  const lease = scene.settle();
  const { primitives } = scene.scheme;
  const [ledger, chronicle] = [newLedger(HOUR_US), newChronicle()];
  const seen = (host: ScriptedHost): Host => {
    const name = host.script.name;
    return {
      spec: { name },
      agent: () => host.agent(),
      lineage: () => host.lineage.inception.header.lineage,
      async *frames() {
        yield* host.disk;
      },
    } as unknown as Host;
  };
  // An acceptance comes before what answers it, wherever it stands.
  const own = [scene.consumer, scene.holder].map((host) => ({
    name: host.script.name,
    records: host.disk.filter(({ kind }) => kind === "own").map(({ bytes }) => recordFrom(bytes, primitives)),
  }));
  for (const { name, records } of own) for (const each of records) chronicle.append(name, each, 0);
  const all = own.flatMap(({ name, records }) => records.map((record) => ({ name, record })));
  const isFirst = ({ record }: (typeof all)[number]): boolean => record.kind === "acceptance";
  const inOrder = [...all.filter(isFirst), ...all.filter((each) => !isFirst(each))];
  for (const { name, record } of inOrder) ledger.take(name, record, scene.nowUs());
  return {
    scene,
    lease,
    hosts: [scene.holder, scene.consumer].map(seen),
    parts: { ledger, chronicle, reader: newLogReader(primitives) },
  };
}

describe("a log that is worked out anew", () => {
  test("gives what its agent has, and what the checkers know", async () => {
    const { hosts, parts } = settledPair();
    for (const host of hosts) await expect(recheckLog(host, parts)).resolves.toMatchObject({ host });
  });

  test("and an agent that has anything else is a breach, with the first difference", async () => {
    const { hosts, parts, scene } = settledPair();
    scene.holder.agent().durable.headUnconfirmed = true;
    const [holder] = hosts;
    if (holder !== undefined)
      await expect(recheckLog(holder, parts)).rejects.toThrow('"headUnconfirmed": true');
  });

  test("and a ledger that knows of something else is a breach", async () => {
    const { hosts, parts, scene } = settledPair();
    parts.ledger.forget(scene.consumer.script.name, 0);
    const [, consumer] = hosts;
    if (consumer !== undefined)
      await expect(recheckLog(consumer, parts)).rejects.toThrow("the checkers know of something else");
  });
});

describe("both sides of a lease", () => {
  const late = (nowUs: number): number => nowUs + 24 * HOUR_US;

  test("hold it, or the breach says who alone does", () => {
    const { hosts, scene, lease } = settledPair();
    expect(() => checkAgreement(hosts, scene.nowUs())).not.toThrow();
    scene.consumer.agent().durable.leases.delete(toHex(lease.derived.id));
    expect(() => checkAgreement(hosts, scene.nowUs())).not.toThrow();
    expect(() => checkAgreement(hosts, late(scene.nowUs()))).toThrow("only the holder has the lease");
  });

  test("know of its end, or the breach says who alone does", () => {
    const { hosts, scene, lease } = settledPair();
    scene.consumer.command({ verb: "relinquish", artifact: lease.derived.id });
    scene.run(5_000_000);
    expect(() => checkAgreement(hosts, late(scene.nowUs()))).not.toThrow();
    const open = { ...leaseAt(scene.consumer, lease), termination: null, relinquishment: null };
    scene.consumer.agent().durable.leases.set(toHex(lease.derived.id), open);
    expect(() => checkAgreement(hosts, late(scene.nowUs()))).toThrow("only the holder knows of its end");
  });
});

test("two records at one position in one bundle, and no failed check, is a breach", () => {
  const check = { code: "lineage-fork", result: "failed", subject: "b" };
  const audited = (checks: readonly unknown[]) => ({
    verdict: { checks } as unknown as Verdict,
    ids: new Set(["a", "b"]),
  });
  expect(() => checkForksFound(audited([check]), [["a", "b"]])).not.toThrow();
  expect(() => checkForksFound(audited([]), [["a", "c"]])).not.toThrow();
  expect(() => checkForksFound(audited([]), [["a", "b"]])).toThrow("no check fails");
});
