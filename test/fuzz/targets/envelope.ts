/** The reader of envelopes (core/wire/envelope), held against the adapter's writer too. */
import { msgpackrEnvelope } from "../../../src/adapters/envelope/msgpackr-envelope.ts";
import type { Result } from "../../../src/core/base/rejection.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { ENVELOPE_VERSION, type Envelope, readEnvelope } from "../../../src/core/wire/envelope.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { plainMutators } from "../mutator.ts";
import type { Target } from "../target.ts";
import { sameBytes } from "./canonical.ts";
import { eventfulScene, messagesOf } from "./messages.ts";

/** What is read is written by both writers as the same bytes. */
export function envelopeTarget(read: (bytes: Uint8Array) => Result<Envelope> = readEnvelope): Target {
  const pack = msgpackrEnvelope();
  return {
    name: "envelope",
    seeds: () => messagesOf(eventfulScene()),
    mutators: [...plainMutators, ...Array<typeof packMutator>(9).fill(packMutator)],
    bytesMax: limits.ENVELOPE_BYTES_MAX + 1,
    run(input) {
      const result = read(input);
      if (!result.ok) return;
      const { kind, payload, signatures, openings } = result.value;
      const pairs = signatures.map(({ keyId, signature }) => [keyId, signature]);
      const opened = openings.map(({ salt, encoded }) => [salt, encoded]);
      sameBytes("an envelope", input, encode([ENVELOPE_VERSION, kind, payload, pairs, opened]));
      sameBytes("an envelope by msgpackr", input, pack(result.value));
    },
  };
}
