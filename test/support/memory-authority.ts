/** Authorities without a disk: real P-256 keys, a folder in memory that a test may copy and spoil. */
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { seededEntropy } from "../../src/adapters/system/seeded-entropy.ts";
import { type Authority, type AuthorityParts, beginAuthority } from "../../src/authority/authority.ts";
import { adopt, claimOf, license } from "../../src/authority/entitle.ts";
import type { Entitlement } from "../../src/authority/entitlement.ts";
import { issue } from "../../src/authority/issue.ts";
import type { KeyPlan } from "../../src/authority/key-sets.ts";
import { writeSnapshot } from "../../src/authority/revoke.ts";
import { provenSubject, type Subject } from "../../src/authority/subject.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import type { Rejection, Result } from "../../src/core/base/rejection.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import type { Box } from "../../src/core/record/spectrum-fields.ts";
import type { AuthorityFolder, StoredRecord } from "../../src/ports/authority-folder.ts";
import type { KeySource } from "../../src/ports/key-source.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import { loadCommodity, loadPolicy } from "../../src/profile/load.ts";

const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;
export const NOW_US = 1_800_000_000_000_000;
export const ONE_KEY: KeyPlan = { keys: 1, threshold: 1, suite: SUITE_ES256 };

export const primitives = nodeSignatures();
export const pack = msgpackrEnvelope();

export type MemoryFolder = AuthorityFolder & {
  readonly own: StoredRecord[];
  readonly others: Map<string, StoredRecord>;
  readonly trusted: StoredRecord[];
  readonly sets: Map<number, Uint8Array>;
};

export function memoryFolder(from?: MemoryFolder): MemoryFolder {
  const own = [...(from?.own ?? [])];
  const others = new Map(from?.others);
  const trusted = [...(from?.trusted ?? [])];
  const sets = new Map(from?.sets);
  let brokerCertificate: string | null = null;
  return {
    own,
    others,
    trusted,
    sets,
    records: async () => own,
    async append(seq, bytes) {
      if (seq < own.length) throw new PortError("authority", "authority-record-stands", `${seq}`, true);
      own.push({ name: `${seq}`, bytes });
    },
    documents: async () => [...others.values()],
    async keepDocuments(files) {
      for (const file of files) others.set(file.name, file);
    },
    brokerCertificate: async () => brokerCertificate,
    async keepBrokerCertificate(pem) {
      brokerCertificate = pem;
    },
    roots: async () => trusted,
    async keepRoot(bytes) {
      trusted.splice(0, 1, { name: "root", bytes });
    },
    keySet: async (generation) => sets.get(generation) ?? null,
    async keepKeySet(generation, bytes) {
      sets.set(generation, bytes);
    },
  };
}

export type MemoryKeys = KeySource & { readonly signers: Map<string, Signer> };

/** Keys of P-256 whatever suite is asked for; a test takes some away as a thief or a fire would. */
export function memoryKeys(seed: number, held = new Map<string, Signer>()): MemoryKeys {
  const entropy = seededEntropy(Uint8Array.of(seed, 7));
  const signers = held;
  return {
    signers,
    async create(label) {
      if (signers.has(label)) throw new PortError("signer", "signer-key-exists", label, false);
      const signer = createSoftwareSigner(entropy);
      signers.set(label, signer);
      return signer;
    },
    async open(label) {
      const signer = signers.get(label);
      if (signer === undefined) throw new PortError("signer", "signer-key-unreadable", label, false);
      return signer;
    },
  };
}

export type MemoryParts = AuthorityParts & { readonly folder: MemoryFolder; readonly keys: MemoryKeys };

export function memoryParts(seed: number): MemoryParts {
  const entropy = seededEntropy(Uint8Array.of(seed));
  return { folder: memoryFolder(), keys: memoryKeys(seed), primitives, entropy, pack };
}

export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.rejections.map(spoken).join("; "));
}

/** `code field`, of each. */
export function refused(result: Result<unknown>): readonly string[] {
  return result.ok ? ["accepted"] : result.rejections.map(({ code, field }) => `${code} ${field}`);
}

function spoken(each: Rejection): string {
  return JSON.stringify(each);
}

export const box: Box = {
  lowerHz: 433_000_000,
  upperHz: 434_000_000,
  area: [
    { latE7: 0, lonE7: 0 },
    { latE7: 0, lonE7: 1_000 },
    { latE7: 1_000, lonE7: 1_000 },
    { latE7: 1_000, lonE7: 0 },
  ],
  fromUs: NOW_US - DAY_US,
  untilUs: NOW_US + 365 * DAY_US,
  limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "eirp", detector: "rms" }],
  commodityClass: "spectrum",
};

export const whole: Entitlement = {
  level: "regulator",
  verbs: ["allocate", "acquire", "issue", "preempt"],
  eligibilityClasses: ["away", "bench"],
  exclusive: true,
  depthLeft: 4,
  budgets: [],
  holdingsMaxHz: null,
  fromUs: box.fromUs,
  untilUs: box.untilUs,
  scope: [box],
  identifiers: [],
  contact: "nobody",
  revocationChannel: "none",
  licenceAsserted: true,
  keepOut: [],
};

export async function begun(
  parts: AuthorityParts,
  owner: string,
  plan: KeyPlan = ONE_KEY,
): Promise<Authority> {
  return value(await beginAuthority(parts, { owner, plan }));
}

/** A root with the shipped bench policy, a commodity, its licence and its first snapshot. */
/** `own`: what its own credential has besides. */
export async function root(
  parts: AuthorityParts,
  plan: KeyPlan = ONE_KEY,
  own: Partial<Entitlement> = {},
): Promise<Authority> {
  const authority = await begun(parts, "Root", plan);
  const policy = loadPolicy("profiles/policies/bench-cabled.yaml");
  const commodity = loadCommodity("profiles/commodities/spectrum-block.yaml");
  if (!policy.ok || !commodity.ok) throw new Error("the shipped documents load");
  await authority.write({ kind: "policy", body: policy.policy.body });
  await authority.write({ kind: "schema", body: commodity.commodity.body });
  await parts.folder.keepRoot(pack(inceptionOf(authority).envelope));
  const rooted = value(await authority.reload());
  value(await license(rooted, { ...whole, ...own }, NOW_US));
  value(await writeSnapshot(rooted, [], NOW_US));
  return rooted;
}

export function inceptionOf(authority: Authority): AnyRecord {
  return authority.view().lineage.records[0] as AnyRecord;
}

/** A device's, or any other lineage's, proved as a request proves it. */
export async function subject(seed: number, owner = `device ${seed}`): Promise<Subject> {
  return subjectOf(await begun(memoryParts(seed), owner));
}

export function subjectOf(authority: Authority): Subject {
  return value(provenSubject(claimOf(authority), primitives));
}

/** Issued by `above`, and taken in with all that `above` knows. */
export async function below(
  above: Authority,
  parts: AuthorityParts,
  entitlement: Entitlement,
): Promise<Authority> {
  const authority = await begun(parts, "Delegate");
  const link = value(await issue(above, subjectOf(authority), entitlement, NOW_US));
  const { authority: adopted } = value(await adopt(authority, adoption(above, link), NOW_US));
  value(await writeSnapshot(adopted, [], NOW_US));
  return adopted;
}

export function adoption(above: Authority, link: RecordOf<"credential">) {
  const { records, roots } = above.view();
  const trust = records.find(
    ({ header }) => header.seq === 0 && roots.some((id) => Buffer.compare(id, header.lineage) === 0),
  );
  if (trust === undefined) throw new Error("the root's inception is known");
  return {
    credential: stored(link),
    trust: stored(trust),
    documents: records.map(stored),
  };
}

export function stored({ kind, envelope }: Pick<AnyRecord, "kind" | "envelope">): StoredRecord {
  return { name: kind, bytes: pack(envelope) };
}
