/** Every mutant of the sources, as Stryker's instrumenter makes them, and the sources with switches for some of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Instrumenter } from "@stryker-mutator/instrumenter";

export type Mutant = {
  /** What it is known by in lists: place-independent, so that a line added above changes nothing. */
  readonly key: string;
  /** Repository path. */
  readonly file: string;
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  /** Offsets of `original` in the file's text. */
  readonly start: number;
  readonly end: number;
};

export type Switched = {
  /** Repository path to text; with no mutant active it does what the source does. */
  readonly texts: ReadonlyMap<string, string>;
  /** Key to the id that the text knows the mutant by. */
  readonly ids: ReadonlyMap<string, string>;
};

type Position = { readonly line: number; readonly column: number };
type Range = { start: Position; end: Position };
/** What is looked at of a path of Babel's, which the instrumenter's types leave open. */
type SyntaxPath = {
  readonly node: unknown;
  readonly parent: {
    readonly type: string;
    readonly callee?: { readonly name?: string };
    readonly arguments?: readonly unknown[];
  } | null;
};
type Made = Awaited<ReturnType<Instrumenter["instrument"]>>;

const quiet = (): void => {};
const LOGGER = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
};

/** Repository paths of all TypeScript files below `folder`, sorted. */
export function sourcesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourcesBelow(root, path);
      return entry.name.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

export async function allMutants(root: string, files: readonly string[]): Promise<readonly Mutant[]> {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const made = await instrument(new Map([...sources].map(([file, text]) => [file, { text, ranges: true }])));
  return keyed(made, sources).map(({ mutant }) => mutant);
}

/** The files that hold `mutants`, with a switch for each of them; what lies inside their ranges may get one too. */
export async function switched(root: string, mutants: readonly Mutant[]): Promise<Switched> {
  const wanted = new Map<string, { text: string; ranges: Range[] }>();
  for (const { file, start, end } of mutants) {
    const entry = wanted.get(file) ?? { text: readFileSync(join(root, file), "utf8"), ranges: [] };
    wanted.set(file, entry);
    entry.ranges.push({ start: position(entry.text, start), end: position(entry.text, end) });
  }
  const made = await instrument(wanted);
  const sources = new Map([...wanted].map(([file, { text }]) => [file, text]));
  const idsByPlace = new Map(keyed(made, sources).map(({ mutant, id }) => [place(mutant), id]));
  const ids = new Map(
    mutants.flatMap((mutant) => {
      const id = idsByPlace.get(place(mutant));
      return id === undefined ? [] : [[mutant.key, id] as const];
    }),
  );
  return { texts: new Map(made.files.map(({ name, content }) => [name, content])), ids };
}

/** Where `offset` lies, lines and columns from 0. */
function position(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

function offsetOf(text: string, { line, column }: Position): number {
  let at = 0;
  for (let passed = 0; passed < line; passed++) at = text.indexOf("\n", at) + 1;
  return at + column;
}

async function instrument(
  files: ReadonlyMap<string, { text: string; ranges: true | Range[] }>,
): Promise<Made> {
  const inputs = [...files].map(([name, { text, ranges }]) => ({ name, content: text, mutate: ranges }));
  return await new Instrumenter(LOGGER).instrument(inputs, {
    plugins: null,
    excludedMutations: [],
    ignorers: [{ shouldIgnore: (path) => textOfAssertion(path as SyntaxPath) }],
  });
}

/** Nobody reads it before the program is wrong already, and a test for it would first have to make it so. */
function textOfAssertion({ node, parent }: SyntaxPath): string | undefined {
  const isMessage = parent?.callee?.name === "assert" && parent.arguments?.[1] === node;
  return isMessage ? "what an assertion says" : undefined;
}

/** Mutants of equal text get a number, in reading order. */
function keyed(made: Made, sources: ReadonlyMap<string, string>): readonly { mutant: Mutant; id: string }[] {
  const seen = new Map<string, number>();
  const counted = made.mutants.filter(({ status }) => status !== "Ignored");
  return counted.map((each) => {
    const text = sources.get(each.fileName) ?? "";
    const [start, end] = [offsetOf(text, each.location.start), offsetOf(text, each.location.end)];
    const original = text.slice(start, end);
    const base = `${each.fileName}\t${each.mutatorName}\t${inLine(original)}\t${inLine(each.replacement)}`;
    const nth = (seen.get(base) ?? 0) + 1;
    seen.set(base, nth);
    const mutant = {
      key: nth === 1 ? base : `${base}\t#${nth}`,
      file: each.fileName,
      line: each.location.start.line + 1,
      column: each.location.start.column + 1,
      mutator: each.mutatorName,
      original,
      replacement: each.replacement,
      start,
      end,
    };
    return { mutant, id: each.id };
  });
}

function place({ file, start, end, mutator, replacement }: Mutant): string {
  return [file, start, end, mutator, replacement].join("\t");
}

/** In one line, for lists. */
export function inLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
