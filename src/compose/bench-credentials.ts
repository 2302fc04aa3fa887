/** What the bench's root issues: to itself, and to each agent of the bench. */
import { movePlace } from "../../hardware/world/space.ts";
import type { TruePlace } from "../../hardware/world/track.ts";
import type { OfflineAuthor } from "../agent/offline-author.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import { clear } from "../core/record/sealed.ts";
import type { Box } from "../core/record/spectrum-fields.ts";
import type { Identity } from "./compose.ts";

/** What differs from agent to agent of one bench. */
export type BenchCredential = Pick<
  Credential,
  "level" | "verbs" | "eligibilityClasses" | "scope" | "exclusive"
>;

const HOUR_US = 3_600_000_000;

/** Licensee-rooted: the root says itself which licence it acts under, and every verdict repeats that it is asserted. */
export function rootCredential(
  { inception }: OfflineAuthor,
  { policy }: { readonly policy: Policy },
  box: Box,
  nowUs: number,
): Credential {
  return {
    subjectLineage: inception.header.lineage,
    subjectKey: inception.header.signerKey,
    level: policy.levels[0]?.name ?? "regulator",
    verbs: ["allocate", "acquire", "issue", "audit", "preempt"],
    eligibilityClasses: ["bench", "visitor"],
    scope: [box],
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 3,
    budgets: [],
    holdingsMaxHz: null,
    parent: null,
    owner: "Bench licensee",
    identifiers: clear([{ scheme: "bench", value: "no licence: cabled, nothing is radiated" }]),
    licenceAsserted: true,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    nonce: new Uint8Array(16),
  };
}

/** 433.05 to 434.79 MHz, 1 km around the centre, for a day. */
export function benchBox(centre: TruePlace, commodityClass: string, nowUs: number): Box {
  return {
    lowerHz: 433_050_000,
    upperHz: 434_790_000,
    area: square(centre, 1_000_000),
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    limits: [{ centiDbm: 1_200, referenceHz: 0, measure: "eirp", detector: "rms" }],
    commodityClass,
  };
}

export function square(centre: TruePlace, halfMm: number): Box["area"] {
  const corners = [
    [-halfMm, -halfMm],
    [-halfMm, halfMm],
    [halfMm, halfMm],
    [halfMm, -halfMm],
  ] as const;
  return corners.map(([north, east]) => {
    const { latE7, lonE7 } = movePlace(centre, north, east, 0);
    return { latE7, lonE7 };
  });
}

export type AgentCredentialParts = {
  readonly owner: string;
  readonly credential: BenchCredential;
  readonly identity: Identity;
  readonly parent: Uint8Array;
  readonly nowUs: number;
  readonly nonce: Uint8Array;
};

export function agentCredential(parts: AgentCredentialParts): Credential {
  const { owner, credential, identity, parent, nowUs, nonce } = parts;
  return {
    ...credential,
    subjectLineage: identity.lineage,
    subjectKey: identity.keyId,
    fromUs: nowUs - HOUR_US,
    untilUs: nowUs + 24 * HOUR_US,
    akName: identity.akName,
    tier: identity.tier,
    depthLeft: 0,
    budgets: [],
    holdingsMaxHz: null,
    parent,
    owner,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "the engineer at the bench",
    revocationChannel: "status",
    nonce,
  };
}
