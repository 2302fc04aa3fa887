/**
 * The import rule of the house, checked by dependency-cruiser over the table in `rooms.mjs`.
 *
 *     node test/architecture/import-rule.mjs [ROOT] [--json]
 *
 * One line when green. When red: each line from → to, the rule, and what to do; exit 1. It refuses to be green
 * when it did not look: every source file on disk must be among the modules that were cruised.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cruise } from "dependency-cruiser";
import { homes, PROGRAM, rooms } from "./rooms.mjs";

/** Fewer modules than this means that the tool looked at the wrong place. */
const MODULES_MIN = 10;
const SOURCES = ["src", "hardware"];

/** @typedef {{rule: string, from: string, to: string, advice: string}} Finding */

/**
 * @param {string} root folder that holds src/ and hardware/
 * @returns {Promise<{modules: number, imports: number, rooms: Record<string, number>, rules: string[], findings: Finding[]}>}
 */
async function importRule(root) {
  const folders = SOURCES.filter((folder) => existsSync(join(root, folder)));
  const onDisk = folders.flatMap((folder) => sourcesBelow(root, folder));
  const modules = onDisk.length === 0 ? [] : await look(root, folders);
  const own = modules.filter(({ source }) => SOURCES.some((folder) => source.startsWith(`${folder}/`)));
  return {
    modules: own.length,
    imports: own.reduce((sum, module) => sum + module.dependencies.length, 0),
    rooms: census(own),
    rules: forbidden().map(({ name }) => name),
    findings: [
      ...unseen(onDisk, own),
      ...homeless(own),
      ...crossings(own),
      ...packages(own, manifest(root)),
      ...barrels(own),
    ],
  };
}

/** @param {string} root @param {string[]} folders */
async function look(root, folders) {
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: forbidden() },
      tsPreCompilationDeps: true,
      combinedDependencies: false,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "^(src|hardware)/.*tsconfig[.]json$" },
    },
    {
      extensions: [".ts", ".js", ".mjs", ".json"],
      // Not "types": a package's declarations are no module, and its edge would be lost.
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
    },
  );
  if (typeof output === "string") throw new Error("dependency-cruiser gave text where modules were expected");
  return output.modules;
}

/** The table as dependency-cruiser's rules: three a room, and those that hold everywhere. */
function forbidden() {
  const everywhere = { path: "^(src|hardware)/" };
  return [
    ...rooms.flatMap((room) => {
      const from = { path: room.path, ...(room.except ? { pathNot: room.except } : {}) };
      const rule = { from, severity: "error", comment: room.advice };
      return [
        { ...rule, name: `${room.name}: rooms`, to: { dependencyTypes: ["local"], pathNot: room.rooms } },
        ...(room.npm === "any"
          ? []
          : [
              {
                ...rule,
                name: `${room.name}: packages`,
                to: { path: "(^|/)node_modules/", pathNot: room.npm.map(npmPath) },
              },
            ]),
        ...(room.builtins
          ? []
          : [{ ...rule, name: `${room.name}: node modules`, to: { dependencyTypes: ["core"] } }]),
      ];
    }),
    {
      name: "no cycles",
      severity: "error",
      from: everywhere,
      to: { circular: true },
      comment: "a cycle hides which of the two comes first: move what both need into a third file",
    },
    {
      name: "a program is nobody's import",
      severity: "error",
      from: everywhere,
      to: { path: [PROGRAM, "^src/main[.]ts$"] },
      comment: "start the program as a process, or move what is shared out of it",
    },
    {
      name: "resolvable",
      severity: "error",
      from: everywhere,
      to: { couldNotResolve: true },
      comment: "the file or package does not exist: write it, or name an installed dependency",
    },
    {
      name: "declared packages",
      severity: "error",
      from: everywhere,
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "npm-optional", "npm-peer"] },
      comment: "the shipped program may name only what stands under dependencies in package.json",
    },
  ];
}

/** `@noble/*` → the packages of that scope; `zod` → that package alone. @param {string} npm */
function npmPath(npm) {
  const name = npm.endsWith("/*") ? npm.slice(0, -1) : `${npm}/`;
  return `(^|/)node_modules/${name}`;
}

/** What dependency-cruiser found, without the same edge told twice. */
function crossings(modules) {
  const findings = new Map();
  const cycles = new Set();
  for (const { source, dependencies } of modules) {
    for (const { resolved, module, rules = [], cycle = [] } of dependencies) {
      for (const { name } of rules) {
        const to = name === "no cycles" ? circle(cycle) : (resolved ?? module);
        if (name === "no cycles") {
          const ring = [...new Set(cycle.map((step) => step.name))].sort().join();
          if (cycles.has(ring)) continue;
          cycles.add(ring);
        }
        findings.set(`${name} ${source} ${to}`, { rule: name, from: source, to, advice: adviceOf(name) });
      }
    }
  }
  return [...findings.values()];
}

function circle(cycle) {
  return cycle.map((step) => step.name).join(" → ");
}

function adviceOf(name) {
  return forbidden().find((rule) => rule.name === name)?.comment ?? "see rooms.mjs";
}

/** Each npm package is wrapped in one file; those with a home stay there (STYLE 20). */
function packages(modules, declared) {
  const importers = new Map();
  for (const { source, dependencies } of modules) {
    for (const { module } of dependencies) {
      const npm = packageOf(module);
      if (npm === undefined || !declared.has(npm)) continue;
      importers.set(npm, (importers.get(npm) ?? new Set()).add(source));
    }
  }
  return [...importers].flatMap(([npm, files]) => strays(npm, [...files].sort()));
}

/** @param {string} npm @param {string[]} files */
function strays(npm, files) {
  const home = homes.find((entry) => new RegExp(npmPath(entry.npm)).test(`node_modules/${npm}/`));
  if (home === undefined) return crowd(npm, files);
  const path = new RegExp(home.path);
  const outside = files
    .filter((file) => !path.test(file))
    .map((from) => ({
      rule: "packages at home",
      from,
      to: npm,
      advice: `${npm} may be named below ${home.path} only`,
    }));
  const groups = new Map();
  for (const file of files) {
    const room = path.exec(file)?.[home.files === "one a room" ? 1 : 0];
    if (room !== undefined) groups.set(room, [...(groups.get(room) ?? []), file]);
  }
  return home.files === "any"
    ? outside
    : [...outside, ...[...groups.values()].flatMap((group) => crowd(npm, group))];
}

/** The first file keeps the package; each further one is a finding. @param {string} npm @param {string[]} files */
function crowd(npm, [keeper, ...others]) {
  const advice = `${npm} is wrapped in ${keeper}: use what that file exports, or move both uses into one`;
  return others.map((from) => ({ rule: "one file a package", from, to: npm, advice }));
}

/** Specifier → package name, or undefined for relative paths and `node:` modules. @param {string} specifier */
function packageOf(specifier) {
  return /^(@[^/]+\/[^/]+|[^@./:][^/:]*)(\/|$)/.exec(specifier)?.[1];
}

function manifest(root) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  return new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
}

/** A check that looked at nothing is green as well: so count, and compare with the disk. */
function unseen(onDisk, modules) {
  const seen = new Set(modules.map(({ source }) => source));
  const advice =
    "dependency-cruiser passed it over: no verdict is worth anything before it looks at every file";
  const missed = onDisk
    .filter((file) => !seen.has(file))
    .map((from) => ({ rule: "looked at every file", from, to: "-", advice }));
  if (modules.length >= MODULES_MIN) return missed;
  const count = `${modules.length} modules, at least ${MODULES_MIN} expected`;
  return [
    { rule: "looked at enough", from: SOURCES.join(", "), to: count, advice: "is this the right folder?" },
    ...missed,
  ];
}

/** Each file stands in a room of the table. */
function homeless(modules) {
  const advice = "move it into a room, or give its folder a line in rooms.mjs";
  return modules
    .filter(({ source }) => roomOf(source) === undefined)
    .map(({ source: from }) => ({ rule: "every file has a room", from, to: "-", advice }));
}

/** No index.ts: a barrel hides where a name comes from. */
function barrels(modules) {
  const advice = "import each name from its own file, and delete the barrel";
  return modules
    .filter(({ source }) => /(^|\/)index[.][a-z]+$/.test(source))
    .map(({ source: from }) => ({ rule: "no barrels", from, to: "-", advice }));
}

/** @param {string} source */
function roomOf(source) {
  return rooms.find(({ path }) => new RegExp(path).test(source))?.name;
}

function census(modules) {
  const counts = Object.fromEntries(rooms.map(({ name }) => [name, 0]));
  for (const { source } of modules) {
    const room = roomOf(source);
    if (room !== undefined) counts[room] += 1;
  }
  return counts;
}

/** Source files below a folder, as repository paths. */
function sourcesBelow(root, folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => /[.](ts|tsx|js|mjs)$/.test(path) && !path.endsWith(".d.ts"))
    .sort();
}

/** @param {Awaited<ReturnType<typeof importRule>>} result */
function report({ modules, imports, rooms: counts, findings }) {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  const looked = `${modules} modules, ${imports} imports, ${present.length} rooms (${present.map((pair) => pair.join(" ")).join(", ")})`;
  if (findings.length === 0) return `import rule: green over ${looked}`;
  const lines = findings.map(({ rule, from, to, advice }) => `  ${from} → ${to}\n    ${rule}: ${advice}`);
  return [`import rule: ${findings.length} findings over ${looked}`, ...lines].join("\n");
}

const flags = process.argv.slice(2);
const root = resolve(flags.find((flag) => !flag.startsWith("--")) ?? join(import.meta.dirname, "../.."));
const result = await importRule(root);
console.log(flags.includes("--json") ? JSON.stringify(result) : report(result));
process.exitCode = result.findings.length === 0 ? 0 : 1;
