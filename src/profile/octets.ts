/** Leaves that hold bytes: ids as hex, records as base64url. */
import { fromBase64url } from "../core/audit/base64url.ts";
import { fromHex } from "../core/base/bytes.ts";
import { type Piece, read, refuse, textLeaf } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

/** Exactly `length` bytes. */
export function hex(length: number, description: string): Piece<Uint8Array> {
  const allowed = `${2 * length} hex digits, in lower case`;
  const pattern = `^[0-9a-f]{${2 * length}}$`;
  return textLeaf<Uint8Array>({ description, pattern }, allowed, (text) => {
    const bytes = fromHex(text);
    if (bytes === null) return refuse(complaint("field-form", allowed));
    return bytes.length === length ? read(bytes) : refuse(complaint("field-range", allowed));
  });
}

/** 1..max bytes. */
export function base64url(max: number, description: string): Piece<Uint8Array> {
  const allowed = `base64url without padding, of 1 to ${max} bytes`;
  return textLeaf<Uint8Array>({ description, pattern: "^[A-Za-z0-9_-]+$" }, allowed, (text) => {
    // Four letters hold three bytes: what is longer need not be read.
    const bytes = text.length > 2 * max ? null : fromBase64url(text);
    if (bytes === null || bytes.length === 0) return refuse(complaint("field-form", allowed));
    return bytes.length <= max ? read(bytes) : refuse(complaint("field-range", allowed));
  });
}
