/** One name for the content of a resolved profile: equal profiles, however written, have equal hashes. */
import { toHex } from "../core/base/bytes.ts";
import type { Sha256 } from "../core/base/primitives.ts";

/** SHA-256 in hex over the canonical JSON. Paths are absolute there: another folder is another profile. */
export function profileHash(profile: object, sha256: Sha256): string {
  return toHex(sha256(new TextEncoder().encode(canonicalJson(profile))));
}

/** JSON without spaces, keys in order of their UTF-16 units, amounts of money as decimal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return each.toString();
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
