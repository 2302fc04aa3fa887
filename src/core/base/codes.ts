/** The registry of every stable id that the agent says: refusals, findings, device trouble, counts (DESIGN §3 Failures). */
import { agentCodes } from "./codes/agent.ts";
import { attestationCodes } from "./codes/attestation.ts";
import { auditLeaseCodes } from "./codes/audit-leases.ts";
import { auditRadioCodes } from "./codes/audit-radio.ts";
import { auditRecordCodes } from "./codes/audit-records.ts";
import { authorityCodes } from "./codes/authority.ts";
import { budgetCodes } from "./codes/budget.ts";
import { bundleCodes } from "./codes/bundle.ts";
import { commodityCodes } from "./codes/commodity.ts";
import { controlCodes } from "./codes/control.ts";
import type { CodeEntry, CodeRoom } from "./codes/entry.ts";
import { fleetCodes } from "./codes/fleet.ts";
import { gnssCodes } from "./codes/gnss.ts";
import { issuingCodes } from "./codes/issuing.ts";
import { meshCodes } from "./codes/mesh.ts";
import { pairingCodes } from "./codes/pairing.ts";
import { preemptionCodes } from "./codes/preemption.ts";
import { profileCodes } from "./codes/profile.ts";
import { profileBasesCodes } from "./codes/profile-bases.ts";
import { radioCodes } from "./codes/radio.ts";
import { recordCodes } from "./codes/record.ts";
import { sessionCodes } from "./codes/session.ts";
import { settlementCodes } from "./codes/settlement.ts";
import { signerCodes } from "./codes/signer.ts";
import { storeCodes } from "./codes/store.ts";
import { tpmCodes } from "./codes/tpm.ts";
import { windowCodes } from "./codes/window.ts";
import { wireCodes } from "./codes/wire.ts";

/** In a record's order on its way, then the devices. A new room is one file and one line here. */
const rooms: readonly (readonly [room: string, codes: CodeRoom])[] = [
  ["wire", wireCodes],
  ["record", recordCodes],
  ["record", sessionCodes],
  ["authority", authorityCodes],
  ["issuing", issuingCodes],
  ["attestation", attestationCodes],
  ["commodity", commodityCodes],
  ["pairing", pairingCodes],
  ["window", windowCodes],
  ["settlement", settlementCodes],
  ["budget", budgetCodes],
  ["preemption", preemptionCodes],
  ["agent", agentCodes],
  ["bundle", bundleCodes],
  ["audit", auditRecordCodes],
  ["audit", auditLeaseCodes],
  ["audit", auditRadioCodes],
  ["profile", profileCodes],
  ["profile", profileBasesCodes],
  ["fleet", fleetCodes],
  ["control", controlCodes],
  ["mesh", meshCodes],
  ["store", storeCodes],
  ["tpm", tpmCodes],
  ["signer", signerCodes],
  ["gnss", gnssCodes],
  ["radio", radioCodes],
];

export type Explained = CodeEntry & {
  /** Kebab-case, stable: scripts and policies may rely on it. */
  readonly id: string;
  readonly room: string;
};

/** Room by room. No id stands twice (test/core/base/codes.test.ts). */
export const allCodes: readonly Explained[] = rooms.flatMap(([room, codes]) =>
  Object.entries(codes).map(([id, entry]) => ({ id, room, ...entry })),
);

const byId: ReadonlyMap<string, Explained> = new Map(allCodes.map((each) => [each.id, each]));

/** What is known of `id`, or null for an id of nobody. */
export function explainCode(id: string): Explained | null {
  return byId.get(id) ?? null;
}
