/** The explorer and the core as plain JavaScript in a folder of their own, with sentences of the sources changed. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { repository } from "../../support/built.ts";

/** One sentence of one source file, and what stands there instead. */
export type Change = { readonly file: string; readonly from: string; readonly to: string };

const FOLDERS = ["src/core", "src/sim/explore"];
const PROGRAM = "test/sim/explore/explore-program.ts";

/** Writes everything that the program needs; returns the program's path. */
export function copyOfExplorer(into: string): string {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".ts")) writeCopy(into, join(folder, name), []);
    }
  }
  writeFileSync(join(into, "package.json"), '{"type":"module"}');
  return writeCopy(into, PROGRAM, []);
}

/** Changes a copy in place; the result puts it back. A sentence that is not there exactly once is an error. */
export function plant(into: string, changes: readonly Change[]): () => void {
  const files = new Set(changes.map(({ file }) => file));
  const restore = (): void => {
    for (const file of files) writeCopy(into, file, []);
  };
  for (const file of files) {
    writeCopy(
      into,
      file,
      changes.filter((each) => each.file === file),
    );
  }
  return restore;
}

function writeCopy(into: string, file: string, changes: readonly Change[]): string {
  let text = readFileSync(join(repository, file), "utf8");
  for (const { from, to } of changes) {
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`);
    text = text.replace(from, () => to);
  }
  const target = join(into, file.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, javascript(text));
  return target;
}

function javascript(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText;
}
