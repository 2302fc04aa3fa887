/** What others saw of both sides, gathered for a pair whose policy asks for it (PROTOCOL §4 Weight, §6 C). */
import { type Chain, chainOf } from "../authority/chain.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { bodyOf } from "../pairing/bodies.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import { emit, enqueue, ownLineage } from "./agent.ts";
import { bodiesOf } from "./documents.ts";
import { admissionKey, liveLeases } from "./state.ts";
import type { Agent, Turn } from "./turn.ts";
import { want } from "./want.ts";

type Admission = RecordOf<"admission">;

/** Does any word of third parties change what this policy says of a pair? */
export function asksForOthers({ weighing, levels }: Policy): boolean {
  return (weighing?.corroboration ?? 0) > 0 || levels.some(({ admits }) => admits === "corroborated");
}

/** Once a peer and policy. */
export function admit(turn: Turn, { header }: AnyRecord, policy: Uint8Array): void {
  const { lineage: peer, credential: peerCredential } = header;
  if (turn.agent.provisional.admissions.has(admissionKey(peer, policy)) || peerCredential === null) return;
  enqueue(turn, "admission", { peer, peerCredential, verdict: "admitted", findings: [] }, { policy });
}

/** Admissions of `lineage` by others, and their chains where these are at hand. */
function seenOf(agent: Agent, lineage: Uint8Array): readonly { record: Admission; chain: Chain }[] {
  const bodies = bodiesOf(agent);
  return [...agent.volatile.known.ofKind("admission")]
    .filter(({ body }) => body.verdict === "admitted" && equalBytes(body.peer, lineage))
    .map((record) => ({ record, chain: chainOf(record.header.credential, bodies) }));
}

export type Gathered = {
  readonly corroborations: readonly Uint8Array[];
  readonly links: readonly RecordOf<"credential">[];
};

/** For a context: what has its whole chain here, as long as the context has room for it beside the `taken` credentials. */
export function gathered(
  agent: Agent,
  policy: Policy | null,
  pair: readonly AnyRecord[],
  taken: number,
): Gathered {
  const corroborations: Uint8Array[] = [];
  const links: RecordOf<"credential">[] = [];
  if (policy === null || !asksForOthers(policy)) return { corroborations, links };
  for (const { record, chain } of pair.flatMap(({ header }) => seenOf(agent, header.lineage))) {
    if (chain.missing !== null || pair.some(({ header }) => isBy(record, header.lineage))) continue;
    const room = limits.CONTEXT_IDS_MAX - taken - links.length;
    if (corroborations.length >= limits.CORROBORATIONS_MAX || chain.links.length > room) break;
    corroborations.push(record.id);
    links.push(...chain.links);
  }
  return { corroborations, links };
}

function isBy({ header }: AnyRecord, lineage: Uint8Array): boolean {
  return equalBytes(header.lineage, lineage);
}

/** The earlier attestations that count under `policy`, from the author's latest back, as far as they are at hand. */
export function earlierAttestations(
  agent: Agent,
  policy: Policy | null,
  { header }: AnyRecord,
): readonly Uint8Array[] {
  const ids: Uint8Array[] = [];
  const weighing = policy?.weighing ?? null;
  const most = weighing === null || weighing.attestation === 0 ? 0 : weighing.attestationsMax;
  let next = attestationBehind(agent, header.attestation);
  while (next !== null && ids.length < Math.min(most, EARLIER_MAX)) {
    if (bodyOf(bodiesOf(agent), "attestation", next) === undefined) break;
    ids.push(next);
    next = attestationBehind(agent, next);
  }
  return ids;
}

/** Beside the latest of each side, half of a context's list each. */
const EARLIER_MAX = limits.CONTEXT_IDS_MAX / 2 - 1;

function attestationBehind(agent: Agent, id: Uint8Array | null): Uint8Array | null {
  const found = id === null ? undefined : bodyOf(bodiesOf(agent), "attestation", id);
  return found?.header.attestation ?? null;
}

/** An attestation came: the one before it is asked for, where the policy of a pair would let it count. */
export function askForEarlier(turn: Turn, { header }: RecordOf<"attestation">, policy: Policy | null): void {
  if ((policy?.weighing?.attestation ?? 0) === 0 || header.attestation === null) return;
  if (bodyOf(bodiesOf(turn.agent), "attestation", header.attestation) !== undefined) return;
  want(turn, header.lineage, [header.attestation]);
}

/** An admission, or a link of a chain came: what its author's chain still lacks is asked for. */
export function askForChains(turn: Turn, policy: Policy | null): void {
  if (policy === null || !asksForOthers(policy)) return;
  for (const { header } of turn.agent.volatile.known.ofKind("admission")) {
    const { missing } = chainOf(header.credential, bodiesOf(turn.agent));
    if (missing !== null) want(turn, header.lineage, [missing]);
  }
}

/** With an acceptance: what others said of its author travels along, since the holder could not know whom to ask. */
export function tellAdmissions(turn: Turn, holder: Uint8Array): void {
  const own = seenOf(turn.agent, ownLineage(turn.agent)).slice(-limits.CORROBORATIONS_MAX);
  for (const { record } of own)
    emit(turn, { kind: "publish", route: { to: "agent", lineage: holder }, record });
}

/** A peer's own admissions are its to ask for, and those that a context with it names. */
export function isForRequester({ durable }: Agent, record: AnyRecord, requester: Uint8Array): boolean {
  if (record.kind !== "admission") return false;
  if (equalBytes(record.body.peer, requester)) return true;
  for (const { offer, acceptance, derived } of liveLeases(durable)) {
    if (!isBy(offer, requester) && !isBy(acceptance, requester)) continue;
    const { corroborations } = derived.artifact.context;
    if (corroborations.some((id) => idText(id) === idText(record.id))) return true;
  }
  return false;
}
