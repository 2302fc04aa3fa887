/** Attestations that name each other, as a device's starts leave them in its lineage: the latest first. */
import { concat, u32be } from "../../../../src/core/base/bytes.ts";
import type { RecordOf } from "../../../../src/core/record/record.ts";
import {
  named,
  type PairChange,
  type Party,
  party,
  primitives,
  record,
} from "../../../support/pair-builder.ts";
import {
  attest,
  certifyBody,
  FREE_SIGN,
  nameOf,
  quoteBody,
  RESTRICTED_SIGN,
  tpmPublic,
} from "../../attestation/evidence.ts";
import { timeAt } from "../pair-values.ts";

export type Start = {
  /** µs before the pair meets. */
  readonly beforeUs: number;
  readonly device?: string;
  readonly epoch?: number;
  readonly clockMs?: number;
  readonly resetCount?: number;
};

const DEVICE = "attestation key";

/** `starts` from the latest to the earliest; each names the one before. */
export function attestationsOf(author: Party, starts: readonly Start[]): readonly RecordOf<"attestation">[] {
  const made: RecordOf<"attestation">[] = [];
  let previous: Uint8Array | null = null;
  for (const [i, start] of starts.toReversed().entries()) {
    const seq = 1 + i;
    const one: RecordOf<"attestation"> = record("attestation", author, evidence(author, start, i), {
      header: { seq, epoch: start.epoch ?? 0, attestation: previous, time: timeAt(-start.beforeUs) },
    });
    previous = one.id;
    made.unshift(one);
  }
  return made;
}

type Bound = Required<Pick<PairChange, "consumerLink" | "acceptanceRecord">>;

/** The consumer's acceptance names the latest of them, and its credential their device. */
export function ofDevice(attestations: readonly RecordOf<"attestation">[]): Bound {
  const akName = nameOf(akPublicOf(DEVICE));
  const [latest] = attestations;
  return {
    consumerLink: { akName, tier: "tpm" },
    acceptanceRecord: { header: { attestation: latest?.id ?? null, seq: 100 } },
  };
}

function akPublicOf(device: string): Uint8Array {
  return tpmPublic(party(device).publicKey, RESTRICTED_SIGN);
}

function evidence(author: Party, start: Start, i: number): RecordOf<"attestation">["body"] {
  const ak = party(start.device ?? DEVICE);
  const signingPublic = tpmPublic(author.publicKey, FREE_SIGN);
  const certification = attest({ body: certifyBody(nameOf(signingPublic)) });
  const [head, bootId] = [named(`head ${i}`), named(`boot ${i}`).slice(0, 16)];
  const extraData = primitives.sha256(concat(head, bootId));
  const plain = attest({
    type: 0x8018,
    extraData,
    body: quoteBody(Uint8Array.of(0x80, 0, 0), named("pcrs")),
  });
  const quote = atClock(plain, start);
  return {
    akPublic: akPublicOf(start.device ?? DEVICE),
    signingPublic,
    certification,
    certificationSignature: ak.sign(certification),
    quote,
    quoteSignature: ak.sign(quote),
    pcrs: [7],
    head,
    bootId,
  };
}

/** magic, type, 34 bytes of signer and 32 of extraData with their lengths stand before clock and resets. */
const CLOCK_AT = 4 + 2 + 2 + 34 + 2 + 32;

function atClock(quote: Uint8Array, { clockMs = 123_456, resetCount = 7 }: Start): Uint8Array {
  const head = quote.slice(0, CLOCK_AT);
  const clock = concat(u32be(0), u32be(clockMs), u32be(resetCount));
  return concat(head, clock, quote.slice(CLOCK_AT + clock.length));
}
