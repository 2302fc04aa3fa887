/** The desk's side of a fleet: a credential and a signed profile for each host, sealed for its TPM alone. */
import { readFile } from "node:fs/promises";
import { BOX_NONCE_BYTES, sealBox } from "../adapters/attestation/enrolment-box.ts";
import { unknownNames } from "../agent/agent-settings.ts";
import { documentSet } from "../agent/document-set.ts";
import type { Authority } from "../authority/authority.ts";
import { type BrokerDesk, brokerDesk } from "../authority/broker-desk.ts";
import { type BindingParts, secretFor } from "../authority/device-binding.ts";
import type { Entitlement } from "../authority/entitlement.ts";
import type { JudgedHost } from "../authority/fleet.ts";
import { issueAll } from "../authority/issue.ts";
import { signText } from "../authority/profile-signature.ts";
import { publicRecords } from "../authority/public-records.ts";
import { concat, equalBytes, toHex } from "../core/base/bytes.ts";
import { accept, type Result } from "../core/base/rejection.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import {
  ENROLLED_RECORDS_MAX,
  ENROLMENT_CHARACTERS_MAX,
  type EnrolmentContent,
  formatContent,
  formatEnrolment,
  formatSigned,
} from "../profile/enrolment-schema.ts";
import type { FleetProfile } from "../profile/host-profile.ts";
import { formatSignature } from "../profile/signature-schema.ts";
import { aboutEnrolment } from "./enrolment-about.ts";
import type { FleetRow } from "./fleet-list.ts";
import { profileFault } from "./open-ports.ts";
import { type FolderFile, privateFolder } from "./private-folder.ts";
import { recordFilesAt } from "./profile-documents.ts";
import { settingsOf } from "./settings.ts";
import { OPERATOR_FILE } from "./trusted-profile.ts";

export type FleetOrder = {
  readonly rows: readonly FleetRow[];
  readonly fleet: FleetProfile;
  readonly entitlement: Entitlement;
  readonly parts: BindingParts;
  /** A folder that gets `HOST.enroll` for each, and the operator's inception. */
  readonly out: string;
};

export type EnrolledHost = { readonly host: string; readonly lineage: string; readonly credential: string };

type Enrolled = { readonly hosts: readonly EnrolledHost[]; readonly files: readonly FolderFile[] };

export function enrolmentFile(host: string): string {
  return `${host}.enroll`;
}

/**
 * All of them or none: each host is judged before the first credential is written. A disk that fails in between leaves
 * credentials in the authority's folder that nobody has: revoke them, or let them end.
 */
export async function enrolFleet(authority: Authority, order: FleetOrder): Promise<Result<Enrolled>> {
  const { rows, entitlement, parts } = order;
  const common = await commonRecords(authority, order.fleet.profile, parts.nowUs);
  // Before anything is issued: a passphrase that does not open the desk's key ends it here.
  const broker = await brokerOf(authority, order);
  return privateFolder(order.out, async () => {
    const subjects = rows.map(({ judged }) => judged.subject);
    const issued = await issueAll(authority, subjects, { entitlement, nowUs: parts.nowUs });
    if (!issued.ok) return issued;
    const files: FolderFile[] = [{ path: OPERATOR_FILE, bytes: common.operator }];
    const hosts: EnrolledHost[] = [];
    for (const [i, row] of rows.entries()) {
      const link = issued.value[i] as RecordOf<"credential">;
      const sealed = await enrolmentText(authority, order, { row, link, common, broker });
      if (!sealed.ok) return sealed;
      files.push({ path: enrolmentFile(row.listed.name), bytes: utf8.encode(sealed.value) });
      hosts.push({
        host: row.listed.name,
        lineage: toHex(link.body.subjectLineage),
        credential: toHex(link.id),
      });
    }
    return accept({ hosts, files });
  });
}

const utf8 = new TextEncoder();

type Common = {
  readonly operator: Uint8Array;
  readonly trust: readonly Uint8Array[];
  readonly documents: readonly Uint8Array[];
};

/** What every host gets: the files that the profile names at the desk, and the authority's own public records. */
async function commonRecords(authority: Authority, profile: AgentProfile, nowUs: number): Promise<Common> {
  const { pack, primitives } = authority.parts;
  const trust = await recordFilesAt(profile.trustPaths);
  const own = publicRecords(authority.view(), nowUs).map((record) => ({
    path: `${record.kind} of the authority`,
    bytes: pack(record.envelope),
  }));
  const named = await recordFilesAt(profile.documentPaths);
  const unique = [...new Map([...own, ...named].map((each) => [toHex(each.bytes), each])).values()];
  const read = documentSet(trust, unique, primitives);
  if (!read.ok) throw profileFault(read.faults.map(({ path, rejection }) => `${path}: ${rejection.code}`));
  const unknown = unknownNames(settingsOf(profile), read.documents);
  if (unknown.length > 0) {
    throw profileFault(
      unknown.map(({ code, field, measured }) => `${field}: ${code}: ${String(measured["name"])}`),
    );
  }
  const { roots } = authority.view();
  if (!read.documents.roots.some((root) => roots.some((each) => equalBytes(each, root)))) {
    throw profileFault(["trust: none of these roots is the one that this authority rests on"]);
  }
  if (unique.length >= ENROLLED_RECORDS_MAX) {
    throw profileFault([`${unique.length} documents, allowed: ${ENROLLED_RECORDS_MAX - 1}`]);
  }
  const [inception] = authority.view().lineage.records;
  const operator = inception === undefined ? new Uint8Array() : pack(inception.envelope);
  return { operator, trust: trust.map(({ bytes }) => bytes), documents: unique.map(({ bytes }) => bytes) };
}

type Sealing = {
  readonly row: FleetRow;
  readonly link: RecordOf<"credential">;
  readonly common: Common;
  readonly broker: Broker | null;
};

type Broker = { readonly ca: Uint8Array; readonly desk: BrokerDesk };

/** Null where the hosts show the broker no enrolled key. A broker's own authority may be another: the profile's `ca`, where it lies at the desk. */
async function brokerOf(authority: Authority, { rows, fleet, parts }: FleetOrder): Promise<Broker | null> {
  const { mesh } = fleet.profile;
  if (!mesh.isEnrolled) return null;
  const plain = rows.filter(({ listed }) => listed.broker?.startsWith("mqtt:") === true);
  if (plain.length > 0) {
    throw profileFault(
      plain.map(({ listed }) => `${listed.name}: ${listed.broker}: client: enrolled needs mqtts://`),
    );
  }
  const desk = await brokerDesk(authority, parts.nowUs);
  const named = mesh.caPath === null ? null : await readFile(mesh.caPath).catch(() => null);
  return { ca: named === null ? utf8.encode(desk.ca) : new Uint8Array(named), desk };
}

async function certificatesOf(
  broker: Broker | null,
  { enrolled: publicKey, subject }: JudgedHost,
  { body }: RecordOf<"credential">,
): Promise<EnrolmentContent["broker"]> {
  if (broker === null || publicKey === null) return null;
  const { lineage } = subject;
  const device = await broker.desk.certifyDevice({ lineage, publicKey, untilUs: body.untilUs });
  return { ca: broker.ca, device: utf8.encode(device) };
}

async function enrolmentText(
  authority: Authority,
  { fleet, parts }: FleetOrder,
  { row: { listed, judged }, link, common, broker: clients }: Sealing,
): Promise<Result<string>> {
  const profile = utf8.encode(fleet.textFor(listed));
  const signature = utf8.encode(
    formatSignature(await signText(authority, { domain: "profile", bytes: profile })),
  );
  const own = authority.parts.pack(link.envelope);
  const broker = await certificatesOf(clients, judged, link);
  const content = { ...common, profile, signature, documents: [...common.documents, own], broker };
  const made = secretFor(judged.evidence, parts);
  if (!made.ok) return made;
  const { sealed: credential, secret } = made.value;
  const nonce = parts.entropy.bytes(BOX_NONCE_BYTES);
  const ekHash = parts.primitives.sha256(judged.evidence.ekPublic);
  const clear = { host: listed.name, lineage: judged.subject.lineage, ekHash };
  const about = aboutEnrolment(clear);
  const order = utf8.encode(formatContent(content));
  // Whoever knows a host's endorsement key can seal for it: what is in the box is the operator's word, for this host.
  const bytes = concat(about, order);
  const word = utf8.encode(formatSignature(await signText(authority, { domain: "enrolment", bytes })));
  const sealed = sealBox({ secret, nonce, about }, utf8.encode(formatSigned({ order, signature: word })));
  const text = formatEnrolment({ ...clear, ...credential, nonce, sealed });
  if (text.length <= ENROLMENT_CHARACTERS_MAX) return accept(text);
  throw profileFault([`an enrolment of ${text.length} characters, allowed: ${ENROLMENT_CHARACTERS_MAX}`]);
}
