/** An operator's YAML file as plain values, with the place of every one of them (DESIGN §4: line and column). */
import {
  type Alias,
  Composer,
  type CST,
  Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  visit,
} from "yaml";
import { printable } from "./printable.ts";
import { type Complaint, complaint, formatPath, type Path, type ProfileError } from "./profile-error.ts";
import { YAML_LIMITS } from "./yaml-limits.ts";

export type YamlDocument = {
  readonly file: string;
  /** Maps, lists, texts, numbers, booleans and null. No key stands twice, none is `__proto__`. */
  readonly value: unknown;
  /** A finding about the value at `path`, or, where there is none, about what should hold it. */
  at(path: Path, told: Complaint): ProfileError;
  /** A finding about the last key of `path` itself. */
  atKey(path: Path, told: Complaint): ProfileError;
};

export type YamlParsed =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly errors: readonly ProfileError[] };

/** Never throws, whatever the text; every bound of `YAML_LIMITS` holds. */
export function parseYaml(file: string, text: string): YamlParsed {
  if (text.length > YAML_LIMITS.LENGTH_MAX) {
    const allowed = `at most ${YAML_LIMITS.LENGTH_MAX} characters`;
    return refused(file, START, complaint("file-too-large", allowed, "", `${text.length} characters`));
  }
  const lines = new LineCounter();
  const tokens = tokensOf(text, lines);
  if (tokens === null) return refused(file, START, tooDeep());
  const documents = [...composer(lines).compose(tokens)];
  const [document, second] = documents;
  if (document === undefined || (document.contents === null && document.errors.length === 0)) {
    return refused(file, START, complaint("yaml-empty", "a map of keys", "", "nothing"));
  }
  const syntax = [...syntaxErrors(file, document, lines), ...moreDocuments(file, second, lines)];
  if (syntax.length > 0) return { ok: false, errors: syntax.slice(0, YAML_LIMITS.ERRORS_MAX) };
  return new Walk(file, document, lines).finish();
}

/**
 * Plain values as YAML, for files that people go on with; texts that look like something else are quoted. `noteOf`
 * gives a comment for the value of a key outside lists, or "".
 */
export function formatYaml(value: unknown, noteOf: (path: Path) => string = () => ""): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: () => visit.SKIP,
    Pair: (_key, { value: node, key }, above) => {
      const path = [...above.filter(isPair).map((each) => each.key), key].map(String);
      const note = isNode(node) && !(isMap(node) && node.items.length > 0) ? noteOf(path) : "";
      if (note === "" || !isNode(node)) return;
      // Beside a value, but above the entries of a list.
      if (isSeq(node) && node.items.length > 0) node.commentBefore = ` ${note}`;
      else node.comment = ` ${note}`;
    },
  });
  return document.toString({ lineWidth: 110 });
}

type Position = { readonly line: number; readonly column: number };
const START: Position = { line: 1, column: 1 };

function refused(file: string, position: Position, told: Complaint): YamlParsed {
  return { ok: false, errors: [errorAt(file, position, [], told)] };
}

function errorAt(file: string, { line, column }: Position, path: Path, told: Complaint): ProfileError {
  const { code, found = "nothing", allowed, hint } = told;
  const shown = path.map((part) => (typeof part === "number" ? part : printable(part)));
  return { file, line, column, path: formatPath(shown), code, found, allowed, hint };
}

function tooDeep(): Complaint {
  return complaint("yaml-depth", `at most ${YAML_LIMITS.DEPTH_MAX} levels of nesting`, "", "deeper nesting");
}

/** The concrete syntax, or null where it is nested too deeply for the recursive steps that follow. */
function tokensOf(text: string, lines: LineCounter): readonly CST.Token[] | null {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // The stack holds the document, the collections, and the scalar at the top.
    if (parser.stack.length > YAML_LIMITS.DEPTH_MAX + 2) return null;
  }
  tokens.push(...parser.end());
  return tokens;
}

function composer(lines: LineCounter): Composer {
  // Keys that stand twice are found by the walk: the library compares each key with all others.
  return new Composer({
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: false,
    lineCounter: lines,
  });
}

function syntaxErrors(file: string, document: Document.Parsed, lines: LineCounter): readonly ProfileError[] {
  const spoken = [...document.errors, ...document.warnings].map((each) => {
    const code = each.code === "TAG_RESOLVE_FAILED" ? "yaml-tag" : "yaml-syntax";
    const told = complaint(code, "YAML 1.2", "", printable(each.message.split("\n")[0] ?? ""));
    return errorAt(file, positionAt(lines, each.pos[0]), [], told);
  });
  if (document.directives.yaml.explicit !== true || document.directives.yaml.version === "1.2") return spoken;
  const told = complaint("yaml-tag", "YAML 1.2", "", `%YAML ${document.directives.yaml.version}`);
  return [...spoken, errorAt(file, START, [], told)];
}

function moreDocuments(
  file: string,
  second: Document.Parsed | undefined,
  lines: LineCounter,
): readonly ProfileError[] {
  if (second === undefined) return [];
  const told = complaint("yaml-syntax", "one document a file", "", "a second document");
  return [errorAt(file, positionAt(lines, second.range[0]), [], told)];
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Where a value and its key stand, and how the value reads. */
type Entry = { readonly value: Position; readonly key: Position | null; readonly found: string };

/** Turns nodes into plain values, aliases followed, and notes where each one stands. */
class Walk {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #contents: unknown;
  readonly #targets: ReadonlyMap<Alias, Node | undefined>;
  readonly #entries = new Map<string, Entry>();
  readonly #errors: ProfileError[] = [];
  readonly #within: Node[] = [];
  #values = 0;

  constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
    this.#contents = document.contents;
    this.#targets = aliasTargets(document);
  }

  finish(): YamlParsed {
    const count = this.#targets.size;
    if (count > YAML_LIMITS.ALIASES_MAX) {
      const told = complaint("yaml-aliases", `at most ${YAML_LIMITS.ALIASES_MAX}`, "", `${count} aliases`);
      return refused(this.#file, START, told);
    }
    const value = this.#convert(this.#contents, [], null);
    if (this.#errors.length > 0) return { ok: false, errors: this.#errors.slice(0, YAML_LIMITS.ERRORS_MAX) };
    const [file, entries] = [this.#file, this.#entries];
    const about = (path: Path, told: Complaint, which: "key" | "value"): ProfileError => {
      const exact = entries.get(keyOf(path));
      const near = exact ?? nearestEntry(entries, path);
      const position = (which === "key" ? near.key : null) ?? near.value;
      return errorAt(file, position, path, { ...told, found: told.found ?? exact?.found ?? "nothing" });
    };
    return {
      ok: true,
      document: {
        file,
        value,
        at: (path, told) => about(path, told, "value"),
        atKey: (path, told) => about(path, told, "key"),
      },
    };
  }

  #convert(node: unknown, path: Path, key: Position | null): unknown {
    this.#values += 1;
    if (!isNode(node)) {
      // A key without a colon inside `{…}`.
      this.#entries.set(keyOf(path), { value: key ?? START, key, found: "nothing" });
      return null;
    }
    const position = positionAt(this.#lines, node.range?.[0] ?? 0);
    const told = this.#refusal(node);
    if (told !== null) {
      this.#errors.push(errorAt(this.#file, position, path, told));
      return null;
    }
    const real = isAlias(node) ? this.#targets.get(node) : node;
    this.#entries.set(keyOf(path), { value: position, key, found: describe(real) });
    if (!isMap(real) && !isSeq(real)) return isScalar(real) ? real.value : null;
    this.#within.push(real);
    const value = isMap(real)
      ? this.#map(real.items, path)
      : real.items.map((item, i) => this.#convert(item, [...path, i], null));
    this.#within.pop();
    return value;
  }

  #refusal(node: Node): Complaint | null {
    if (this.#values > YAML_LIMITS.VALUES_MAX) {
      return complaint("yaml-expansion", `at most ${YAML_LIMITS.VALUES_MAX} values`, "", "more");
    }
    if (this.#within.length >= YAML_LIMITS.DEPTH_MAX) return tooDeep();
    const real = isAlias(node) ? this.#targets.get(node) : node;
    if (real === undefined) return complaint("yaml-syntax", "an anchor before its alias", "", describe(node));
    if (this.#within.includes(real)) {
      return complaint("yaml-alias-loop", "an alias of something before it", "", describe(node));
    }
    if (real.tag !== undefined || (isScalar(real) && !isPlain(real.value))) {
      return complaint("yaml-tag", "a plain value", "leave the tag out", `a value tagged ${real.tag ?? ""}`);
    }
    return null;
  }

  #map(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      // A file of nothing but errors ends here.
      if (this.#values > YAML_LIMITS.VALUES_MAX) break;
      const position = positionAt(this.#lines, isNode(key) ? (key.range?.[0] ?? 0) : 0);
      const name = isScalar(key) && typeof key.value === "string" ? key.value : null;
      const told = keyRefusal(name, map, describe(isNode(key) ? key : undefined));
      if (told !== null) this.#errors.push(errorAt(this.#file, position, path, told));
      else if (name !== null) map[name] = this.#convert(value, [...path, name], position);
    }
    return map;
  }
}

function keyRefusal(name: string | null, map: object, found: string): Complaint | null {
  if (name === null || name === "__proto__") {
    return complaint("yaml-key", "a plain text", "quote a key that looks like a number", found);
  }
  if (Object.hasOwn(map, name)) return complaint("yaml-key-twice", "each key once", "remove one", found);
  return null;
}

/** What each alias stands for: the last anchor of its name before it. */
function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, (_key, node) => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    else if (isNode(node) && "anchor" in node && node.anchor !== undefined) anchors.set(node.anchor, node);
  });
  return targets;
}

function isPlain(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** How a value reads in a message: a scalar as it stands in the file, anything else by its kind. */
function describe(node: Node | undefined): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return `a list of ${node.items.length}`;
  if (isAlias(node)) return `*${printable(node.source)}`;
  if (!isScalar(node) || node.value === null || node.value === undefined) return "nothing";
  const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  return `\`${printable(text)}\``;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

const ROOT: Entry = { value: START, key: null, found: "nothing" };

function nearestEntry(entries: ReadonlyMap<string, Entry>, path: Path): Entry {
  for (let length = path.length - 1; length >= 0; length--) {
    const entry = entries.get(keyOf(path.slice(0, length)));
    if (entry !== undefined) return entry;
  }
  return ROOT;
}
