/** No RF of a lease that waits for a word from above, unless that word is stored at its radio (PROTOCOL §6). */
import { expect, test } from "vitest";
import { equalBytes } from "../../src/core/base/bytes.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import { oversightInvariants } from "../../src/sim/invariants/oversight-invariants.ts";
import { newLedger } from "../../src/sim/ledger.ts";
import { newRegister } from "../../src/sim/register.ts";
import { SECOND_US, scenePolicy } from "../support/scripted-authority.ts";
import { packEnvelope, recordFrom } from "../support/scripted-host.ts";
import { twoAgents } from "../support/two-agents.ts";
import { watchedWorld } from "../support/watched-world.ts";

const CONSUMER = "consumer-1";
const leaseClasses = scenePolicy.leaseClasses.map((each) => ({
  ...each,
  oversight: { level: "root", duty: "acknowledged" as const },
}));

/** A lease on air after the root's word, its consumer's records, and the invariant over a register that knows the word. */
function acknowledged(isRightful = true) {
  const scene = twoAgents({ authority: { policy: { leaseClasses } } });
  scene.accept(scene.consumer, scene.offer());
  scene.run(10 * SECOND_US);
  const [bound] = scene.consumer.written("settlement");
  const [sold] = scene.holder.written("settlement");
  if (bound === undefined || sold === undefined) throw new Error("a pair settles");
  const { root, rootLink } = scene.authority;
  const word: RecordOf<"acknowledgement"> = root.write(
    "acknowledgement",
    { artifact: sold.body.artifact, record: sold.id },
    { credential: rootLink.id },
  );
  scene.consumer.take({ kind: "message", bytes: packEnvelope(word.envelope) });
  scene.run(SECOND_US);
  const records: readonly AnyRecord[] = scene.consumer.disk
    .filter(({ kind }) => kind === "own")
    .map(({ bytes }) => recordFrom(bytes, scene.scheme.primitives));
  const [register, ledger] = [newRegister(), newLedger(0)];
  if (isRightful) register.acknowledged(word);
  const offers = scene.holder.written("offer");
  const acceptances = scene.consumer.written("acceptance");
  for (const each of offers) ledger.take("holder-0", each, 0);
  for (const each of acceptances) ledger.take(CONSUMER, each, 0);
  for (const each of scene.holder.written("settlement")) ledger.take("holder-0", each, 0);
  const policy = { ...scenePolicy, leaseClasses };
  const [invariant] = oversightInvariants(watchedWorld({ register, ledger, policy }));
  const isWord = (each: AnyRecord): boolean =>
    each.kind === "acknowledgement" && equalBytes(each.body.record, word.id);
  const artifact = Buffer.from(sold.body.artifact).toString("hex");
  return {
    records,
    isWord,
    append: (each: AnyRecord) => invariant?.appended?.(CONSUMER, each, "agent"),
    reread: (all: readonly AnyRecord[]) => invariant?.reread?.(CONSUMER, all, null),
    transmit: (state: "on" | "off" = "on", emitter = CONSUMER) =>
      invariant?.transmitted?.({ emitter, state, lease: artifact, cause: "" } as never),
  };
}

test("RF before the word is stored is a breach, after it is none, and another host's radio has to have its own", () => {
  const { records, append, transmit } = acknowledged();
  expect(() => transmit()).toThrow(
    "consumer-1 went on air without a stored word of its lease by root or above",
  );
  expect(() => transmit("off")).not.toThrow();
  for (const each of records) append(each);
  expect(() => transmit()).not.toThrow();
  expect(() => transmit("on", "consumer-2")).toThrow("consumer-2 went on air");
});

test("a word that is not the overseer's counts for nothing", () => {
  const { records, append, transmit } = acknowledged(false);
  for (const each of records) append(each);
  expect(() => transmit()).toThrow("without a stored word");
});

test("a log that lost it gives no right any more", () => {
  const { records, isWord, append, reread, transmit } = acknowledged();
  for (const each of records) append(each);
  reread(records.filter((each) => !isWord(each)));
  expect(() => transmit()).toThrow("without a stored word");
  reread(records);
  expect(() => transmit()).not.toThrow();
});
