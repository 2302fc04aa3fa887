/** Logs that gave way to a directive of another root, where nobody let it count for that lease (PROTOCOL §6 C, §7). */
import { expect, test } from "vitest";
import type { Recognition } from "../../../src/core/record/kinds/recognition.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { type Authority, SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { BLOCK_END_US, type Incumbent, scriptedIncumbent } from "../../support/scripted-incumbent.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";
import { nextOf, verifiedLog } from "../../support/whole-log.ts";

const PREEMPTING: Partial<Recognition> = { level: "root", verbs: ["allocate", "acquire", "preempt"] };

/** What `verify` finds of entitlement where `host` records that a directive below `root` suspended its lease. */
function obeyedBy(
  side: "holder" | "consumer",
  twoRoots: { readonly consumers: Partial<Recognition>; readonly holder: Partial<Recognition> },
  isOwnRoot = false,
) {
  const of = twoAgents({ twoRoots });
  const lease = of.settle();
  const { other, authority } = of;
  if (other === null) throw new Error("the scene has two roots");
  const [host, own, root]: [Host, Authority, Authority] =
    side === "holder" ? [of.holder, authority, other] : [of.consumer, other, authority];
  const incumbent: Incumbent = scriptedIncumbent(of, {}, "incumbent", isOwnRoot ? own : root);
  const directive = incumbent.directive();
  const grounds = [...own.root.records, ...root.root.records, ...incumbent.ground, directive];
  for (const { envelope } of grounds) host.disk.push({ kind: "foreign", bytes: packEnvelope(envelope) });
  const [settlement] = host.written("settlement");
  if (settlement === undefined) throw new Error("the pair is settled");
  const word = {
    artifact: lease.derived.id,
    state: "suspended" as const,
    directive: directive.id,
    cause: "incumbent" as const,
    untilUs: directive.body.untilUs,
    unservedUs: Math.min(60 * SECOND_US, BLOCK_END_US - directive.body.issuedUs),
    unservedMicroUnits: 0n,
    settled: "none" as const,
    seen: [],
  };
  const time = { ...settlement.header.time, earliestUs: of.nowUs() - 1_000, latestUs: of.nowUs() };
  const said = nextOf(host, settlement, "lease-state", word, { time } as Partial<AnyRecord["header"]>);
  // Whose root is silent here is not the auditor's.
  return found(of, host, said, isOwnRoot ? root : own);
}

const found = (of: Scene, host: Host, said: AnyRecord, own: Authority) =>
  verifiedLog(of, host, [said], own)
    .filter(({ code }) => code === "preemption-entitled")
    .map(({ result, measured }) => ({ result, measured }));

test("one that a recognition lets count for the lease passes", () => {
  expect(obeyedBy("consumer", { consumers: {}, holder: PREEMPTING })).toMatchObject([{ result: "passed" }]);
});

test("one of a root that is recognised, and not for directives, was not to be obeyed", () => {
  const [first, ...more] = obeyedBy("consumer", { consumers: {}, holder: { level: "root" } });
  expect([first, ...more]).toMatchObject([{ result: "failed", measured: { code: "outside-recognition" } }]);
});

test("one of the buyer's own root silences the buyer, also before an auditor of the seller's", () => {
  const recognised = { consumers: {}, holder: {} };
  expect(obeyedBy("consumer", recognised, true)).toMatchObject([{ result: "passed" }]);
});

test("one of the buyer's root has no say over what the holder lets of its own root's spectrum", () => {
  expect(obeyedBy("holder", { consumers: PREEMPTING, holder: {} })).toMatchObject([
    { result: "failed", measured: { root: expect.any(String) } },
  ]);
});
