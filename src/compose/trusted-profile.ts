/** A host's profile, read only once it is what the host's operator signed; one read serves both, so nothing changes in between. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { textSignatureFaults } from "../authority/profile-signature.ts";
import { type Rejection, rejection } from "../core/base/rejection.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { composeFile } from "../profile/compose-file.ts";
import { profileOf } from "../profile/load.ts";
import type { ProfileError } from "../profile/profile-error.ts";
import { type ReadBytes, readFileBytes, readText } from "../profile/read-text.ts";
import { loadSignature } from "../profile/signature-schema.ts";
import { authorityPrimitives } from "./offline-authority.ts";
import { drivers } from "./open-ports.ts";

/** Beside a profile: whom this host obeys. Its absence is the operator's word that profiles here need no signature. */
export const OPERATOR_FILE = "operator.record";

export function signatureFile(profile: string): string {
  return `${profile}.signature`;
}

export type ProfileTrust = {
  /** Inception record of the operator, instead of the one beside the profile. */
  readonly operator?: string | undefined;
  /** True takes the profile as it stands. */
  readonly unsigned?: boolean | undefined;
};

export type TrustedProfile =
  | { readonly kind: "profile"; readonly profile: AgentProfile }
  | { readonly kind: "errors"; readonly errors: readonly ProfileError[] }
  | { readonly kind: "refused"; readonly file: string; readonly rejections: readonly Rejection[] };

const RECORD_BYTES_MAX = 65_536;

export function trustedProfile(file: string, trust: ProfileTrust = {}): TrustedProfile {
  const readOnce = remembering(file);
  const operator = trust.unsigned === true ? null : operatorOf(file, trust);
  if (operator === "none-known") {
    const named = rejection(
      "profile-operator",
      "operator",
      { operator: "none" },
      { operator: OPERATOR_FILE },
    );
    return { kind: "refused", file, rejections: [named] };
  }
  const refused = operator === null ? null : unsignedBy(operator, file, readOnce);
  if (refused !== null) return refused;
  const composed = composeFile(file, readOnce);
  if (!composed.ok) return { kind: "errors", errors: composed.errors };
  const files = composed.composition.files.length;
  if (operator !== null && files > 1) {
    const rejections = [rejection("profile-not-whole", "extends", { files }, { files: 1 })];
    return { kind: "refused", file, rejections };
  }
  const loaded = profileOf(composed.composition, drivers);
  return loaded.ok ? { kind: "profile", profile: loaded.profile } : { kind: "errors", errors: loaded.errors };
}

/** A signature that nobody is named for is worse than none: it looks like one that was checked. */
function operatorOf(file: string, { operator }: ProfileTrust): string | null | "none-known" {
  if (operator !== undefined) return operator;
  const beside = join(dirname(resolve(file)), OPERATOR_FILE);
  if (existsSync(beside)) return beside;
  return existsSync(signatureFile(file)) ? "none-known" : null;
}

function unsignedBy(operator: string, file: string, readBytes: ReadBytes): TrustedProfile | null {
  const signed = signatureFile(file);
  const text = readText(file, readBytes);
  if (typeof text !== "string") return { kind: "errors", errors: [text] };
  if (!existsSync(signed)) {
    const missing = rejection("profile-unsigned", "", { signature: "none" }, { signature: signed });
    return { kind: "refused", file, rejections: [missing] };
  }
  const loaded = loadSignature(signed);
  if (!loaded.ok) return { kind: "errors", errors: loaded.errors };
  const pinned = readFileBytes(operator, RECORD_BYTES_MAX);
  // Remembered: the very bytes that the text is of.
  const bytes = readBytes(file, 0);
  const rejections = textSignatureFaults(
    { domain: "profile", bytes },
    loaded.signature,
    pinned,
    authorityPrimitives(),
  );
  return rejections.length > 0 ? { kind: "refused", file, rejections } : null;
}

/** The first reading of `file` counts for all; other files are read as they are. */
function remembering(file: string): ReadBytes {
  const known = new Map<string, Uint8Array>();
  return (path, most) => {
    const bytes = known.get(path) ?? readFileBytes(path, most);
    if (path === file) known.set(path, bytes);
    return bytes;
  };
}
