/** A record: an envelope whose payload was read by its kind's table. */
import type { Sha256 } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { decode } from "../wire/decode.ts";
import { encoded } from "../wire/encode.ts";
import { type Envelope, recordId } from "../wire/envelope.ts";
import { limits } from "../wire/limits.ts";
import { type Header, header } from "./header.ts";
import { type Bodies, type KindName, kinds } from "./kinds.ts";
import { openBody, openHeader } from "./openings.ts";

/** Types only: a value reaches a stage through the one function that checks for it. */
declare const stage: unique symbol;
export type At<Stage extends string, T> = T & { readonly [stage]: Stage };

export type RecordOf<K extends KindName> = {
  readonly kind: K;
  readonly id: Uint8Array;
  readonly header: Header;
  readonly body: Bodies[K];
  readonly envelope: Envelope;
};
export type AnyRecord = { readonly [K in KindName]: RecordOf<K> }[KindName];
/** A record whose one signature is by the key that its header names, of the lineage that it names. */
export type Signed<K extends KindName = KindName> = K extends KindName ? At<"signed", RecordOf<K>> : never;

/** Bytes that are hashed and signed. Asserts what reading would refuse. */
export function writePayload<K extends KindName>(kind: K, head: Header, body: Bodies[K]): Uint8Array {
  return encoded((out) => {
    out.array(2);
    header.write(head, out);
    kinds[kind].body.write(body, out);
  });
}

/** Peer-controlled: an envelope as read. All failures of all fields are collected. */
export function readRecord(envelope: Envelope, sha256: Sha256): Result<AnyRecord> {
  const kind = kinds[envelope.kind as KindName];
  if (kind === undefined || !Object.hasOwn(kinds, envelope.kind)) {
    return refuse(
      rejection("kind-unknown", "kind", { kind: envelope.kind }, { kind: "a kind of this version" }),
    );
  }
  const decoded = decode(envelope.payload, limits.RECORD_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const value = decoded.value;
  if (!Array.isArray(value) || value.length !== 2) {
    return refuse(rejection("payload-malformed", "", {}, { form: "array of header and body" }));
  }
  const out: Rejection[] = [];
  const head = header.read(value[0], "header", out);
  const body = kind.body.read(value[1], "body", out);
  if (head === undefined || body === undefined) return refuse(...out);
  const absent = absentHeaders(kind.mayBeNil, head);
  if (absent.length > 0) return refuse(...absent);
  return accept({
    kind: envelope.kind,
    id: recordId(envelope.kind, envelope.payload, sha256),
    header: openHeader(head, envelope.openings, sha256),
    body: openBody(kind.name as KindName, body, envelope.openings, sha256),
    envelope,
  } as AnyRecord);
}

const NILABLE = ["credential", "attestation", "policy", "time", "place"] as const;

function absentHeaders(mayBeNil: readonly string[], head: Header): Rejection[] {
  return NILABLE.filter((name) => head[name] === null && !mayBeNil.includes(name)).map((name) =>
    rejection("field-absent", `header.${name}`, { found: "nil" }, { type: "present in this kind" }),
  );
}
