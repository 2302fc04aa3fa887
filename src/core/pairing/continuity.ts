/** How long a party's attestations follow each other without a gap (PROTOCOL §2 "names the previous one", §4 Weight). */
import { parseTpmAttest, type TpmAttest } from "../attestation/tpm-attest.ts";
import { equalBytes } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import type { Header } from "../record/header.ts";
import type { RecordOf } from "../record/record.ts";
import { evidenceFaults } from "./checks/attested.ts";

type Attested = RecordOf<"attestation">;

export type Continuity = {
  readonly attestations: number;
  /** An earlier one is named that is not at hand: with it, there might be more. */
  readonly open: boolean;
};

export type ContinuityDemand = {
  readonly author: Header;
  /** The device that the credential binds; nil: none, and nothing to be continuous. */
  readonly akName: Uint8Array | null;
  readonly stepUs: number;
  /** No more are looked for. */
  readonly most: number;
};

/**
 * From the author's latest attestation back, as each names the one before: of one lineage and epoch, by one AK, in the
 * order of that TPM's own clock. The first one that is missing, wrong or out of order ends it.
 */
export function continuityOf(
  attestations: readonly Attested[],
  { author, akName, stepUs, most }: ContinuityDemand,
  primitives: Primitives,
): Continuity {
  if (akName === null || author.attestation === null) return { attestations: 0, open: false };
  let later: Attested | null = null;
  let countedUs = Number.POSITIVE_INFINITY;
  let counted = 0;
  let next: Uint8Array | null = author.attestation;
  while (next !== null && counted < most) {
    const id: Uint8Array = next;
    const found: Attested | undefined = attestations.find((each) => equalBytes(each.id, id));
    if (found === undefined) return { attestations: counted, open: true };
    if (
      !continues(found, later, author) ||
      evidenceFaults(found, akName, found.header, primitives).length > 0
    )
      return { attestations: counted, open: false };
    const { time } = found.header;
    if (later === null) countedUs = time?.earliestUs ?? countedUs;
    else if (time !== null && time.latestUs + stepUs <= countedUs) {
      counted += 1;
      countedUs = time.earliestUs;
    }
    later = found;
    next = found.header.attestation;
  }
  return { attestations: counted, open: false };
}

/** Its positions go down, so the walk ends; a cycle cannot be signed. */
function continues(found: Attested, later: Attested | null, author: Header): boolean {
  const above = later?.header ?? author;
  const { lineage, epoch, seq } = found.header;
  if (!equalBytes(lineage, author.lineage) || epoch !== author.epoch || seq >= above.seq) return false;
  return later === null || inClockOrder(found, later);
}

/** A TPM's clock says what came first, and whether it was set back; how long ago it was, it does not say (PROTOCOL §5). */
function inClockOrder(earlier: Attested, later: Attested): boolean {
  const [before, after] = [clockOf(earlier), clockOf(later)];
  if (before === null || after === null) return false;
  return before.clockMs <= after.clockMs && before.resetCount <= after.resetCount;
}

function clockOf({ body }: Attested): TpmAttest | null {
  const parsed = parseTpmAttest(body.quote, "quote");
  return parsed.ok ? parsed.value : null;
}
