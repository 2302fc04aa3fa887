/** The bundle's own description: enough for a stranger to write a reader, years later (issue "small from the first commit"). */
import type { FieldSpec } from "../record/field.ts";
import { header } from "../record/header.ts";
import { kindNames, kinds } from "../record/kinds.ts";

export type BundleDescription = {
  readonly lines: string;
  readonly envelope: string;
  readonly codec: string;
  readonly payload: string;
  readonly ids: string;
  readonly signatures: string;
  readonly sealed: string;
  readonly trust: string;
  readonly notation: string;
  readonly header: string;
  /** Field table of each kind's body. */
  readonly kinds: Readonly<Record<string, string>>;
};

export function bundleDescription(): BundleDescription {
  return {
    lines:
      "Text in UTF-8, one JSON value a line, each line ended by a line feed and shorter than 65536 bytes. Line 1 is this object; " +
      "`lineages` names the lineages held whole and their number of records, `foreign` counts the other records; " +
      "`lease`, where it is there, is the artifact of the one lease whose records these are: then no lineage is held whole. " +
      "Each further line is {lineage, envelope}: first the records of those lineages, each in order of its position " +
      "(epoch, seq), with the lineage id in hex; then, with lineage null, records by others that these name or rest on. " +
      "`views` says which openings of sealed fields are along: public, none; party, all that the exporter holds.",
    envelope:
      "base64url (RFC 4648 section 5, no padding) of a MessagePack array [version = 1, kind, payload, signatures, openings]: " +
      "kind a text, payload a byte string, signatures a list of [32-byte key id, signature] sorted by key id, " +
      "openings a list of [16-byte salt, encoded field].",
    codec:
      "A strict MessagePack profile: nil, integers of at most 64 bits in their shortest form, byte strings (bin), text (str, valid " +
      "UTF-8) and arrays, each in its shortest form; no floats, maps, booleans, extensions or trailing bytes; at most 8 levels.",
    payload:
      "MessagePack of [header, body]. Both are positional arrays: fields in the order of the tables `header` and `kinds` below, " +
      "which are printed from the tables that the program itself reads and writes by.",
    ids:
      "A || B joins bytes; u32 is big-endian. Signed bytes = 'spectrum-agent/1' 00 || u32 length of kind || kind || u32 length of payload || payload. " +
      "Record id = SHA-256(00 || signed bytes). Key id = SHA-256(03 || suite byte || public key). " +
      "Key set id = SHA-256(05 || encoded key set); a set of one key has that key's id. " +
      "Lineage id = SHA-256(02 || signingKey || akName || nextKeyHash || nonce) of its key-event, or " +
      "SHA-256(06 || key set id || nextKeyHash || nonce) of its threshold-inception: the record at epoch 0, seq 0, " +
      "whose previous id is 32 zero bytes; every other record's previous id is the id of the record before it. " +
      "Artifact id = SHA-256(04 || artifact bytes); the artifact is derived from offer, acceptance, context and the records that the context names, and stands in no bundle.",
    signatures:
      "Over the signed bytes, by the signer that header.signerKey names: the signingKey of the lineage's key-event, or exactly threshold keys of its " +
      "threshold-inception's set (header.suite 3). From a key-rotation on it is the one whose id the inception or rotation before gave as nextKeyHash; it signs the rotation too. " +
      "Suite 1: ECDSA on P-256 with SHA-256, 64 bytes r || s, s in the lower half of the order; public key 65 bytes, uncompressed.",
    sealed:
      "A sealable field is either the array of its table, or the 32 bytes SHA-256(salt || encoded field); an opening whose hash fits holds the field.",
    trust:
      "Nothing in a bundle is to be trusted: the reader brings the lineage ids of the roots that it trusts. Chains of credential records (body.parent) end in a root's own.",
    notation:
      "int a..b integer; bytes n or a..b; ascii n printable ASCII of 1..n characters; text n UTF-8 of at most n UTF-16 units; a|b one of these words; " +
      "[x] a..b list; (name: x, …) array of these; x? or nil; sealed x sealable. Names end in the unit: Us microseconds (instants: since 1970 UTC), Hz, E7 1e-7 degree, Mm millimetre, " +
      "CentiDbm hundredths of a dBm, MicroUnits millionths of a currency unit, Ppm.",
    header: table(header.spec),
    kinds: Object.fromEntries(kindNames.map((name) => [name, table(kinds[name].body.spec)])),
  };
}

/** A field table in the description's notation. */
function table(spec: FieldSpec): string {
  switch (spec.type) {
    case "integer":
    case "amount":
      return `int ${spec.min}..${spec.max}`;
    case "bytes":
      return spec.min === spec.max ? `bytes ${spec.min}` : `bytes ${spec.min}..${spec.max}`;
    case "identifier":
      return `ascii ${spec.max}`;
    case "text":
      return `text ${spec.max}`;
    case "choice":
      return spec.of.join("|");
    case "list":
      return `[${table(spec.of)}] ${spec.min}..${spec.max}`;
    case "struct":
      return `(${spec.fields.map(([name, field]) => `${name}: ${table(field)}`).join(", ")})`;
    case "nilable":
      return `${table(spec.of)}?`;
    case "sealable":
      return `sealed ${table(spec.of)}`;
  }
}
