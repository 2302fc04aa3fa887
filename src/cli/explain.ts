/** `spectrum-agent explain`: what an id of the agent means, what is measured under it, and what to do. */
import { unitOfName } from "../core/base/codes/unit-of-name.ts";
import { allCodes, type Explained, explainCode } from "../core/base/codes.ts";
import { kindJsonSchema } from "../core/record/json-schema.ts";
import { kindNames } from "../core/record/kinds.ts";
import { specification } from "../core/record/specification.ts";
import { nearestWord } from "../profile/nearest-word.ts";
import { type CommandModule, exitCodes, exitWords } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";

type ExplainOptions = { readonly json?: boolean; readonly kinds?: boolean };

const SCHEMA = "spectrum-agent.explain/1";

export const explain: CommandModule = {
  name: "explain",
  summary: "say what an id means and what to do about it; without one, list them all",
  register(program) {
    program
      .command("explain")
      .description(explain.summary)
      .argument("[id]", "as a message, a refusal or a count names it")
      .option("--kinds", "instead: the records' own specification; with --json, JSON Schemas of all kinds")
      .option("--json", "one JSON document")
      .action((id: string | undefined, options: ExplainOptions) => explainTo(id, options));
  },
};

function explainTo(id: string | undefined, { json = false, kinds = false }: ExplainOptions): void {
  if (kinds) {
    printKinds(id, json);
    return;
  }
  const found = id === undefined ? allCodes : [explainCode(id)].filter((each) => each !== null);
  const only = found[0];
  if (only === undefined) failUnknown(id ?? "");
  else if (json) printJson({ schema: SCHEMA, codes: found.map(view) });
  else if (id === undefined) printList();
  else printOne(only);
}

function printKinds(id: string | undefined, json: boolean): void {
  if (id !== undefined) {
    const message = "--kinds takes no id";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  if (!json) printLine(specification().trimEnd());
  else {
    const kinds = Object.fromEntries(kindNames.map((name) => [name, kindJsonSchema(name)]));
    printJson({ schema: SCHEMA, kinds });
  }
}

/** The registry's entry, each name with its unit. */
function view({ id, room, means, measured, required, do: what, clause, exit }: Explained): unknown {
  return {
    id,
    room,
    means,
    measured: measured.map(withUnit),
    required: required.map(withUnit),
    do: what,
    clause,
    exit,
  };
}

function withUnit(name: string): { readonly name: string; readonly unit: string } {
  return { name, unit: unitOfName(name) };
}

function printList(): void {
  for (const room of new Set(allCodes.map((each) => each.room))) {
    const codes = allCodes.filter((each) => each.room === room);
    const width = Math.max(...codes.map(({ id }) => id.length));
    printLine(room);
    for (const { id, means } of codes) printLine(`  ${id.padEnd(width)}  ${means}`);
    printLine("");
  }
  printLine("More on one of them: spectrum-agent explain ID");
}

function printOne({ id, room, means, measured, required, do: what, clause, exit }: Explained): void {
  printLine(`${id} (${room})`);
  printLine(`  means     ${means}`);
  if (measured.length > 0) printLine(`  measured  ${named(measured)}`);
  if (required.length > 0) printLine(`  required  ${named(required)}`);
  printLine(`  do        ${what}`);
  printLine(`  clause    ${clause}`);
  printLine(`  exit      ${exit === null ? "no command ends on it" : `${exit} ${exitWords[exit]}`}`);
}

function named(names: readonly string[]): string {
  return names
    .map((name) => {
      const unit = unitOfName(name);
      return unit === "" ? name : `${name} (${unit})`;
    })
    .join(", ");
}

function failUnknown(id: string): void {
  const near = closestIds(id);
  const hint =
    near.length === 0 ? "`spectrum-agent explain` lists all ids" : `did you mean ${near.join(", ")}?`;
  const message = `${JSON.stringify(id)} is no id of this version`;
  fail({ code: "code-unknown", message, hint, exit: exitCodes.usage });
}

const CLOSEST_MAX = 5;
/** Shorter parts (`not`, `in`, `by`) say too little. */
const PART_LENGTH_MIN = 4;

/** The nearest misspelt id first, then those that share the most parts with `id`. */
function closestIds(id: string): readonly string[] {
  const ids = allCodes.map((each) => each.id);
  const spelt = nearestWord(id, ids);
  const parts = id
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length >= PART_LENGTH_MIN);
  const shared = (each: string): number => parts.filter((part) => each.includes(part)).length;
  const sharing = ids.filter((each) => shared(each) > 0).sort((a, b) => shared(b) - shared(a));
  return [...new Set([...(spelt === null ? [] : [spelt]), ...sharing])].slice(0, CLOSEST_MAX);
}
