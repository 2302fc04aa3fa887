/** What PCRs of a host hold, as the host writes it for whoever approves its states. */
import * as z from "zod";
import { PCR_COUNT, PCR_DIGEST_BYTES, type PcrValue } from "../core/attestation/pcr-policy.ts";
import { toHex } from "../core/base/bytes.ts";
import { complain, count, list, map, type Piece } from "./leaf.ts";
import { type Loaded, loadPiece } from "./load.ts";
import { hex } from "./octets.ts";
import { complaint } from "./profile-error.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { formatYaml } from "./yaml-document.ts";

const SCHEMA = "spectrum-agent.pcr-values/1";

/** In the order of their numbers, each once: what an approval signs over depends on it. */
function pcrValuesDocument(): Piece<readonly PcrValue[]> {
  const value = map({
    pcr: count(0, PCR_COUNT - 1, "its number"),
    digest: hex(PCR_DIGEST_BYTES, "what it holds, in the SHA-256 bank"),
  });
  return map({
    schema: z.literal(SCHEMA),
    values: list(value, 1, PCR_COUNT, "ascending"),
  }).transform(({ values }, context): readonly PcrValue[] => {
    const wrong = values.findIndex(({ pcr }, i) => i > 0 && pcr <= (values[i - 1]?.pcr ?? 0));
    if (wrong >= 0)
      complain(context, ["values", wrong, "pcr"], complaint("field-range", "ascending numbers, each once"));
    return values;
  });
}

export function formatPcrValues(values: readonly PcrValue[]): string {
  const written = values.map(({ pcr, digest }) => ({ pcr, digest: toHex(digest) }));
  return formatYaml({ schema: SCHEMA, values: written });
}

export function loadPcrValues(
  file: string,
  readBytes: ReadBytes = readFileBytes,
): Loaded<"values", readonly PcrValue[]> {
  const loaded = loadPiece(file, pcrValuesDocument(), readBytes);
  return loaded.ok ? { ok: true, values: loaded.value } : loaded;
}
