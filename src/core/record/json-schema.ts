/** JSON Schema (draft-07) of the JSON view of a kind, from its field table (PROTOCOL §1 Kinds are tables). */
import { assert } from "../base/assert.ts";
import { unitOfName } from "../base/codes/unit-of-name.ts";
import { type FieldSpec, flag } from "./field.ts";
import { measure } from "./finding-field.ts";
import { header } from "./header.ts";
import { type KindName, kinds } from "./kinds.ts";

/** The keywords that are used, and no others. */
export type JsonSchema = {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean" | "null";
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
};

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** Of `{ "kind": …, "header": …, "body": … }`, as `Field.json` gives header and body. */
export function kindJsonSchema(name: KindName): JsonSchema {
  const kind = kinds[name];
  return {
    $schema: DRAFT,
    title: name,
    description: kind.summary,
    ...object([
      ["kind", { type: "string", enum: [name] }],
      ["header", headerSchema(kind.mayBeNil)],
      ["body", fieldJsonSchema(kind.body.spec)],
    ]),
  };
}

/** Of the nilable header fields a kind leaves nil only what its table says. */
function headerSchema(mayBeNil: readonly string[]): JsonSchema {
  const { spec } = header;
  assert(spec.type === "struct", "the header is a struct");
  return object(
    spec.fields.map(([name, field]) => {
      const isThere = field.type === "nilable" && !mayBeNil.includes(name);
      return [name, named(name, isThere ? field.of : field)];
    }),
  );
}

/** Fields whose JSON view their spec does not tell: it is that of the wire. */
const views: ReadonlyMap<FieldSpec, JsonSchema> = new Map<FieldSpec, JsonSchema>([
  [flag.spec, { type: "boolean" }],
  [
    measure.spec,
    {
      type: "object",
      description: "named measurements; each name ends in its unit",
      additionalProperties: { anyOf: [{ type: "integer" }, { type: "string", maxLength: 200 }] },
    },
  ],
]);

/** Of the JSON view of one field, as `Field.json` gives it. */
export function fieldJsonSchema(spec: FieldSpec): JsonSchema {
  const view = views.get(spec);
  if (view !== undefined) return view;
  switch (spec.type) {
    case "list":
      return {
        type: "array",
        items: fieldJsonSchema(spec.of),
        minItems: spec.min,
        maxItems: spec.max,
      };
    case "struct":
      return object(spec.fields.map(([name, field]) => [name, named(name, field)]));
    case "nilable":
      return { anyOf: [fieldJsonSchema(spec.of), { type: "null" }] };
    case "sealable":
      return sealable(fieldJsonSchema(spec.of));
    default:
      return scalar(spec);
  }
}

type Compound = "list" | "struct" | "nilable" | "sealable";

function scalar(spec: Exclude<FieldSpec, { readonly type: Compound }>): JsonSchema {
  switch (spec.type) {
    case "integer":
      return { type: "integer", minimum: spec.min, maximum: spec.max };
    case "amount":
      return {
        type: "string",
        pattern: "^-?[0-9]{1,20}$",
        description: `decimal, ${spec.min} to ${spec.max}`,
      };
    case "bytes":
      return {
        type: "string",
        pattern: "^([0-9a-f]{2})*$",
        minLength: 2 * spec.min,
        maxLength: 2 * spec.max,
        description: "hex",
      };
    case "identifier":
      return { type: "string", pattern: "^[ -~]+$", maxLength: spec.max };
    case "text":
      return { type: "string", maxLength: spec.max };
    case "choice":
      return { type: "string", enum: spec.of };
  }
}

/** In clear, or the digest with what its opening says (PROTOCOL §1 Sealed fields). */
function sealable(inner: JsonSchema): JsonSchema {
  const opened: JsonSchema = { anyOf: [inner, { type: "null" }] };
  const digest: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$", description: "hex" };
  return {
    anyOf: [
      inner,
      object([
        ["sealed", digest],
        ["opened", opened],
      ]),
    ],
  };
}

/** The field's schema with the unit that its name carries. */
function named(name: string, field: FieldSpec): JsonSchema {
  const inner = fieldJsonSchema(field);
  const said = [unitOfName(name), inner.description ?? ""].filter((each) => each !== "");
  return said.length === 0 ? inner : { ...inner, description: said.join("; ") };
}

function object(properties: readonly (readonly [string, JsonSchema])[]): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: properties.map(([name]) => name),
    additionalProperties: false,
  };
}
