/** What stands in the clear in an enrolment, as the encryption holds it together with what is sealed. */
import { toHex } from "../core/base/bytes.ts";
import type { Enrolment } from "../profile/enrolment-schema.ts";

/** Neither a host's name nor hex digits hold a line end. */
export function aboutEnrolment({
  host,
  lineage,
  ekHash,
}: Pick<Enrolment, "host" | "lineage" | "ekHash">): Uint8Array {
  return new TextEncoder().encode(`${host}\n${toHex(lineage)}\n${toHex(ekHash)}`);
}
