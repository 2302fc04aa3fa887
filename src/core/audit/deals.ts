/** A deal: one artifact, the settlements that name it, and every record about its lease. */
import { assert } from "../base/assert.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import type { Evidence } from "./evidence.ts";
import { find, ofKind } from "./evidence.ts";
import { type Rederivation, rederive } from "./rederive.ts";
import { artifactOf } from "./references.ts";

export type Deal = {
  /** Hex. */
  readonly artifact: string;
  readonly offer: RecordOf<"offer"> | null;
  readonly acceptance: RecordOf<"acceptance"> | null;
  /** All settlements that name the artifact, whoever signed them. */
  readonly settlements: readonly RecordOf<"settlement">[];
  readonly holderSettlement: RecordOf<"settlement"> | null;
  readonly consumerSettlement: RecordOf<"settlement"> | null;
  /** Of the holder's settlement, or of the consumer's where that is missing. */
  readonly rederived: Rederivation;
  /** The artifact, where it comes out again. */
  readonly derived: DerivedArtifact | null;
  readonly requests: readonly RecordOf<"renewal-request">[];
  readonly renewals: readonly RecordOf<"renewal">[];
  readonly actuations: readonly RecordOf<"actuation">[];
  readonly outcomes: readonly RecordOf<"actuation-outcome">[];
  readonly terminations: readonly RecordOf<"lease-termination">[];
  readonly relinquishments: readonly RecordOf<"relinquishment">[];
  readonly acknowledgements: readonly RecordOf<"acknowledgement">[];
  /** Of both parties. */
  readonly leaseStates: readonly RecordOf<"lease-state">[];
};

/** In the order in which the settlements stand in the file. */
export function dealsOf(evidence: Evidence): readonly Deal[] {
  const settlements = new Map<string, RecordOf<"settlement">[]>();
  for (const each of ofKind(evidence, "settlement")) push(settlements, idText(each.body.artifact), each);
  const about = new Map<string, AnyRecord[]>();
  for (const record of evidence.records) {
    const artifact = leaseOf(evidence, record);
    if (artifact !== null) push(about, idText(artifact), record);
  }
  return [...settlements].map(([artifact, of]) => deal(evidence, artifact, of, about.get(artifact) ?? []));
}

/** The artifact of the lease that a record is about; settlements are not about a lease, they make it. */
export function leaseOf(evidence: Evidence, record: AnyRecord): Uint8Array | null {
  if (record.kind === "settlement") return null;
  if (record.kind !== "actuation-outcome") return artifactOf(record);
  return find(evidence, "actuation", record.body.actuation)?.body.artifact ?? null;
}

export function isParty(lineage: Uint8Array | undefined, record: AnyRecord): boolean {
  return lineage !== undefined && equalBytes(lineage, record.header.lineage);
}

function deal(
  evidence: Evidence,
  artifact: string,
  settlements: readonly RecordOf<"settlement">[],
  about: readonly AnyRecord[],
): Deal {
  const [named] = settlements;
  assert(named !== undefined, "a deal is made of the settlements that name its artifact");
  const offer = find(evidence, "offer", named.body.offer) ?? null;
  const acceptance = find(evidence, "acceptance", named.body.acceptance) ?? null;
  const holderSettlement = settlements.find((each) => isParty(offer?.header.lineage, each)) ?? null;
  const consumerSettlement = settlements.find((each) => isParty(acceptance?.header.lineage, each)) ?? null;
  const rederived = rederive(evidence, holderSettlement ?? consumerSettlement ?? named);
  const derived = rederived.kind === "derived" ? rederived.derived : null;
  return {
    artifact,
    offer,
    acceptance,
    settlements,
    holderSettlement,
    consumerSettlement,
    rederived,
    derived: derived !== null && idText(derived.id) === artifact ? derived : null,
    requests: of(about, "renewal-request"),
    renewals: of(about, "renewal"),
    actuations: of(about, "actuation"),
    outcomes: of(about, "actuation-outcome"),
    terminations: of(about, "lease-termination"),
    relinquishments: of(about, "relinquishment"),
    acknowledgements: of(about, "acknowledgement"),
    leaseStates: of(about, "lease-state"),
  };
}

function of<K extends KindName>(records: readonly AnyRecord[], kind: K): readonly RecordOf<K>[] {
  return records.filter((record) => record.kind === kind) as unknown as readonly RecordOf<K>[];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}
