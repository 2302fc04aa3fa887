/** Every id by which a record names another: does it resolve, and to the kind that it must be? (PROTOCOL §6) */
import { equalBytes, idText } from "../base/bytes.ts";
import { ZERO_ID } from "../record/identity.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import { type Evidence, ofKind } from "./evidence.ts";

export type Reference = {
  readonly field: string;
  readonly id: Uint8Array;
  readonly kinds: readonly KindName[];
  /**
   * `must`: its writer stores what it names. `others`: so does its writer, and whoever keeps it beside a log of its own, unless
   * it is that log's own record: its disk may have lost it. `may`: it may have been somewhere else.
   */
  readonly need: "must" | "others" | "may";
};

export function referenceChecks(evidence: Evidence): readonly AuditCheck[] {
  const strange = unconfirmed(evidence);
  return [...evidence.lineages].flatMap(([lineage, records]) => {
    let looked = 0;
    const found: AuditCheck[] = [];
    for (const record of records) {
      for (const reference of referencesOf(record)) {
        looked += 1;
        const isHeld = isKept(evidence, record, reference) && !strange.has(idText(record.id));
        const finding = unresolved(evidence, record, reference, isHeld);
        if (finding !== null) found.push(finding);
      }
    }
    return orPassed("reference", lineage, looked, found);
  });
}

/**
 * What `record` names by id; artifacts, which are no records, are named by `artifactOf`. A memo, not a state: nobody
 * changes a record once it is read, and an audit asks for the same ones several times.
 */
export function referencesOf(record: AnyRecord): readonly Reference[] {
  const known = REFERENCES.get(record) ?? namedBy(record);
  REFERENCES.set(record, known);
  return known;
}

const REFERENCES: WeakMap<AnyRecord, readonly Reference[]> = new WeakMap();

function namedBy(record: AnyRecord): readonly Reference[] {
  const { credential, policy, attestation } = record.header;
  return [
    ...optional("header.credential", credential, "may", "credential"),
    ...optional("header.policy", policy, "may", "policy"),
    ...optional("header.attestation", attestation, "may", "attestation"),
    ...bodyReferences(record),
  ];
}

/** The artifact that a record about a lease names; outcomes name it by their actuation. */
export function artifactOf(record: AnyRecord): Uint8Array | null {
  switch (record.kind) {
    case "settlement":
    case "renewal-request":
    case "renewal":
    case "lease-termination":
    case "relinquishment":
    case "acknowledgement":
    case "lease-state":
    case "actuation":
      return record.body.artifact;
    default:
      return null;
  }
}

function bodyReferences(record: AnyRecord): readonly Reference[] {
  switch (record.kind) {
    case "credential":
      return optional("parent", record.body.parent, "may", "credential");
    case "recognition":
      return [may("parent", record.body.parent, "credential")];
    case "status-snapshot": {
      const { previousSnapshot } = record.body;
      const first = equalBytes(previousSnapshot, ZERO_ID);
      return first ? [] : [may("previousSnapshot", previousSnapshot, "status-snapshot")];
    }
    case "admission":
      return [may("peerCredential", record.body.peerCredential, "credential")];
    case "offer":
      return [may("schema", record.body.schema, "schema")];
    case "withdrawal":
      return [must("offer", record.body.offer, "offer")];
    case "acceptance":
      return [
        others("offer", record.body.offer, "offer"),
        ...record.body.budgets.map(({ credential }) => may("budgets", credential, "credential")),
      ];
    case "settlement":
      return settlementReferences(record.body);
    case "rejection":
      return optional("subject", record.body.subject, "others", "acceptance", "settlement", "preemption");
    case "deferral":
      return [others("subject", record.body.subject, "acceptance")];
    case "resumption":
      return [must("suspension", record.body.suspension, "suspension")];
    case "quarantine-end":
      return record.body.witness === null ? [] : [may("witness", record.body.witness)];
    default:
      return leaseReferences(record);
  }
}

function settlementReferences(
  body: Extract<AnyRecord, { kind: "settlement" }>["body"],
): readonly Reference[] {
  const { offer, acceptance, context } = body;
  return [
    others("offer", offer, "offer"),
    others("acceptance", acceptance, "acceptance"),
    ...context.credentials.map((id) => must("context.credentials", id, "credential")),
    ...context.snapshots.map((id) => must("context.snapshots", id, "status-snapshot")),
    ...context.attestations.map((id) => must("context.attestations", id, "attestation")),
    ...context.recognitions.map((id) => must("context.recognitions", id, "recognition")),
    ...context.corroborations.map((id) => must("context.corroborations", id)),
    ...context.reputations.map((id) => must("context.reputations", id)),
  ];
}

function leaseReferences(record: AnyRecord): readonly Reference[] {
  switch (record.kind) {
    case "renewal-request": {
      const { lastHolderRecord, lastRenewal } = record.body;
      const seen = others("lastHolderRecord", lastHolderRecord, "settlement", "renewal", "lease-termination");
      return [seen, ...optional("lastRenewal", lastRenewal, "others", "renewal")];
    }
    case "renewal":
      return [
        others("request", record.body.request, "renewal-request"),
        ...record.body.snapshots.map((id) => may("snapshots", id, "status-snapshot")),
      ];
    case "lease-termination": {
      const { cause, link } = record.body;
      return [
        ...optional(
          "cause",
          cause,
          "others",
          "settlement",
          "renewal-request",
          "relinquishment",
          "status-snapshot",
          "preemption",
        ),
        // Who hears of the end has the link where it was a party; who was refused the lease may not.
        ...optional("link", link, "others", "credential", "recognition"),
      ];
    }
    case "relinquishment":
      return optional("termination", record.body.termination, "others", "lease-termination");
    case "lease-state":
      return [others("directive", record.body.directive, "preemption")];
    case "acknowledgement":
      return [others("record", record.body.record, "settlement", "relinquishment", "acknowledgement")];
    case "actuation":
      return [others("renewal", record.body.renewal, "renewal")];
    case "actuation-outcome":
      return [
        must("actuation", record.body.actuation, "actuation"),
        ...optional("termination", record.body.termination, "others", "lease-termination"),
      ];
    default:
      return [];
  }
}

function must(field: string, id: Uint8Array, ...kinds: readonly KindName[]): Reference {
  return { field, id, kinds, need: "must" };
}

/** The other party's record. */
function others(field: string, id: Uint8Array, ...kinds: readonly KindName[]): Reference {
  return { field, id, kinds, need: "others" };
}

function may(field: string, id: Uint8Array, ...kinds: readonly KindName[]): Reference {
  return { field, id, kinds, need: "may" };
}

function optional(
  field: string,
  id: Uint8Array | null,
  need: Reference["need"],
  ...kinds: readonly KindName[]
): readonly Reference[] {
  return id === null ? [] : [{ field, id, kinds, need }];
}

/**
 * Settlements of others that no exporter settled too. Whoever refuses one, or gives up what it never held, stores it and may
 * know nothing of what it names: anybody can name anything.
 */
function unconfirmed(evidence: Evidence): ReadonlySet<string> {
  const isExported = ({ header }: AnyRecord): boolean => evidence.exported.has(idText(header.lineage));
  const settlements = ofKind(evidence, "settlement");
  const settled = new Set(settlements.filter(isExported).map(({ body }) => idText(body.artifact)));
  const alone = settlements.filter((each) => !isExported(each) && !settled.has(idText(each.body.artifact)));
  return new Set(alone.map(({ id }) => idText(id)));
}

/** Whose log keeps `record` keeps what it names; what was its own may be gone, and then only the name is left. */
function isKept({ exported }: Evidence, { header }: AnyRecord, { need }: Reference): boolean {
  return need === "must" || (need === "others" && exported.has(idText(header.lineage)));
}

/** `isHeld`: whoever stored `record` had to store what it names. */
function unresolved(
  evidence: Evidence,
  record: AnyRecord,
  reference: Reference,
  isHeld: boolean,
): AuditCheck | null {
  const { field, id, kinds } = reference;
  const found = evidence.byId.get(idText(id));
  if (found !== undefined && (kinds.length === 0 || kinds.includes(found.kind))) return null;
  const about = idText(record.id);
  const measured = { kind: record.kind, field, id: idText(id) };
  const required = { kind: kinds.join(" ") };
  if (found !== undefined) return failed("reference", about, { ...measured, found: found.kind }, required);
  if (isHeld && !isUnsignedSubject(evidence, reference)) {
    return failed("reference", about, { ...measured, found: "nothing verified" }, required);
  }
  return notCheckable(
    "reference",
    about,
    "It names a record that is not here, so what that says is not known.",
    measured,
  );
}

/** The subject of a refusal may be all that is known of its author. */
function isUnsignedSubject({ unverified }: Evidence, { field, id }: Reference): boolean {
  return field === "subject" && unverified.has(idText(id));
}
