/** The reader of records of every kind (core/record/record), openings included. */
import type { Sha256 } from "../../../src/core/base/primitives.ts";
import type { Result } from "../../../src/core/base/rejection.ts";
import { header } from "../../../src/core/record/header.ts";
import { kinds } from "../../../src/core/record/kinds.ts";
import { type AnyRecord, readRecord, writePayload } from "../../../src/core/record/record.ts";
import { type Envelope, readEnvelope } from "../../../src/core/wire/envelope.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { quickKeys } from "../../support/scripted-keys.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { flipBits, lengthField } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { sameBytes } from "./canonical.ts";
import { eventfulScene, messagesOf } from "./messages.ts";

/** A record's header and body write its payload again, and have a JSON view; a refusal names at least one field. */
export function recordTarget(
  read: (envelope: Envelope, sha256: Sha256) => Result<AnyRecord> = readRecord,
): Target {
  const { sha256 } = quickKeys().primitives;
  return {
    name: "record",
    seeds: () => messagesOf(eventfulScene()),
    mutators: [flipBits, lengthField, ...Array<typeof packMutator>(12).fill(packMutator)],
    bytesMax: limits.ENVELOPE_BYTES_MAX,
    run(input) {
      const envelope = readEnvelope(input);
      if (!envelope.ok) return;
      const result = read(envelope.value, sha256);
      if (!result.ok) {
        if (result.rejections.length === 0) breach("a refusal says why");
        return;
      }
      const { kind, header: head, body } = result.value;
      sameBytes(`a ${kind}`, envelope.value.payload, writePayload(kind, head, body));
      JSON.stringify([header.json(head), (kinds[kind].body.json as (value: unknown) => unknown)(body)]);
    },
  };
}
