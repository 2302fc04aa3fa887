/** The part of JSON Schema draft-07 that the profiles' schemas use; an unknown keyword is an error, not a pass. */

type Schema = Readonly<Record<string, unknown>>;

const SPOKEN = new Set([
  ..."$schema $comment title description default examples".split(" "),
  ..."type properties required additionalProperties items minItems maxItems".split(" "),
  ..."oneOf anyOf if then else enum const pattern minimum maximum".split(" "),
]);

/** Every keyword below `schema` that this file does not know. */
export function unknownKeywords(schema: Schema): readonly string[] {
  const own = Object.keys(schema).filter((key) => !SPOKEN.has(key));
  return [...own, ...childrenOf(schema).flatMap(unknownKeywords)];
}

/** Why `value` does not have the shape, by path; empty where it has. */
export function misfits(schema: Schema, value: unknown, path = "$"): readonly string[] {
  const wrong = (what: string): readonly string[] => [`${path}: ${what}`];
  if ("const" in schema && value !== schema["const"]) return wrong("const");
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return wrong("enum");
  if (Array.isArray(schema["oneOf"])) {
    const fitting = schema["oneOf"].filter((each: Schema) => misfits(each, value, path).length === 0);
    return fitting.length === 1 ? [] : wrong(`${fitting.length} of oneOf`);
  }
  if (Array.isArray(schema["anyOf"])) {
    const fits = schema["anyOf"].some((each: Schema) => misfits(each, value, path).length === 0);
    return fits ? [] : wrong("none of anyOf");
  }
  if ("if" in schema)
    return misfits(
      holds(schema["if"], value) ? asSchema(schema["then"]) : asSchema(schema["else"]),
      value,
      path,
    );
  switch (schema["type"]) {
    case "null":
      return value === null ? [] : wrong("not null");
    case "object":
      return objectMisfits(schema, value, path);
    case "array":
      return arrayMisfits(schema, value, path);
    case "string":
      if (typeof value !== "string") return wrong("not a text");
      return typeof schema["pattern"] === "string" && !new RegExp(schema["pattern"], "u").test(value)
        ? wrong("pattern")
        : [];
    case "integer":
      if (!Number.isInteger(value)) return wrong("not an integer");
      return Number(value) >= Number(schema["minimum"]) && Number(value) <= Number(schema["maximum"])
        ? []
        : wrong("range");
    case "boolean":
      return typeof value === "boolean" ? [] : wrong("not a boolean");
    default:
      return wrong(`no type in the schema: ${JSON.stringify(schema)}`);
  }
}

/** Conditions ask for nothing but keys. */
function holds(condition: unknown, value: unknown): boolean {
  const { required } = condition as { readonly required: readonly string[] };
  return typeof value === "object" && value !== null && required.every((key) => Object.hasOwn(value, key));
}

function asSchema(value: unknown): Schema {
  return value as Schema;
}

function objectMisfits(schema: Schema, value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: not a map`];
  const properties = schema["properties"] as Readonly<Record<string, Schema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  return [
    ...required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${path}.${key}: required`),
    ...Object.entries(value).flatMap(([key, each]) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return property === undefined ? [`${path}.${key}: unknown`] : misfits(property, each, `${path}.${key}`);
    }),
  ];
}

function arrayMisfits(schema: Schema, value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) return [`${path}: not a list`];
  const [least, most] = [
    Number(schema["minItems"] ?? 0),
    Number(schema["maxItems"] ?? Number.POSITIVE_INFINITY),
  ];
  const count = value.length >= least && value.length <= most ? [] : [`${path}: count`];
  return [...count, ...value.flatMap((each, i) => misfits(schema["items"] as Schema, each, `${path}[${i}]`))];
}

function childrenOf(schema: Schema): readonly Schema[] {
  const {
    properties = {},
    items,
    oneOf = [],
    anyOf = [],
  } = schema as {
    properties?: Record<string, Schema>;
    items?: Schema;
    oneOf?: readonly Schema[];
    anyOf?: readonly Schema[];
  };
  const branches = [schema["then"], schema["else"]].filter((each) => each !== undefined).map(asSchema);
  return [
    ...Object.values(properties),
    ...(items === undefined ? [] : [items]),
    ...oneOf,
    ...anyOf,
    ...branches,
  ];
}
