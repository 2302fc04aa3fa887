/** A bench authority: makes a root, and issues to the agents of given profiles what their offers and wishes need. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSoftwareSigner } from "./adapters/signatures/software-signer.ts";
import { offlineAuthor } from "./agent/offline-author.ts";
import { enrol, type Identity, type Surroundings } from "./compose.ts";
import { ZERO_ID } from "./core/record/identity.ts";
import type { Credential } from "./core/record/kinds/credential.ts";
import type { Policy } from "./core/record/kinds/policy.ts";
import type { Schema } from "./core/record/kinds/schema.ts";
import { clear } from "./core/record/sealed.ts";
import type { Box } from "./core/record/spectrum-fields.ts";
import type { AgentProfile } from "./profile/agent-profile.ts";

export type BenchAuthorityOptions = {
  readonly profiles: readonly AgentProfile[];
  readonly policy: Policy;
  readonly schema: Schema;
  /** Gets `trust/root.record` and `documents/*.record`. */
  readonly folder: string;
  readonly validUs: number;
  readonly around: Surroundings;
};

export type BenchAuthority = {
  readonly trustPath: string;
  readonly documentsPath: string;
  readonly root: Uint8Array;
  readonly agents: readonly { readonly name: string; readonly identity: Identity }[];
};

const CLASSES_MAX = 16;

/** The root's key is not kept: a bench authority issues once, and a new one is made for the next bench. */
export async function benchAuthority(options: BenchAuthorityOptions): Promise<BenchAuthority> {
  const { profiles, around, folder } = options;
  const { clock, entropy, primitives, pack } = around;
  const owner = "Bench licensee";
  const author = await offlineAuthor({
    signer: createSoftwareSigner(entropy),
    primitives,
    entropy,
    owner,
    tier: "software",
  });
  const nowUs = clock.read().wallUs;
  const scope = scopeOf(options, nowUs);
  const classes = [
    ...new Set(profiles.flatMap(({ offers }) => offers.map((each) => each.eligibility.eligibilityClass))),
  ];
  const common: Pick<
    Credential,
    "fromUs" | "untilUs" | "scope" | "contact" | "revocationChannel" | "licenceAsserted"
  > = {
    scope,
    fromUs: 0,
    untilUs: nowUs + options.validUs,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    licenceAsserted: true,
  };
  await author.write("policy", options.policy);
  await author.write("schema", options.schema);
  const root = await author.write("credential", {
    ...common,
    subjectLineage: author.inception.header.lineage,
    subjectKey: author.inception.header.signerKey,
    level: options.policy.levels[0]?.name ?? "regulator",
    verbs: ["allocate", "acquire", "issue", "audit", "preempt"],
    eligibilityClasses: classes.slice(0, CLASSES_MAX),
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 3,
    parent: null,
    owner,
    identifiers: clear([{ scheme: "bench", value: "no licence" }]),
    nonce: entropy.bytes(16),
  });
  const agents: { name: string; identity: Identity }[] = [];
  for (const profile of profiles) {
    const identity = await enrol(profile, around);
    agents.push({ name: profile.name, identity });
    const holds = profile.offers.length > 0;
    const level = holds ? (options.policy.levels[1]?.name ?? "licensee") : userLevel(options);
    await author.write(
      "credential",
      {
        ...common,
        subjectLineage: identity.lineage,
        subjectKey: identity.keyId,
        level,
        verbs: holds ? ["allocate", "acquire"] : ["acquire"],
        eligibilityClasses: classes.slice(0, CLASSES_MAX),
        akName: identity.akName,
        tier: identity.tier,
        exclusive: holds,
        depthLeft: 0,
        parent: root.id,
        owner: profile.owner,
        identifiers: clear([]),
        nonce: entropy.bytes(16),
      },
      root.id,
    );
  }
  await author.write("status-snapshot", {
    number: 1,
    previousSnapshot: ZERO_ID,
    issuedUs: nowUs,
    revoked: [],
  });

  const trustPath = join(folder, "trust", "root.record");
  const documentsPath = join(folder, "documents");
  await mkdir(join(folder, "trust"), { recursive: true });
  await mkdir(documentsPath, { recursive: true });
  await writeFile(trustPath, pack(author.inception.envelope));
  for (const [i, record] of author.records().entries()) {
    await writeFile(
      join(documentsPath, `${String(i).padStart(3, "0")}-${record.kind}.record`),
      pack(record.envelope),
    );
  }
  return { trustPath, documentsPath, root: author.inception.header.lineage, agents };
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
