/** A file of an operator's as one document, with all that a device profile extends, or a policy is composed of, in it. */
import { resolve } from "node:path";
import { PROFILE_SCHEMA } from "./agent-schema.ts";
import { composePolicy } from "./compose-policy.ts";
import { type Composed, composition, type SourceFile } from "./composition.ts";
import {
  allowedBases,
  baseFile,
  EXTENDS,
  EXTENDS_LIMITS,
  type ExtendsEntry,
  extendsEntries,
} from "./extends-entry.ts";
import { POLICY_SCHEMA } from "./policy-schema.ts";
import { complaint, type Path, type ProfileCode, type ProfileError } from "./profile-error.ts";
import { type ReadBytes, readText } from "./read-text.ts";
import { isMap, overlaid, type Sourced, sourced, without } from "./sourced.ts";
import { parseYaml, type YamlDocument } from "./yaml-document.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

/** Never throws but what is no fault of a file; only device profiles extend anything, only policies have profiles. */
export function composeFile(file: string, readBytes: ReadBytes): Composed {
  const text = readText(file, readBytes);
  if (typeof text !== "string") return { ok: false, errors: [text] };
  const parsed = parseYaml(file, text);
  if (!parsed.ok) return parsed;
  const top = { document: parsed.document, text };
  if (isOf(top.document, POLICY_SCHEMA)) return composePolicy(top, readBytes);
  if (!isOf(top.document, PROFILE_SCHEMA))
    return { ok: true, composition: composition(sourced(top.document), [top]) };
  const bases = new Bases(readBytes);
  const below = bases.below(top.document, [file]);
  if (bases.errors.length > 0) return { ok: false, errors: bases.errors.slice(0, YAML_LIMITS.ERRORS_MAX) };
  const own = without(sourced(top.document), EXTENDS);
  const tree = below === null ? own : overlaid(below, own);
  return { ok: true, composition: composition(tree, [top, ...bases.files()]) };
}

function isOf({ value }: YamlDocument, schema: string): boolean {
  return isMap(value) && value["schema"] === schema;
}

/** Files from the profile itself down to the one whose bases are followed. */
type Chain = readonly string[];

/** Follows `extends`, reads every base once, and keeps what is wrong on the way. */
class Bases {
  readonly errors: ProfileError[] = [];
  readonly #readBytes: ReadBytes;
  /** By absolute path; null where it cannot be read. */
  readonly #read = new Map<string, SourceFile | null>();
  #followed = 0;

  constructor(readBytes: ReadBytes) {
    this.#readBytes = readBytes;
  }

  files(): readonly SourceFile[] {
    return [...this.#read.values()].filter((each) => each !== null);
  }

  /** All that `document` extends, or null for nothing. */
  below(document: YamlDocument, chain: Chain): Sourced | null {
    const read = extendsEntries(isMap(document.value) ? document.value[EXTENDS] : undefined);
    if (!read.ok) {
      this.errors.push(document.at(read.path, read.told));
      return null;
    }
    let tree: Sourced | null = null;
    for (const entry of read.entries) {
      const next = this.#follow(document, entry, chain);
      if (next !== null) tree = tree === null ? next : overlaid(tree, next);
    }
    return tree;
  }

  #follow(document: YamlDocument, { path, text }: ExtendsEntry, chain: Chain): Sourced | null {
    const found = baseFile(text, document.file);
    if (!found.ok) {
      this.errors.push(document.at(path, { ...found.told, hint: hintOf(chain, found.told.hint) }));
      return null;
    }
    const longer = [...chain, found.file];
    const told = this.#bound(longer);
    if (told !== null) {
      this.errors.push(document.at(path, complaint(told.code, told.allowed, hintOf(longer))));
      return null;
    }
    this.#followed += 1;
    const base = this.#readBase(document, path, longer);
    if (base === null) return null;
    const below = this.below(base.document, longer);
    const own = without(without(sourced(base.document), EXTENDS), "schema");
    return below === null ? own : overlaid(below, own);
  }

  #bound(chain: Chain): { readonly code: ProfileCode; readonly allowed: string } | null {
    const { DEPTH_MAX, FILES_MAX } = EXTENDS_LIMITS;
    const ends = resolve(chain.at(-1) ?? "");
    if (chain.slice(0, -1).some((each) => resolve(each) === ends))
      return { code: "extends-cycle", allowed: "a file that does not extend this one" };
    if (chain.length - 1 > DEPTH_MAX)
      return { code: "extends-depth", allowed: `at most ${DEPTH_MAX} bases below one another` };
    if (this.#followed >= FILES_MAX)
      return { code: "extends-count", allowed: `at most ${FILES_MAX} bases in all` };
    return null;
  }

  /** A file that is not there is told where it is named; a broken one, in its own lines. */
  #readBase(document: YamlDocument, path: Path, chain: Chain): SourceFile | null {
    const file = chain.at(-1) ?? "";
    const known = this.#read.get(resolve(file));
    if (known !== undefined) return known;
    const base = this.#parse(file, (error) => {
      const { code, found } = error;
      if (code !== "file-unreadable") return { ...error, hint: hintOf(chain, error.hint) };
      return document.at(path, complaint("extends-unknown", allowedBases(), hintOf(chain, found)));
    });
    const isBase = base === null || isOf(base.document, PROFILE_SCHEMA);
    if (!isBase) {
      const { value } = base.document;
      const found = isMap(value)
        ? base.document.at(["schema"], complaint("extends-kind", "")).found
        : "no map";
      const told = complaint("extends-kind", `a file of schema ${PROFILE_SCHEMA}`, hintOf(chain), found);
      this.errors.push(document.at(path, told));
    }
    this.#read.set(resolve(file), isBase ? base : null);
    return isBase ? base : null;
  }

  #parse(file: string, told: (error: ProfileError) => ProfileError): SourceFile | null {
    const text = readText(file, this.#readBytes);
    const parsed =
      typeof text === "string" ? parseYaml(file, text) : ({ ok: false, errors: [text] } as const);
    if (parsed.ok && typeof text === "string") return { document: parsed.document, text };
    if (!parsed.ok) this.errors.push(...parsed.errors.map(told));
    return null;
  }
}

function hintOf(chain: Chain, hint = ""): string {
  const way = `by way of ${chain.join(" -> ")}`;
  return hint === "" ? way : `${hint}; ${way}`;
}
