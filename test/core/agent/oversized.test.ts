/** No peer can make an agent write a record that nobody, itself included, reads back (PROTOCOL §1 Sizes). */
import { expect, test } from "vitest";
import { enqueue } from "../../../src/core/agent/agent.ts";
import { fitting } from "../../../src/core/agent/refuse.ts";
import type { Rejection } from "../../../src/core/base/rejection.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { twoAgents } from "../../support/two-agents.ts";

test("a refusal as long as a record may be is kept by a record that is not longer, and the log reads back", () => {
  const scene = twoAgents();
  const { holder, consumer } = scene;
  const offer = scene.offer();
  scene.mesh.carry = () => [];
  scene.accept(consumer, offer);
  scene.run(SECOND_US);
  const acceptance = consumer.written("acceptance").at(-1);
  if (acceptance === undefined) throw new Error("the consumer accepted");
  const said = (findings: readonly Rejection[]) =>
    holder.lineage.write(
      "rejection",
      {
        subject: acceptance.id,
        peer: consumer.lineage.inception.header.lineage,
        findings,
        profile: "x",
        profiles: [],
        consequence: "none",
        retryAfterUs: 0,
        count: 1,
      },
      { seq: 900 },
    );
  const findings: Rejection[] = [];
  const room = (): number => limits.RECORD_BYTES_MAX - said([...findings, long(0)]).envelope.payload.length;
  function long(length: number): Rejection {
    return { code: "withdrawn", field: "x", measured: { a: "y".repeat(length) }, required: {} };
  }
  function longest(): Rejection {
    const measured = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`name-${i}`, "y".repeat(200)]));
    return { code: "withdrawn", field: "x", measured, required: {} };
  }
  while (room() > 4_000) findings.push(longest());
  while (room() > 210) findings.push(long(190));
  const record = said([...findings, long(Math.max(0, room() - 10))]);
  expect(record.envelope.payload.length).toBeLessThanOrEqual(limits.RECORD_BYTES_MAX);
  expect(record.envelope.payload.length).toBeGreaterThan(limits.RECORD_BYTES_MAX - 40);
  consumer.take({ kind: "message", bytes: packEnvelope(record.envelope) });
  scene.run(SECOND_US);
  consumer.crash();
  consumer.start();
  const kept = consumer.written("rejection").at(-1);
  expect(kept?.body.subject).toEqual(acceptance.id);
  expect(kept?.envelope.payload.length).toBeLessThanOrEqual(limits.RECORD_BYTES_MAX);
});

test("of findings that fill more than a record, what has room is said; one too long is said without its figures", () => {
  const long = (length: number): Rejection => ({
    code: "withdrawn",
    field: "offer",
    measured: Object.fromEntries(Array.from({ length }, (_, i) => [`name-${i}`, "é".repeat(200)])),
    required: Object.fromEntries(Array.from({ length }, (_, i) => [`name-${i}`, "é".repeat(200)])),
  });
  expect(fitting([long(8), long(8), long(8)])).toEqual([long(8), long(8)]);
  expect(fitting([long(16), long(16)])).toHaveLength(1);
  const tooLong = { ...long(16), measured: Object.fromEntries(wide()), required: Object.fromEntries(wide()) };
  expect(fitting([tooLong, long(1)])).toEqual([{ ...tooLong, measured: {}, required: {} }]);
});

function wide(): readonly (readonly [string, string])[] {
  return Array.from({ length: 16 }, (_, i) => [`name-${i}`, "\u20ac".repeat(200)] as const);
}

test("a record that would be too long is not written: the log stays readable", () => {
  const scene = twoAgents();
  const agent = scene.holder.agent();
  const turn = { agent, now: scene.holder.reading(), effects: [] };
  const what = "x".repeat(200);
  const measured = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`name-${i}`, what]));
  const findings = Array.from({ length: 8 }, () => ({ code: "c", field: "", measured, required: {} }));
  const made = enqueue(turn, "rejection", {
    subject: null,
    peer: new Uint8Array(32),
    findings,
    profile: "x",
    profiles: [],
    consequence: "none",
    retryAfterUs: 0,
    count: 1,
  });
  expect(made).toBeNull();
  expect(agent.queue.some(({ draft }) => draft.record.kind === "rejection")).toBe(false);
  expect(agent.volatile.counters.get("record-too-long")).toBe(1);
});
