/** The files of an enrolment by TPM: what goes to the host, what comes back, and what the authority's desk keeps meanwhile. */
import * as z from "zod";
import type { ExpectedAnswer } from "../core/attestation/evidence.ts";
import { toBase64url } from "../core/audit/base64url.ts";
import { toHex } from "../core/base/bytes.ts";
import { instant } from "./instant.ts";
import { map, type Piece } from "./leaf.ts";
import { type Loaded, loadPiece } from "./load.ts";
import { base64url, hex } from "./octets.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { formatYaml } from "./yaml-document.ts";

const CHALLENGE_SCHEMA = "spectrum-agent.challenge/1";
const ANSWER_SCHEMA = "spectrum-agent.challenge-answer/1";
const EXPECTED_SCHEMA = "spectrum-agent.expected-answer/1";
const SEALED_BYTES_MAX = 1024;
const SECRET_BYTES_MAX = 32;

/** To the host: a secret that its TPM alone gives out (TPM 2.0 part 1 §24). */
export type Challenge = {
  readonly lineage: Uint8Array;
  readonly blob: Uint8Array;
  readonly secret: Uint8Array;
};

/** From the host: the secret in the clear. It is of no use for anything else. */
export type ChallengeAnswer = { readonly lineage: Uint8Array; readonly secret: Uint8Array };

function challengeDocument(): Piece<Challenge> {
  return map({
    schema: z.literal(CHALLENGE_SCHEMA),
    lineage: hex(32, "whose request it answers"),
    blob: base64url(SEALED_BYTES_MAX, "TPMS_ID_OBJECT"),
    secret: base64url(SEALED_BYTES_MAX, "the encrypted seed"),
  }).transform(({ lineage, blob, secret }): Challenge => ({ lineage, blob, secret }));
}

function answerDocument(): Piece<ChallengeAnswer> {
  return map({
    schema: z.literal(ANSWER_SCHEMA),
    lineage: hex(32, "who answers"),
    secret: base64url(SECRET_BYTES_MAX, "what the TPM gave out"),
  }).transform(({ lineage, secret }): ChallengeAnswer => ({ lineage, secret }));
}

function expectedDocument(): Piece<ExpectedAnswer> {
  return map({
    schema: z.literal(EXPECTED_SCHEMA),
    lineage: hex(32, "who is to answer"),
    key: hex(32, "id of the key that its records are signed with"),
    "ak-name": hex(34, "name of its attestation key"),
    "ek-hash": hex(32, "SHA-256 of its endorsement key's public area"),
    "secret-hash": hex(32, "SHA-256 of the secret"),
    until: instant("the answer counts until then"),
  }).transform(
    (written): ExpectedAnswer => ({
      lineage: written.lineage,
      keyId: written.key,
      akName: written["ak-name"],
      ekHash: written["ek-hash"],
      secretHash: written["secret-hash"],
      untilUs: written.until,
    }),
  );
}

export function formatChallenge({ lineage, blob, secret }: Challenge): string {
  const sealed = { blob: toBase64url(blob), secret: toBase64url(secret) };
  return formatYaml({ schema: CHALLENGE_SCHEMA, lineage: toHex(lineage), ...sealed });
}

export function formatAnswer({ lineage, secret }: ChallengeAnswer): string {
  return formatYaml({ schema: ANSWER_SCHEMA, lineage: toHex(lineage), secret: toBase64url(secret) });
}

export function formatExpected(expected: ExpectedAnswer): string {
  return formatYaml({
    schema: EXPECTED_SCHEMA,
    lineage: toHex(expected.lineage),
    key: toHex(expected.keyId),
    "ak-name": toHex(expected.akName),
    "ek-hash": toHex(expected.ekHash),
    "secret-hash": toHex(expected.secretHash),
    until: new Date(Math.floor(expected.untilUs / 1000)).toISOString(),
  });
}

export function loadChallenge(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"challenge", Challenge> {
  const loaded = loadPiece(file, challengeDocument(), readBytes);
  return loaded.ok ? { ok: true, challenge: loaded.value } : loaded;
}

export function loadAnswer(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"answer", ChallengeAnswer> {
  const loaded = loadPiece(file, answerDocument(), readBytes);
  return loaded.ok ? { ok: true, answer: loaded.value } : loaded;
}

export function loadExpected(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"expected", ExpectedAnswer> {
  const loaded = loadPiece(file, expectedDocument(), readBytes);
  return loaded.ok ? { ok: true, expected: loaded.value } : loaded;
}
