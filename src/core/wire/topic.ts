/** Topics of the mesh: levels of `[a-z0-9_-]+`, identities in hex only (DESIGN §5; CVE-2017-7650). */
import { assert } from "../base/assert.ts";
import { toHex } from "../base/bytes.ts";

const ROOT = "spectrum/v1";
/** One level, whichever. */
const ANY = "+";
const LEVEL = /^[a-z0-9_-]{1,64}$/;

/** Offers and other records for those of an eligibility class in a cell. */
export function classTopic(cell: string, eligibilityClass: string, kind: string, agent: Uint8Array): string {
  return `${ROOT}/${level(cell)}/${level(eligibilityClass)}/${level(kind)}/${toHex(agent)}`;
}

/** Everything of a class in a cell. */
export function classFilter(cell: string, eligibilityClass: string): string {
  return `${ROOT}/${level(cell)}/${level(eligibilityClass)}/+/+`;
}

/** Everything of a class, wherever it is. */
export function classEverywhereFilter(eligibilityClass: string): string {
  return `${ROOT}/+/${level(eligibilityClass)}/+/+`;
}

/** What a client of a broker may do whatever its classes; `own`: its lineage id, in hex. */
export function ownTopics(own: string): {
  readonly writes: readonly string[];
  readonly reads: readonly string[];
} {
  return {
    writes: [
      broadcasts(own),
      topicOfAgent(own, "availability"),
      topicOfAgent(own, "identity"),
      topicOfAgent(own, "health"),
      topicOfAgent(ANY, "inbox"),
      statusOf(own),
      policyOf(own),
      `${ROOT}/preemption/${own}/+`,
      `${ROOT}/recognition/${own}/+`,
      wordsTo(ANY, own),
    ],
    reads: [
      topicOfAgent(own, "inbox"),
      identityFilter(),
      statusFilter(),
      preemptionFilter(),
      recognitionFilter(),
      wordsTo(own, ANY),
    ],
  };
}

/** Everything that one agent broadcasts, to any class in any cell. */
export function broadcastFilter(agent: Uint8Array): string {
  return broadcasts(toHex(agent));
}

export type AgentTopic = "availability" | "identity" | "health" | "inbox";

export function agentTopic(agent: Uint8Array, what: AgentTopic): string {
  return topicOfAgent(toHex(agent), what);
}

export function identityFilter(): string {
  return topicOfAgent(ANY, "identity");
}

/** Signed status snapshots of one issuer, retained. */
export function statusTopic(issuer: Uint8Array): string {
  return statusOf(toHex(issuer));
}

/** The latest policy of one issuer, retained beside its snapshots: whoever hears of status hears of both. */
export function policyTopic(issuer: Uint8Array): string {
  return policyOf(toHex(issuer));
}

export function statusFilter(): string {
  return statusOf(ANY);
}

/** A directive of one authority, or a record that it stands on: each retained under its own id until the directive ends. */
export function preemptionTopic(issuer: Uint8Array, record: Uint8Array): string {
  return `${ROOT}/preemption/${toHex(issuer)}/${toHex(record)}`;
}

export function preemptionFilter(): string {
  return `${ROOT}/preemption/+/+`;
}

/** A recognition of one authority, or a record that it stands on: each retained under its own id until it ends. */
export function recognitionTopic(issuer: Uint8Array, record: Uint8Array): string {
  return `${ROOT}/recognition/${toHex(issuer)}/${toHex(record)}`;
}

export function recognitionFilter(): string {
  return `${ROOT}/recognition/+/+`;
}

/**
 * An acknowledgement for one agent, or a record that it stands on: each retained under its own id until the lease ends, so
 * that an author that is not on the mesh is heard by who comes later, and by nobody else.
 */
export function acknowledgementTopic(agent: Uint8Array, author: Uint8Array, record: Uint8Array): string {
  return `${ROOT}/agents/${toHex(agent)}/acknowledgement/${toHex(author)}/${toHex(record)}`;
}

/** Everything that authors have said of one agent's leases. */
export function acknowledgementFilter(agent: Uint8Array): string {
  return wordsTo(toHex(agent), ANY);
}

export function isLevel(text: string): boolean {
  return LEVEL.test(text);
}

function broadcasts(agent: string): string {
  return `${ROOT}/${ANY}/${ANY}/${ANY}/${agent}`;
}

function topicOfAgent(agent: string, what: AgentTopic): string {
  return `${ROOT}/agents/${agent}/${what}`;
}

function wordsTo(agent: string, author: string): string {
  return `${ROOT}/agents/${agent}/acknowledgement/${author}/${ANY}`;
}

function statusOf(issuer: string): string {
  return `${ROOT}/status/${issuer}`;
}

function policyOf(issuer: string): string {
  return `${statusOf(issuer)}-policy`;
}

function level(text: string): string {
  assert(isLevel(text), `"${text}" is a level of [a-z0-9_-]+`);
  return text;
}
