import { describe, expect, test } from "vitest";
import {
  acknowledgementFilter,
  acknowledgementTopic,
  agentTopic,
  broadcastFilter,
  classFilter,
  classTopic,
  identityFilter,
  isLevel,
  ownTopics,
  preemptionFilter,
  preemptionTopic,
  recognitionFilter,
  recognitionTopic,
  statusFilter,
  statusTopic,
} from "../../../src/core/wire/topic.ts";

const agent = new Uint8Array(32).fill(0xab);
const hex = "ab".repeat(32);

test("topics are those of the design, identities in hex", () => {
  expect(classTopic("871f8d", "bench", "offer", agent)).toBe(`spectrum/v1/871f8d/bench/offer/${hex}`);
  expect(broadcastFilter(agent)).toBe(`spectrum/v1/+/+/+/${hex}`);
  expect(classFilter("871f8d", "bench")).toBe("spectrum/v1/871f8d/bench/+/+");
  expect(agentTopic(agent, "inbox")).toBe(`spectrum/v1/agents/${hex}/inbox`);
  expect(identityFilter()).toBe("spectrum/v1/agents/+/identity");
  expect(statusTopic(agent)).toBe(`spectrum/v1/status/${hex}`);
  expect(statusFilter()).toBe("spectrum/v1/status/+");
  expect(preemptionTopic(agent, agent)).toBe(`spectrum/v1/preemption/${hex}/${hex}`);
  expect(preemptionFilter()).toBe("spectrum/v1/preemption/+/+");
  expect(recognitionTopic(agent, agent)).toBe(`spectrum/v1/recognition/${hex}/${hex}`);
  expect(recognitionFilter()).toBe("spectrum/v1/recognition/+/+");
  const said = `spectrum/v1/agents/${hex}/acknowledgement`;
  expect(acknowledgementTopic(agent, agent, agent)).toBe(`${said}/${hex}/${hex}`);
  expect(acknowledgementFilter(agent)).toBe(`${said}/+/+`);
});

test("every client of a broker hears recognitions and directives, and says them in its own name alone", () => {
  const { reads, writes } = ownTopics("%u");
  for (const what of ["recognition", "preemption"]) {
    expect(reads).toContain(`spectrum/v1/${what}/+/+`);
    expect(writes.filter((topic) => topic.includes(`/${what}/`))).toEqual([`spectrum/v1/${what}/%u/+`]);
  }
});

describe("a level is 1 to 64 of [a-z0-9_-]", () => {
  test.each(["a", "0", "_", "-", "bench-433_a", "x".repeat(64)])("%s is one", (text) => {
    expect(isLevel(text)).toBe(true);
    expect(() => classTopic(text, text, text, agent)).not.toThrow();
  });

  test.each(["", "x".repeat(65), "A", "+", "#", "a/b", "a b", "$sys", "a.b", "ä", "a\n", "a\0"])(
    "%j is none, and none of ours",
    (text) => {
      expect(isLevel(text)).toBe(false);
      expect(() => classTopic(text, "bench", "offer", agent)).toThrow("is a level");
      expect(() => classTopic("cell", text, "offer", agent)).toThrow("is a level");
      expect(() => classTopic("cell", "bench", text, agent)).toThrow("is a level");
      expect(() => classFilter(text, "bench")).toThrow("is a level");
    },
  );
});
