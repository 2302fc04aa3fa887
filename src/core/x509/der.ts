/** Writes the DER that certificates and key files are made of (X.690 §8-11). */
import { ascii, concat, fromHex } from "../base/bytes.ts";

/** Definite lengths up to 65,535 bytes: a certificate is a thousandth of what DER could say. */
function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content);
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, concat(...parts));
}

/** A SET OF one: more would have to be sorted. */
export function setOfOne(only: Uint8Array): Uint8Array {
  return element(0x31, only);
}

export function octets(bytes: Uint8Array): Uint8Array {
  return element(0x04, bytes);
}

/** A BIT STRING; `unused`: bits of the last byte that do not count. */
export function bits(bytes: Uint8Array, unused: number = 0): Uint8Array {
  return element(0x03, concat(Uint8Array.of(unused), bytes));
}

/** An object identifier, encoded already. */
export function identifier(hex: string): Uint8Array {
  return element(0x06, fromHex(hex) as Uint8Array);
}

export const TRUE: Uint8Array = Uint8Array.of(0x01, 0x01, 0xff);

/** Not negative, below 2^31. */
export function integer(value: number): Uint8Array {
  return unsigned(
    Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff),
  );
}

/** Big-endian and not negative, however long; as short as DER wants it. */
export function unsigned(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return element(0x02, (short[0] as number) < 0x80 ? short : concat(Uint8Array.of(0), short));
}

/** UTF8String of ASCII. */
export function text(value: string): Uint8Array {
  return element(0x0c, ascii(value));
}

/** `[n]` around what has a tag of its own already. */
export function explicit(n: number, inner: Uint8Array): Uint8Array {
  return element(0xa0 | n, inner);
}

/** `[n]` in the place of a primitive type's tag. */
export function implicit(n: number, content: Uint8Array): Uint8Array {
  return element(0x80 | n, content);
}

const US_PER_S = 1_000_000;
const S_PER_DAY = 86_400;

/** UTCTime until 2049 and GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5), whole seconds, rounded down; from 1970. */
export function time(us: number): Uint8Array {
  const seconds = Math.floor(us / US_PER_S);
  const { year, month, day } = civilDate(Math.floor(seconds / S_PER_DAY));
  const ofDay = seconds % S_PER_DAY;
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60];
  const rest = [month, day, ...clock].map((each) => digits(each, 2)).join("");
  const isLate = year >= 2050;
  const said = isLate ? `${digits(year, 4)}${rest}Z` : `${digits(year % 100, 2)}${rest}Z`;
  return element(isLate ? 0x18 : 0x17, ascii(said));
}

/** Of a day counted from 1970-01-01, in the Gregorian calendar; years begin in March here, so that a leap day is their last. */
function civilDate(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const since = days + 719_468;
  const era = Math.floor(since / 146_097);
  const ofEra = since % 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return { year: 400 * era + yearOfEra + (month <= 2 ? 1 : 0), month, day };
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}
