/** Bodies of the credentials that a simulated world's root writes: to itself, and to those who take part. */
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import type { OwnKey } from "../core/agent/config.ts";
import { keyId } from "../core/record/identity.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import { clear } from "../core/record/sealed.ts";
import type { SimWorld } from "./drivers.ts";
import type { HostSpec } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";

/** What is let, to which classes, and until when, true UTC in µs. */
export type Granted = Pick<Credential, "scope" | "eligibilityClasses" | "untilUs">;

/** How much of it in a window, and at one time; the root's own has no such bounds. */
export type Bounded = Pick<Credential, "budgets" | "holdingsMaxHz">;

export const UNBOUNDED: Bounded = { budgets: [], holdingsMaxHz: null };

/** Who is issued to. */
export type Subject = {
  readonly name: string;
  readonly role: HostSpec["role"];
  readonly level: string;
  readonly owner: string;
  readonly key: OwnKey;
  readonly lineage: Uint8Array;
};

/** Credentials hold from a while before their world began. */
export const VALID_FROM_US: number = WORLD_BEGAN_US - 3_600_000_000;
const WORLD_OWNER = "World licensee";

/** A root of a world, before it wrote anything but its inception. */
export function worldAuthor(world: SimWorld, name: string = "root"): Promise<OfflineAuthor> {
  const { primitives } = world;
  const parts = { signer: world.signer(name), primitives, entropy: world.entropy(name) };
  return offlineAuthor({ ...parts, owner: WORLD_OWNER, tier: "software" });
}

export function worldRootCredential(
  world: SimWorld,
  { inception }: OfflineAuthor,
  policy: Policy,
  granted: Granted,
): Credential {
  const { lineage, signerKey } = inception.header;
  return {
    ...granted,
    ...common(world, "root"),
    subjectLineage: lineage,
    subjectKey: signerKey,
    level: policy.levels[0]?.name ?? "regulator",
    verbs: ["allocate", "acquire", "issue", "audit", "preempt"],
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 3,
    ...UNBOUNDED,
    parent: null,
    owner: WORLD_OWNER,
  };
}

/** What its role needs: holders let, consumers acquire. */
export function roleCredential(
  world: SimWorld,
  { name, role, level, owner, key, lineage }: Subject,
  parent: Uint8Array,
  granted: Granted & Bounded,
): Credential {
  const holds = role === "holder";
  return {
    ...granted,
    ...common(world, name),
    subjectLineage: lineage,
    subjectKey: keyId(key.suite, key.publicKey, world.primitives.sha256),
    level,
    verbs: holds ? ["allocate"] : ["acquire"],
    akName: key.akName,
    tier: key.tier,
    exclusive: holds,
    depthLeft: 0,
    parent,
    owner,
  };
}

/** Silences radios, and lets nothing. */
export function incumbentCredential(
  world: SimWorld,
  subject: Pick<Credential, "subjectLineage" | "subjectKey" | "verbs" | "level" | "budgets">,
  parent: Uint8Array,
  granted: Granted,
): Credential {
  return {
    ...granted,
    ...common(world, "incumbent"),
    ...subject,
    akName: null,
    tier: "software",
    exclusive: false,
    depthLeft: 0,
    holdingsMaxHz: null,
    parent,
    owner: "Incumbent",
  };
}

type Common = Pick<
  Credential,
  "fromUs" | "identifiers" | "licenceAsserted" | "contact" | "revocationChannel" | "nonce"
>;

function common(world: SimWorld, name: string): Common {
  return {
    fromUs: VALID_FROM_US,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "simulated",
    revocationChannel: "status",
    nonce: world.entropy(`credential ${name}`).bytes(16),
  };
}
