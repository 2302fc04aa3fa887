/** The host's side of a fleet: its TPM opens the enrolment, and what lies in it is written where `run` finds it. */
import { lstat, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openBox } from "../adapters/attestation/enrolment-box.ts";
import { type SignedText, textSignatureFaults } from "../authority/profile-signature.ts";
import { verifiedDocuments } from "../authority/verified-documents.ts";
import { concat, equalBytes, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import {
  type Enrolment,
  type EnrolmentContent,
  readContent,
  readSigned,
} from "../profile/enrolment-schema.ts";
import { HOST_FILES, hostProfile } from "../profile/host-profile.ts";
import { ENROLLED_FILES } from "../profile/mesh-schema.ts";
import { formatProfileError, type ProfileError } from "../profile/profile-error.ts";
import { readSignature } from "../profile/signature-schema.ts";
import { enrol, type Surroundings } from "./compose.ts";
import { aboutEnrolment } from "./enrolment-about.ts";
import { drivers, openTpm, profileFault } from "./open-ports.ts";
import { type FolderFile, privateFolder } from "./private-folder.ts";
import { recordFilesAt } from "./profile-documents.ts";
import { OPERATOR_FILE, type ProfileTrust, signatureFile } from "./trusted-profile.ts";

export type HostOrder = {
  /** The host's own, by which its request was made: its TPM, its state, whom it trusts. */
  readonly profile: AgentProfile;
  readonly enrolment: Enrolment;
  /** For messages. */
  readonly file: string;
  readonly trust: ProfileTrust;
  /** The folder that is made. */
  readonly out: string;
};

export type Initiated = {
  readonly profile: string;
  readonly host: string;
  /** True where all of it stood there already. */
  readonly stood: boolean;
};

const PROFILE_NAME = "profile.yaml";

/** Nothing is written before everything holds. PortErrors of the TPM and of the store, where the agent runs. */
export async function initHost(order: HostOrder, around: Surroundings): Promise<Result<Initiated>> {
  const opened = await openedContent(order, around);
  if (!opened.ok) return opened;
  const content = opened.value;
  const { enrolment, out } = order;
  const faults = [...documentFaults(content, enrolment, around.primitives), ...placeFaults(content, order)];
  if (faults.length > 0) return refuse(...faults);
  const files = filesOf(content, around.primitives);
  const done = { profile: join(resolve(out), PROFILE_NAME), host: enrolment.host };
  if (await standsAlready(out, files)) return accept({ ...done, stood: true });
  const own = await lineageFaults(order, around);
  if (own.length > 0) return refuse(...own);
  const written = await privateFolder(out, async () => accept({ files }));
  return written.ok ? accept({ ...done, stood: false }) : written;
}

/** `enrolment-other-host` before the TPM is asked for anything that it would refuse. */
async function openedContent(
  order: HostOrder,
  { clock, entropy, log, primitives }: Surroundings,
): Promise<Result<EnrolmentContent>> {
  const { profile, enrolment } = order;
  const tpm = await openTpm(profile, { clock, entropy, log });
  let secret: Uint8Array;
  try {
    const ekHash = primitives.sha256(tpm.identity.ekPublic);
    if (!equalBytes(ekHash, enrolment.ekHash)) {
      return refuse(otherHost("ek-hash", toHex(enrolment.ekHash), toHex(ekHash)));
    }
    secret = await tpm.activateCredential({ blob: enrolment.blob, secret: enrolment.secret });
  } finally {
    await tpm.close();
  }
  const { nonce, sealed, host } = enrolment;
  const bytes = openBox({ secret, nonce, about: aboutEnrolment(enrolment) }, sealed);
  if (bytes !== null) return trustedContent(bytes, order, primitives);
  return refuse(rejection("enrolment-damaged", "sealed", { bytes: sealed.length }, { host }));
}

/** What is in the box is the word of whom this host obeys, for this host; only then it is read. */
async function trustedContent(
  bytes: Uint8Array,
  order: HostOrder,
  primitives: Primitives,
): Promise<Result<EnrolmentContent>> {
  const { file, enrolment } = order;
  const signed = readSigned(file, utf8.decode(bytes));
  if (!signed.ok) throw profileFault(told(signed.errors));
  const read = readContent(file, utf8.decode(signed.signed.order));
  if (!read.ok) throw profileFault(told(read.errors));
  const { content } = read;
  const pins = await pinnedOperators(order, content.operator);
  const whole = {
    domain: "enrolment",
    bytes: concat(aboutEnrolment(enrolment), signed.signed.order),
  } as const;
  const texts = [
    { text: whole, signature: signed.signed.signature },
    { text: { domain: "profile", bytes: content.profile } as const, signature: content.signature },
  ];
  // Whoever is kept as the pin has to be whom the host obeys now.
  const faults = texts.flatMap((each) => {
    const kept = faultsUnder([content.operator], each, file, primitives);
    return [...faultsUnder(pins, each, file, primitives), ...kept].slice(0, 1);
  });
  return faults.length > 0 ? refuse(...faults) : accept(content);
}

const utf8 = new TextDecoder();

type Text = { readonly text: SignedText; readonly signature: Uint8Array };

/** Nothing where one of `pins` signed. */
function faultsUnder(
  pins: readonly Uint8Array[],
  { text, signature }: Text,
  file: string,
  primitives: Primitives,
): readonly Rejection[] {
  const read = readSignature(file, utf8.decode(signature));
  if (!read.ok) throw profileFault(told(read.errors));
  if (pins.length === 0) {
    return [
      rejection("profile-operator", "trust", { operator: "none" }, { operator: "a root that is trusted" }),
    ];
  }
  const judged = pins.map((pin) => textSignatureFaults(text, read.signature, pin, primitives));
  return judged.find((faults) => faults.length === 0) ?? judged[0] ?? [];
}

function otherHost(field: string, found: string, expected: string): Rejection {
  return rejection("enrolment-other-host", field, { found }, { expected });
}

function told(errors: readonly ProfileError[]): readonly string[] {
  return errors.map(formatProfileError);
}

/** Whom this host obeys: an operator that is named, or the roots that its own profile trusts. */
async function pinnedOperators(
  { profile, trust: { operator: named, unsigned } }: HostOrder,
  brought: Uint8Array,
): Promise<readonly Uint8Array[]> {
  if (named !== undefined) return [new Uint8Array(await readFile(named))];
  if (unsigned === true) return [brought];
  return (await recordFilesAt(profile.trustPaths)).map(({ bytes }) => bytes);
}

/** Each record is its author's, and one of them is this host's credential. */
function documentFaults(
  { trust, documents }: EnrolmentContent,
  { lineage }: Enrolment,
  primitives: Primitives,
): readonly Rejection[] {
  const named = (name: string) => (bytes: Uint8Array, i: number) => ({ name: `${name}[${i}]`, bytes });
  const nobody = { records: [], keys: [] };
  const verified = verifiedDocuments(
    documents.map(named("documents")),
    trust.map(named("trust")),
    nobody,
    primitives,
  );
  if (!verified.ok) return verified.rejections;
  const own = verified.value.records.some(
    (record) => record.kind === "credential" && equalBytes(record.body.subjectLineage, lineage),
  );
  return own ? [] : [otherHost("documents", "no credential of it", toHex(lineage))];
}

/** The profile reads, and means the same TPM and the same state as the host's own. */
function placeFaults(
  { profile: bytes }: EnrolmentContent,
  { profile: own, out }: HostOrder,
): readonly Rejection[] {
  const read = hostProfile(utf8.decode(bytes), resolve(out), drivers);
  if (!read.ok) throw profileFault(told(read.errors));
  const pairs = [
    ["state", read.profile.statePath, own.statePath],
    ["tpm", JSON.stringify(read.profile.tpm), JSON.stringify(own.tpm)],
    ["owner", read.profile.owner, own.owner],
  ] as const;
  return pairs
    .filter(([, found, expected]) => found !== expected)
    .map(([field, found, expected]) => rejection("enrolment-other-place", field, { found }, { expected }));
}

/** The log of this host is that of the lineage which was enrolled; no log is begun for the question. */
async function lineageFaults(
  { profile, enrolment }: HostOrder,
  around: Surroundings,
): Promise<readonly Rejection[]> {
  const log = join(profile.statePath, "log");
  const files = (await readdir(log).catch(() => [])).length;
  if (files === 0) return [rejection("enrolment-no-lineage", "state", { files }, { filesMin: 1 })];
  const { lineage } = await enrol(profile, around);
  if (equalBytes(lineage, enrolment.lineage)) return [];
  return [otherHost("lineage", toHex(enrolment.lineage), toHex(lineage))];
}

function filesOf(content: EnrolmentContent, primitives: Primitives): readonly FolderFile[] {
  const records = (folder: string, all: readonly Uint8Array[]): readonly FolderFile[] =>
    all.map((bytes, i) => {
      const read = recordOfBytes(bytes, primitives);
      const kind = read.ok ? read.value.kind : "record";
      return { path: `${folder}/${String(i).padStart(3, "0")}-${kind}.record`, bytes };
    });
  return [
    { path: PROFILE_NAME, bytes: content.profile },
    { path: signatureFile(PROFILE_NAME), bytes: content.signature },
    { path: OPERATOR_FILE, bytes: content.operator },
    ...records(HOST_FILES.trust, content.trust),
    ...records(HOST_FILES.documents, content.documents),
    ...(content.broker === null
      ? []
      : [
          { path: ENROLLED_FILES.ca, bytes: content.broker.ca },
          { path: ENROLLED_FILES.device, bytes: content.broker.device },
        ]),
  ];
}

/** An enrolment that was taken before is taken again without a word: every file is there with these very bytes. */
async function standsAlready(out: string, files: readonly FolderFile[]): Promise<boolean> {
  for (const { path, bytes } of files) {
    const found = join(resolve(out), path);
    const status = await lstat(found).catch(() => null);
    if (status?.isFile() !== true || status.size !== bytes.length) return false;
    if (!equalBytes(new Uint8Array(await readFile(found)), bytes)) return false;
  }
  return true;
}

/** Beside the host's own profile. */
export function enrolledFolder(profile: string): string {
  return join(dirname(resolve(profile)), "enrolled");
}
