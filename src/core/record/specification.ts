/** The protocol's own specification of its records, printed from the tables that read and write them (PROTOCOL §1 Kinds). */
import { unitOfName } from "../base/codes/unit-of-name.ts";
import { artifactField } from "../settlement/artifact.ts";
import { ENVELOPE_VERSION } from "../wire/envelope.ts";
import { limits } from "../wire/limits.ts";
import { type FieldSpec, flag } from "./field.ts";
import { measure } from "./finding-field.ts";
import { header } from "./header.ts";
import { kindNames, kinds, reservedKinds } from "./kinds.ts";
import { bootUs, instantUs } from "./shared-fields.ts";

/** Markdown: codec, envelope, ids, header, and one table a kind. */
export function specification(): string {
  return [
    "# spectrum-agent/1: records",
    "Printed from the program's own field tables. Bytes are written in hex, `‖` joins them, integers are big-endian.",
    ...codec,
    ...envelope,
    ...ids,
    "## Header",
    "Every payload is an array of header and body. A `nil` header field may be nil only in the kinds that say so.",
    table(header.spec),
    "## Kinds",
    ...kindNames.flatMap(kindSection),
    "## Reserved kinds",
    `Refused today, and kept for later versions: ${reservedKinds.map(code).join(", ")}.`,
    "## Artifact",
    `Derived by both sides, never sent. At most ${limits.ARTIFACT_BYTES_MAX} bytes.`,
    table(artifactField.spec),
  ]
    .join("\n\n")
    .concat("\n");
}

const codec: readonly string[] = [
  "## Codec",
  "A strict profile of MessagePack. What is read is written again as the same bytes, or was refused.",
  [
    "| value | form |",
    "|---|---|",
    "| nil | `c0` |",
    "| integer, −2^63 to 2^64 − 1 | the shortest of fixint, `cc` to `cf`, `d0` to `d3`; from 0 on the unsigned forms |",
    "| text | the shortest of fixstr, `d9` to `db`; valid UTF-8, never normalised |",
    "| bytes | the shortest of `c4` to `c6` |",
    "| array | the shortest of fixarray, `dc` |",
  ].join("\n"),
  `No floats, maps, booleans, extensions or trailing bytes. At most ${limits.DEPTH_MAX} levels, at most ${limits.ARRAY_ITEMS_MAX} items an array.`,
  "A struct is an array of all its fields in the order of its table. A flag is 0 or 1. A word is text.",
];

const envelope: readonly string[] = [
  "## Envelope",
  `An array of five: version (${ENVELOPE_VERSION}), kind (text), payload (bytes, at most ${limits.RECORD_BYTES_MAX}), signatures, openings. At most ${limits.ENVELOPE_BYTES_MAX} bytes.`,
  `Signatures: at most ${limits.SIGNATURES_MAX} pairs of key id and signature, sorted by key id. Openings: at most ${limits.OPENINGS_MAX} pairs of salt (16 bytes) and encoded field.`,
  "A sealed field stands in the payload as SHA-256(salt ‖ encoded field), 32 bytes; its opening travels beside.",
];

const ids: readonly string[] = [
  "## Signed bytes and ids",
  [
    "| what | bytes |",
    "|---|---|",
    '| signed bytes | `"spectrum-agent/1"` ‖ 00 ‖ u32 length of kind ‖ kind ‖ u32 length of payload ‖ payload |',
    "| record id, and leaf | SHA-256(00 ‖ signed bytes) |",
    "| inner Merkle node | SHA-256(01 ‖ left ‖ right) |",
    "| lineage id | SHA-256(02 ‖ first signing key ‖ AK name ‖ hash of the next key ‖ nonce) |",
    "| key id | SHA-256(03 ‖ suite ‖ public key) |",
    "| artifact id | SHA-256(04 ‖ encoded artifact) |",
    "| key set id | SHA-256(05 ‖ encoded key set: `keys` of a threshold-inception) |",
    "| lineage id of a threshold-inception | SHA-256(06 ‖ key set id ‖ hash of the next signer ‖ nonce) |",
  ].join("\n"),
  "Suites: 1 is ES256 (ECDSA on P-256 with SHA-256, r ‖ s of 64 bytes, low-S only), 2 is Ed25519, for authorities' offline keys, 3 a key set: exactly `threshold` signatures, each by another key of the set under that key's own suite.",
  "The signer of a lineage is the key of its key-event or the set of its threshold-inception, until a key-rotation: from that record on it is the one whose id (key id, or key set id for more than one key) the record before had committed to as `nextKeyHash`, and it signs the rotation itself.",
];

function kindSection(name: (typeof kindNames)[number]): readonly string[] {
  const { summary, body, mayBeNil } = kinds[name];
  const nil = [...mayBeNil.map(code), "no others"].join(", ");
  return [`### ${name}`, summary, `Header fields that may be nil: ${nil}.`, table(body.spec)];
}

const HEAD = "| field | type | range | unit | |\n|---|---|---|---|---|";

function table(spec: FieldSpec): string {
  return [HEAD, ...rows("", spec)].join("\n");
}

/** One row a field, those inside it below: `block.lowerHz`, `scope[].area[].latE7`. */
function rows(path: string, spec: FieldSpec): readonly string[] {
  const { inner, marks } = bare(spec);
  const own = path === "" ? [] : [row(path, inner, marks)];
  if (inner === measure.spec) return own;
  if (inner.type === "struct") {
    const within = path === "" ? "" : `${path}.`;
    return [...own, ...inner.fields.flatMap(([each, field]) => rows(`${within}${each}`, field))];
  }
  // The list's own row tells of its items; what they hold stands below it.
  return inner.type === "list" ? [...own, ...rows(`${path}[]`, inner.of).slice(1)] : own;
}

/** The field without its marks. */
function bare(spec: FieldSpec): { readonly inner: FieldSpec; readonly marks: readonly string[] } {
  if (spec.type !== "nilable" && spec.type !== "sealable") return { inner: spec, marks: [] };
  const { inner, marks } = bare(spec.of);
  return { inner, marks: [spec.type === "nilable" ? "nil" : "sealable", ...marks] };
}

function row(path: string, spec: FieldSpec, marks: readonly string[]): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const cells = [code(path), typeOf(spec), rangeOf(spec), unitOf(name, spec), marks.join(", ")];
  return `| ${cells.join(" | ")} |`;
}

function typeOf(spec: FieldSpec): string {
  if (spec === flag.spec) return "flag";
  if (spec === measure.spec) return "list of name and value, sorted by name";
  switch (spec.type) {
    case "amount":
      return "integer";
    case "choice":
      return "word";
    case "list":
      return spec.of.type === "struct" ? "list of structs" : `list of ${typeOf(spec.of)}`;
    default:
      return spec.type;
  }
}

function rangeOf(spec: FieldSpec): string {
  if (spec === flag.spec) return "0 or 1";
  switch (spec.type) {
    case "integer":
      return `${integer(spec.min)} to ${integer(spec.max)}`;
    case "amount":
      return `${spec.min} to ${spec.max}`;
    case "bytes":
      return spec.min === spec.max ? `${spec.min} bytes` : `${spec.min} to ${spec.max} bytes`;
    case "identifier":
      return `1 to ${spec.max} printable ASCII characters`;
    case "text":
      return `at most ${spec.max} UTF-16 units`;
    case "choice":
      return spec.of.map(code).join(" ");
    case "list":
      return [`${spec.min} to ${spec.max} items`, rangeOf(spec.of)].filter((each) => each !== "").join("; ");
    default:
      return "";
  }
}

function integer(value: number): string {
  return value === Number.MAX_SAFE_INTEGER ? "2^53 − 1" : String(value);
}

/** The unit stands in the name; only whose clock an instant is by stands in the table. */
function unitOf(name: string, spec: FieldSpec): string {
  if (spec === instantUs.spec) return "µs since 1970, UTC";
  if (spec === bootUs.spec) return "µs of the boot clock";
  return unitOfName(name);
}

function code(text: string): string {
  return `\`${text}\``;
}
