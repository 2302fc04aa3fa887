/** JSON Schemas (draft-07) of device profiles: of whole ones, and of files that are a part of one. */
import { agentProfile } from "./agent-schema.ts";
import { draft7, type JsonSchema } from "./draft7.ts";
import type { Drivers } from "./driver-registry.ts";
import { EXTENDS, extendsJsonSchema } from "./extends-entry.ts";
import { isMap } from "./sourced.ts";

/** With the options of exactly these drivers. A file that extends others may leave out what they say. */
export function profileJsonSchema(drivers: Drivers): JsonSchema {
  const { $schema, title, ...whole } = resolvedProfileSchema(drivers);
  const { required = [], ...part } = partOf(whole);
  const forms = [
    ["if", { required: [EXTENDS] }],
    ["then", { ...part, required: [...(required as readonly string[]), EXTENDS] }],
    ["else", whole],
  ] as const;
  return { $schema, title, ...Object.fromEntries(forms) };
}

/** Of a file that others extend: no key but `schema` has to be there. */
export function baseJsonSchema(drivers: Drivers): JsonSchema {
  const { $schema, title, ...whole } = resolvedProfileSchema(drivers);
  return { $schema, title: `${title}, a base of others`, ...partOf(whole) };
}

/** Of what is checked once all bases are laid under a file. */
export function resolvedProfileSchema(drivers: Drivers): JsonSchema {
  return draft7(agentProfile(drivers, "/"), "spectrum-agent profile");
}

function partOf(whole: JsonSchema): JsonSchema {
  const { schema, ...others } = propertiesOf(whole);
  const properties = { schema, [EXTENDS]: extendsJsonSchema(), ...relaxed(others) };
  return { ...whole, properties, required: ["schema"] };
}

/** Maps merge key by key, so no key of theirs is required; lists are taken whole, and stay as they are. */
function relaxedValue(schema: JsonSchema): JsonSchema {
  const forms = schema["oneOf"] as readonly JsonSchema[] | undefined;
  const section = forms === undefined ? schema : oneSection(forms);
  if (!isMap(section["properties"])) return section;
  const { required: _, ...rest } = section;
  return { ...rest, properties: relaxed(propertiesOf(section)) };
}

function relaxed(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  const entries = Object.entries(properties).map(([key, each]) => {
    const { description, ...form } = relaxedValue(each);
    // `null` takes away what a base says.
    const value = { oneOf: [form, { type: "null" }] };
    return [key, description === undefined ? value : { description, ...value }] as const;
  });
  return Object.fromEntries(entries);
}

/** The forms of a section together: which driver it is may be said by another file. */
function oneSection(forms: readonly JsonSchema[]): JsonSchema {
  const drivers = forms.map((form) => propertiesOf(form)["driver"]?.["const"]);
  const keys = [...new Set(forms.flatMap((form) => Object.keys(propertiesOf(form))))];
  const properties = keys.map((key) => {
    if (key === "driver") return [key, { type: "string", enum: drivers }] as const;
    return [
      key,
      anyOf(forms.map((form) => propertiesOf(form)[key]).filter((each) => each !== undefined)),
    ] as const;
  });
  return { type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

/** An option means the same to all its drivers, or each says its own. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const different = new Map(schemas.map((each) => [JSON.stringify(each), each]));
  const [first = {}, ...others] = different.values();
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
}
