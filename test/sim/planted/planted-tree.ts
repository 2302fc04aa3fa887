/** A copy of the built package with one planted bug in it. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { type PlantedBug, planted } from "./planted-bug.ts";

/** What the built program reads of its package. */
const FOLDERS = ["dist/src", "dist/hardware", "profiles"];

export type PlantedTree = {
  /** The program that `node` runs. */
  readonly program: string;
  remove(): void;
};

/**
 * Copies every built file and compiles the one that the bug changes anew; null: no bug. The tree lies below the package,
 * where its packages are found. Throws an Error where the bug's text does not stand once in its file.
 */
export function plantedTree(root: string, bug: PlantedBug | null): PlantedTree {
  if (!existsSync(join(root, "dist/src/main.js"))) throw new Error("dist is missing: npm run build");
  mkdirSync(join(root, "out"), { recursive: true });
  const folder = mkdtempSync(join(root, "out", `${bug?.name ?? "unpatched"}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    copyFileSync(join(root, "package.json"), join(folder, "package.json"));
    for (const each of FOLDERS) copyFolder(join(root, each), join(folder, each));
    if (bug !== null) plant(root, folder, bug);
  } catch (error) {
    remove();
    throw error;
  }
  return { program: join(folder, "dist/src/main.js"), remove };
}

/** No links: of a symbolic one node would follow the imports past the planted file, and a build writes through hard ones. */
function copyFolder(from: string, to: string): void {
  for (const path of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!path.isFile() || path.name.endsWith(".d.ts")) continue;
    const file = join(path.parentPath, path.name);
    const target = join(to, file.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

function plant(root: string, folder: string, bug: PlantedBug): void {
  const text = planted(readFileSync(join(root, bug.file), "utf8"), bug);
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // By itself a file does not tell that its package is made of modules.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: bug.file });
  const target = join(folder, "dist", bug.file.replace(/[.]ts$/, ".js"));
  writeFileSync(target, outputText);
}
