/** Which mutants a compiler accepts: the others are no mistakes that anybody could ship. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Mutant } from "./mutant.ts";

/** Answers for any number of mutants; keeps the program of the unchanged sources. */
export type Compiler = (mutants: readonly Mutant[]) => ReadonlySet<Mutant>;

/**
 * Mutants of different files are compiled together where neither changes what its file declares (all exports have
 * written types, `isolatedDeclarations`): then no error can come from the other. The rest is compiled one by one.
 */
export function openCompiler(root: string, files: readonly string[]): Compiler {
  const options = compilerOptions(root);
  const originals = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const check = newCheck(root, files, options, originals);
  return (mutants) => {
    const isLocal = (each: Mutant): boolean =>
      declared(mutated(each, originals), options) === declared(originals.get(each.file) ?? "", options);
    const local = new Set(mutants.filter(isLocal));
    const good = new Set<Mutant>();
    for (const batch of batches([...local])) {
      const wrong = check(batch, [...batch.keys()]);
      for (const [file, mutant] of batch) if (!wrong.has(file)) good.add(mutant);
    }
    for (const mutant of mutants) {
      if (!local.has(mutant) && check(new Map([[mutant.file, mutant]]), files).size === 0) good.add(mutant);
    }
    return good;
  };
}

/** Unused names are a matter of style here: a mutant may leave some behind. */
function compilerOptions(root: string): ts.CompilerOptions {
  const path = join(root, "src/core/tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "src/core"));
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };
}

function mutated({ file, start, end, replacement }: Mutant, originals: ReadonlyMap<string, string>): string {
  const text = originals.get(file) ?? "";
  return text.slice(0, start) + replacement + text.slice(end);
}

function declared(text: string, options: ts.CompilerOptions): string {
  return ts.transpileDeclaration(text, { compilerOptions: options }).outputText;
}

/** At most one mutant a file in each. */
function batches(mutants: readonly Mutant[]): readonly ReadonlyMap<string, Mutant>[] {
  const made: Map<string, Mutant>[] = [];
  for (const mutant of mutants) {
    const free = made.find((batch) => !batch.has(mutant.file));
    if (free === undefined) made.push(new Map([[mutant.file, mutant]]));
    else free.set(mutant.file, mutant);
  }
  return made;
}

/** Which of `asked` have errors when the given mutants stand in their files. */
type Check = (batch: ReadonlyMap<string, Mutant>, asked: readonly string[]) => ReadonlySet<string>;

function newCheck(
  root: string,
  files: readonly string[],
  options: ts.CompilerOptions,
  originals: ReadonlyMap<string, string>,
): Check {
  const host = ts.createCompilerHost(options);
  const parsed = new Map<string, ts.SourceFile>();
  let current: ReadonlyMap<string, Mutant> = new Map();
  const fromDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (path, target) => {
    const name = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    const mutant = current.get(name);
    if (mutant !== undefined) return ts.createSourceFile(path, mutated(mutant, originals), target, true);
    const known = parsed.get(path) ?? fromDisk(path, target);
    if (known !== undefined) parsed.set(path, known);
    return known;
  };
  const names = files.map((file) => join(root, file));
  let last = ts.createProgram(names, options, host);
  return (batch, asked) => {
    current = batch;
    last = ts.createProgram(names, options, host, last);
    const wrong = asked.filter((file) => {
      const source = last.getSourceFile(join(root, file));
      if (source === undefined) return true;
      return last.getSyntacticDiagnostics(source).length + last.getSemanticDiagnostics(source).length > 0;
    });
    return new Set(wrong);
  };
}
