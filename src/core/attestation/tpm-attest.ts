/** TPMS_ATTEST (TPM 2.0 part 2 §10.12.12): what a TPM signed about a key of its own, or about its PCRs. */
import { toHex } from "../base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import {
  atEnd,
  readBytes,
  readSized,
  readUint,
  readUint64,
  type TpmReader,
  tpmReader,
} from "./tpm-reader.ts";

/** PCR numbers of one bank, ascending; `hash` is its TPM_ALG_ID (SHA-256 is 0x000b). */
export type TpmPcrSelection = { readonly hash: number; readonly pcrs: readonly number[] };

export type TpmAttested =
  | { readonly kind: "certify"; readonly name: Uint8Array; readonly qualifiedName: Uint8Array }
  | {
      readonly kind: "quote";
      readonly selections: readonly TpmPcrSelection[];
      readonly pcrDigest: Uint8Array;
    };

export type TpmAttest = {
  readonly qualifiedSigner: Uint8Array;
  /** The caller's qualifying data: a challenge, a head. */
  readonly extraData: Uint8Array;
  readonly clockMs: bigint;
  readonly resetCount: number;
  readonly restartCount: number;
  /** False: this value of the clock may have been told before (part 1 §36.3.2). */
  readonly safe: boolean;
  readonly firmwareVersion: bigint;
  readonly attested: TpmAttested;
};

/** "\xffTCG": a restricted key signs nothing from outside that begins so. */
const GENERATED = 0xff544347;
const TYPE_CERTIFY = 0x8017;
const TYPE_QUOTE = 0x8018;
const SELECTIONS_MAX = 16;
const SELECT_BYTES_MAX = 4;

/** Peer-controlled bytes. Rejections: `tpm-attest-magic`, `tpm-attest-type`, `tpm-attest-malformed`. */
export function parseTpmAttest(bytes: Uint8Array, field: string): Result<TpmAttest> {
  const reader = tpmReader(bytes);
  const magic = readUint(reader, 4);
  const type = readUint(reader, 2);
  const head = readHead(reader);
  const attested = readAttested(reader, type);

  const found: Rejection[] = [];
  if (magic !== GENERATED) {
    found.push(
      rejection("tpm-attest-magic", `${field}.magic`, { magic: hex32(magic) }, { magic: hex32(GENERATED) }),
    );
  }
  if (attested === null) {
    found.push(
      rejection("tpm-attest-type", `${field}.type`, { type }, { certify: TYPE_CERTIFY, quote: TYPE_QUOTE }),
    );
  }
  if (attested !== null && found.length === 0 && atEnd(reader) && head.safe <= 1) {
    return accept({ ...head, safe: head.safe === 1, attested });
  }
  if (found.length === 0) {
    const measured = { bytes: bytes.length, readBytes: reader.at, safe: head.safe };
    found.push(rejection("tpm-attest-malformed", field, measured, { readBytes: bytes.length, safeMax: 1 }));
  }
  return refuse(...found);
}

type Head = Omit<TpmAttest, "safe" | "attested"> & { readonly safe: number };

function readHead(reader: TpmReader): Head {
  return {
    qualifiedSigner: readSized(reader),
    extraData: readSized(reader),
    clockMs: readUint64(reader),
    resetCount: readUint(reader, 4),
    restartCount: readUint(reader, 4),
    safe: readUint(reader, 1),
    firmwareVersion: readUint64(reader),
  };
}

function readAttested(reader: TpmReader, type: number): TpmAttested | null {
  if (type === TYPE_CERTIFY) {
    return { kind: "certify", name: readSized(reader), qualifiedName: readSized(reader) };
  }
  if (type !== TYPE_QUOTE) return null;
  return { kind: "quote", selections: readSelections(reader), pcrDigest: readSized(reader) };
}

function readSelections(reader: TpmReader): readonly TpmPcrSelection[] {
  const count = readUint(reader, 4);
  if (count > SELECTIONS_MAX) reader.short = true;
  const selections: TpmPcrSelection[] = [];
  for (let i = 0; i < count && !reader.short; i++) selections.push(readSelection(reader));
  return selections;
}

function readSelection(reader: TpmReader): TpmPcrSelection {
  const hash = readUint(reader, 2);
  const length = readUint(reader, 1);
  if (length > SELECT_BYTES_MAX) reader.short = true;
  const pcrs: number[] = [];
  for (const [index, byte] of readBytes(reader, length).entries()) {
    for (let bit = 0; bit < 8; bit++) if (((byte >>> bit) & 1) === 1) pcrs.push(8 * index + bit);
  }
  return { hash, pcrs };
}

function hex32(value: number): string {
  return toHex(
    Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff),
  );
}
