/** Makes a program of TypeScript files runnable by a plain node: transpiles an entry and all it imports into a folder. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(import.meta.dirname, "../../..");
const FILES_MAX = 200;

/** Path of the runnable entry. The files may import node's own modules and one another only. */
export async function transpiled(entry: string, into: string): Promise<string> {
  const known = new Set([resolve(entry)]);
  for (const source of known) {
    if (known.size > FILES_MAX) throw new Error("more files than a test program should need");
    const text = await readFile(source, "utf8");
    for (const [, path] of text.matchAll(/^(?:import|export|\}) .*from "(\.[^"]+)";$/gm)) {
      known.add(resolve(dirname(source), path as string));
    }
    const target = targetOf(source, into);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, javascript(text, source));
  }
  await writeFile(join(into, "package.json"), '{"type":"module"}');
  return targetOf(resolve(entry), into);
}

function javascript(text: string, fileName: string): string {
  return ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText;
}

function targetOf(source: string, into: string): string {
  return join(into, relative(ROOT, source).replace(/\.ts$/, ".js"));
}
