/** Each test file with all that it imports from the repository as one script: quick to load anew for every mutant. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

/**
 * Writes `folder`/`test file`.cjs, which asks for npm packages by `require`. Everything of the repository is inside, so
 * that running the script again evaluates every table of the core again, under whichever mutant is active.
 */
export async function bundle(
  root: string,
  folder: string,
  testFile: string,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const build = await rolldown({
    input: join(root, testFile),
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    treeshake: false,
    plugins: [{ name: "switched", load: (id) => ({ code: loaded(root, id, texts), moduleType: "ts" }) }],
  });
  await build.write({ file: bundlePath(folder, testFile), format: "cjs", codeSplitting: false });
  await build.close();
}

export function bundlePath(folder: string, testFile: string): string {
  return join(folder, `${testFile.replaceAll("/", "_")}.cjs`);
}

/** A script has no `import.meta`: what tests find files by is written out. */
function loaded(root: string, id: string, texts: ReadonlyMap<string, string>): string {
  const text = texts.get(id.slice(root.length + 1)) ?? readFileSync(id, "utf8");
  return text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href));
}
