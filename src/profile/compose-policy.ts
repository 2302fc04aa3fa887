/** A common policy with the profiles in it that its file is composed of: jurisdiction, licence class, safety (PROTOCOL §4). */
import { dirname, isAbsolute, join } from "node:path";
import { PROFILE_ROLES } from "../core/record/kinds/policy.ts";
import { checkDocument } from "./check-document.ts";
import { type Composed, composition, type SourceFile } from "./composition.ts";
import { isPathText } from "./path-leaf.ts";
import { COMPOSED_OF, HEAD_KEYS, type PolicyProfileFile, policyProfileFile } from "./policy-profile-file.ts";
import { POLICY_PROFILES_MAX } from "./policy-profiles.ts";
import { complaint, type ProfileError } from "./profile-error.ts";
import { type ReadBytes, readText } from "./read-text.ts";
import { YAML } from "./shipped-file.ts";
import { isMap, type Sourced, sourced } from "./sourced.ts";
import { parseYaml, type YamlDocument } from "./yaml-document.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

const PROFILES = "profiles";
const VERIFY = "verify-before-use";
const ALLOWED = `1 to ${POLICY_PROFILES_MAX} paths that end in ${YAML}`;

type Part = {
  /** Which entry of the list names it. */
  readonly at: number;
  readonly source: SourceFile;
  readonly head: PolicyProfileFile;
  readonly keys: readonly string[];
};

/** As a policy that says it all itself; a key stands in one file only, so that everybody knows whom to ask about it. */
export function composePolicy(top: SourceFile, readBytes: ReadBytes): Composed {
  const { document } = top;
  const tree = sourced(document);
  const named = isMap(document.value) ? document.value[COMPOSED_OF] : undefined;
  if (named === undefined || tree.kind !== "map")
    return { ok: true, composition: composition(tree, [top], asItIs) };
  if (!Array.isArray(named) || named.length < 1 || named.length > POLICY_PROFILES_MAX) {
    const told = complaint(Array.isArray(named) ? "field-count" : "field-type", ALLOWED);
    return { ok: false, errors: [document.at([COMPOSED_OF], told)] };
  }
  const errors: ProfileError[] = [];
  const parts = named.flatMap((text: unknown, at): readonly Part[] => {
    const read = readPart(document, { text, at }, readBytes);
    if (!read.ok) errors.push(...read.errors);
    return read.ok ? [read.part] : [];
  });
  errors.push(...contradictions(document, parts));
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, YAML_LIMITS.ERRORS_MAX) };
  return {
    ok: true,
    composition: composition(whole(document, parts), [top, ...parts.map(({ source }) => source)], asItIs),
  };
}

function asItIs(error: ProfileError): ProfileError {
  return error;
}

type Read =
  | { readonly ok: true; readonly part: Part }
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

function readPart(
  document: YamlDocument,
  { text, at }: { readonly text: unknown; readonly at: number },
  readBytes: ReadBytes,
): Read {
  if (!isPathText(text) || !text.endsWith(YAML))
    return { ok: false, errors: [document.at([COMPOSED_OF, at], complaint("field-form", ALLOWED))] };
  const file = isAbsolute(text) ? text : join(dirname(document.file), text);
  const content = readText(file, readBytes);
  if (typeof content !== "string") {
    const told = complaint(content.code, "a file that can be read", content.hint, content.found);
    return { ok: false, errors: [document.at([COMPOSED_OF, at], told)] };
  }
  const parsed = parseYaml(file, content);
  if (!parsed.ok) return parsed;
  const checked = checkDocument(parsed.document, policyProfileFile());
  if (!checked.ok) return checked;
  const { value } = parsed.document;
  const keys = Object.keys(isMap(value) ? value : {}).filter((key) => !HEAD_KEYS.includes(key));
  const source = { document: parsed.document, text: content };
  return { ok: true, part: { at, source, head: checked.value, keys } };
}

/** What the files say each for itself and cannot mean together. */
function contradictions(document: YamlDocument, parts: readonly Part[]): readonly ProfileError[] {
  const own = isMap(document.value) ? document.value : {};
  const sayers = new Map(Object.keys(own).map((key) => [key, document.file]));
  const errors: ProfileError[] = [];
  if (Object.hasOwn(own, PROFILES)) {
    const told = complaint("fields-conflict", `${PROFILES} or ${COMPOSED_OF}, not both`);
    errors.push(document.atKey([PROFILES], told));
  }
  let rank = 0;
  for (const { source, head, keys, at } of parts) {
    const { file } = source.document;
    const role = PROFILE_ROLES.indexOf(head.role);
    if (role < rank)
      errors.push(
        document.at(
          [COMPOSED_OF, at],
          complaint("fields-order", PROFILE_ROLES.join(", then "), "", head.role),
        ),
      );
    rank = Math.max(rank, role);
    if (keys.length === 0)
      errors.push(document.at([COMPOSED_OF, at], complaint("field-count", "a profile that sets a key")));
    if (head[VERIFY] && own[VERIFY] === false)
      errors.push(document.at([VERIFY], complaint("fields-conflict", `true, as long as ${file} says so`)));
    for (const key of keys) {
      const other = sayers.get(key);
      if (other === undefined) sayers.set(key, file);
      else
        errors.push(
          source.document.atKey([key], complaint("field-twice", "each key in one file", `also in ${other}`)),
        );
    }
  }
  return errors;
}

/** The policy's own keys, each profile's, and the list of who set what. */
function whole(document: YamlDocument, parts: readonly Part[]): Sourced {
  const set = parts.map(({ head: { role, name }, keys }) => ({ role, name, sets: keys }));
  const entries = new Map<string, Sourced>([[PROFILES, sourced(document, set)]]);
  for (const { source, keys } of [{ source: { document }, keys: null }, ...parts]) {
    const tree = sourced(source.document);
    if (tree.kind !== "map") continue;
    for (const [key, each] of tree.entries)
      if (key !== COMPOSED_OF && (keys === null || keys.includes(key))) entries.set(key, each);
  }
  return { kind: "map", from: document, entries };
}
