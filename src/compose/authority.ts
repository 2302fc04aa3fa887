/** A bench authority: makes a root, and issues to the agents of given profiles what their offers and wishes need. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSoftwareSigner } from "../adapters/signatures/software-signer.ts";
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import { ZERO_ID } from "../core/record/identity.ts";
import type { Acknowledgement } from "../core/record/kinds/acknowledgement.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Preemption } from "../core/record/kinds/preemption.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { clear } from "../core/record/sealed.ts";
import type { Box } from "../core/record/spectrum-fields.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { enrol, type Identity, type Surroundings } from "./compose.ts";
import { makeFolder } from "./make-folder.ts";
import { writeRecords } from "./record-files.ts";

export type BenchAuthorityOptions = {
  readonly profiles: readonly AgentProfile[];
  readonly policy: Policy;
  readonly schema: Schema;
  /** Gets `trust/root.record` and `documents/*.record`. */
  readonly folder: string;
  readonly validUs: number;
  readonly around: Surroundings;
  /** What a profile's credential has in place of what its offers ask for. */
  readonly granted?: (profile: AgentProfile) => Granted;
};

export type Granted = {
  readonly level: string;
  readonly eligibilityClasses: readonly string[];
  /** null: as long as the root's own. */
  readonly untilUs: number | null;
};

export type BenchAuthority = {
  readonly trustPath: string;
  readonly documentsPath: string;
  readonly root: Uint8Array;
  /** All of the root's records so far, its inception first. */
  records(): readonly AnyRecord[];
  readonly agents: readonly {
    readonly name: string;
    readonly identity: Identity;
    readonly credential: Uint8Array;
  }[];
  /** Signs a status snapshot that lists these credentials; bytes of its record, for whoever carries them round. */
  revoke(credentials: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Signs a directive under the root's own credential. */
  preempt(directive: Preemption): Promise<RecordOf<"preemption">>;
  acknowledge(word: Acknowledgement): Promise<RecordOf<"acknowledgement">>;
};

const CLASSES_MAX = 16;
const OWNER = "Bench licensee";

type Common = Pick<
  Credential,
  "fromUs" | "untilUs" | "scope" | "contact" | "revocationChannel" | "licenceAsserted" | "eligibilityClasses"
>;

/** The root's key is kept in memory only: a bench authority issues once, and a new one is made for the next bench. */
export async function benchAuthority(options: BenchAuthorityOptions): Promise<BenchAuthority> {
  const { profiles, around, folder } = options;
  const { clock, entropy, primitives, pack } = around;
  const signer = createSoftwareSigner(entropy);
  const author = await offlineAuthor({ signer, primitives, entropy, owner: OWNER, tier: "software" });
  const nowUs = clock.read().wallUs;
  const common = commonTo(options, nowUs);
  await author.write("policy", options.policy);
  await author.write("schema", options.schema);
  const root = await author.write("credential", rootCredential(options, common, author));
  const agents: { name: string; identity: Identity; credential: Uint8Array }[] = [];
  for (const profile of profiles) {
    const identity = await enrol(profile, around);
    const body = agentCredential(options, common, profile, { identity, parent: root.id });
    const { id } = await author.write("credential", body, root.id);
    agents.push({ name: profile.name, identity, credential: id });
  }
  let last = await author.write("status-snapshot", {
    number: 1,
    previousSnapshot: ZERO_ID,
    issuedUs: nowUs,
    revoked: [],
  });

  const trustPath = join(folder, "trust", "root.record");
  const documentsPath = join(folder, "documents");
  await makeFolder(join(folder, "trust"));
  await makeFolder(documentsPath);
  await writeFile(trustPath, pack(author.inception.envelope));
  await writeRecords(author.records(), documentsPath, pack);
  return {
    trustPath,
    documentsPath,
    root: author.inception.header.lineage,
    records: () => author.records(),
    agents,
    async revoke(credentials) {
      const { number } = last.body;
      const issuedUs = clock.read().wallUs;
      const body = { number: number + 1, previousSnapshot: last.id, issuedUs, revoked: credentials };
      last = await author.write("status-snapshot", body);
      return pack(last.envelope);
    },
    preempt: (directive) => author.write("preemption", directive, root.id),
    acknowledge: (word) => author.write("acknowledgement", word, root.id),
  };
}

/** Valid from long ago: the times of a replayed log lie there. */
function commonTo(options: BenchAuthorityOptions, nowUs: number): Common {
  const classes = options.profiles.flatMap((profile) => [
    ...profile.offers.map((each) => each.eligibility.eligibilityClass),
    ...(options.granted?.(profile).eligibilityClasses ?? []),
  ]);
  return {
    scope: scopeOf(options, nowUs),
    eligibilityClasses: [...new Set(classes)].slice(0, CLASSES_MAX),
    fromUs: 0,
    untilUs: nowUs + options.validUs,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    licenceAsserted: true,
  };
}

function rootCredential(
  { policy, around }: BenchAuthorityOptions,
  common: Common,
  author: OfflineAuthor,
): Credential {
  const { lineage, signerKey } = author.inception.header;
  return {
    ...common,
    subjectLineage: lineage,
    subjectKey: signerKey,
    level: policy.levels[0]?.name ?? "regulator",
    verbs: ["allocate", "acquire", "issue", "audit", "preempt"],
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 3,
    budgets: [],
    holdingsMaxHz: null,
    parent: null,
    owner: OWNER,
    identifiers: clear([{ scheme: "bench", value: "no licence" }]),
    nonce: around.entropy.bytes(16),
  };
}

function agentCredential(
  options: BenchAuthorityOptions,
  common: Common,
  profile: AgentProfile,
  { identity, parent }: { readonly identity: Identity; readonly parent: Uint8Array },
): Credential {
  const { offers, owner } = profile;
  const holds = offers.length > 0;
  const granted = options.granted?.(profile);
  return {
    ...common,
    eligibilityClasses: granted?.eligibilityClasses ?? common.eligibilityClasses,
    untilUs: granted?.untilUs ?? common.untilUs,
    subjectLineage: identity.lineage,
    subjectKey: identity.keyId,
    level: granted?.level ?? (holds ? (options.policy.levels[1]?.name ?? "licensee") : userLevel(options)),
    verbs: holds ? ["allocate", "acquire"] : ["acquire"],
    akName: identity.akName,
    tier: identity.tier,
    exclusive: holds,
    depthLeft: 0,
    budgets: [],
    holdingsMaxHz: null,
    parent,
    owner,
    identifiers: clear([]),
    nonce: options.around.entropy.bytes(16),
  };
}

/** The level that offers ask for, else the policy's lowest. */
function userLevel({ profiles, policy }: BenchAuthorityOptions): string {
  const asked = profiles.flatMap(({ offers }) => offers.map((each) => each.eligibility.level))[0];
  return asked ?? policy.levels.at(-1)?.name ?? "user";
}

/** One box for each standing offer, from long ago to the end of the validity. */
function scopeOf({ profiles, schema, validUs }: BenchAuthorityOptions, nowUs: number): readonly Box[] {
  return profiles.flatMap(({ offers }) =>
    offers.map(({ lowerHz, upperHz, area, limits }) => ({
      lowerHz,
      upperHz,
      area,
      fromUs: 0,
      untilUs: nowUs + validUs,
      limits,
      commodityClass: schema.commodityClass,
    })),
  );
}
