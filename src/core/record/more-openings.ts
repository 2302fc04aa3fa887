/** What another copy of a record opens besides: nobody signs openings, so one may come without them (PROTOCOL §1). */
import { concat, equalBytes } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import type { Envelope, Opening } from "../wire/envelope.ts";
import { limits } from "../wire/limits.ts";
import { openBody, openHeader } from "./openings.ts";
import type { AnyRecord } from "./record.ts";
import type { Sealable } from "./sealed.ts";

/** `record`, opened by `more` too; those that open nothing are left behind. Without news it is `record` itself. */
export function withOpenings(record: AnyRecord, more: readonly Opening[], sha256: Sha256): AnyRecord {
  const seals = sealsOf(record);
  const fitting = (value: Sealable<unknown>, openings: readonly Opening[]): readonly Opening[] =>
    openings.filter((each) => opens(value, each, sha256)).slice(0, 1);
  const fresh = seals.filter(({ value }) => value === null).flatMap((each) => fitting(each, more));
  if (fresh.length === 0) return record;
  const { header, body, envelope, kind } = record;
  const before = seals
    .filter(({ value }) => value !== null)
    .flatMap((each) => fitting(each, envelope.openings));
  const openings = [...before, ...fresh];
  if (!hasRoom(envelope, openings)) return record;
  return {
    ...record,
    header: openHeader(header, openings, sha256),
    body: openBody(kind, body, openings, sha256),
    envelope: { ...envelope, openings },
  } as AnyRecord;
}

/** Signature, salts and the forms around them; what was read must still be readable once it is stored. */
const AROUND_BYTES_MAX = 512;

function hasRoom({ payload }: Envelope, openings: readonly Opening[]): boolean {
  const bytes = openings.reduce((sum, { encoded }) => sum + encoded.length, payload.length);
  return bytes + AROUND_BYTES_MAX <= limits.ENVELOPE_BYTES_MAX;
}

function opens({ digest }: Sealable<unknown>, { salt, encoded }: Opening, sha256: Sha256): boolean {
  return digest !== null && equalBytes(sha256(concat(salt, encoded)), digest);
}

function sealsOf({ kind, header, body }: AnyRecord): readonly Sealable<unknown>[] {
  const place = header.place === null ? [] : [header.place];
  switch (kind) {
    case "offer":
    case "acceptance":
      return [...place, body.price];
    case "credential":
      return [...place, body.identifiers];
    case "settlement":
      return [...place, body.context.holderPlace];
    default:
      return place;
  }
}
