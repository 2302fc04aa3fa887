/** What became of each mutant, as lines of a list that is kept. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { equivalents } from "./equivalents.ts";
import { inLine, type Mutant } from "./mutant.ts";

/** `endless`: killed, by a loop that did not end or by the time bound. `unreached`: no test passes it, so it survives. */
export type Verdict = "killed" | "endless" | "survived" | "unreached";

export type Tried = {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  /** The test file and test, or nothing. */
  readonly by: string;
};

/** One line each, sorted by place. */
export function writeList(path: string, tried: readonly Tried[]): void {
  const ordered = [...tried].sort(
    ({ mutant: a }, { mutant: b }) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.start - b.start || (a.key < b.key ? -1 : 1),
  );
  writeFileSync(path, ordered.map((each) => `${lineOf(each)}\n`).join(""));
}

/** Keys that a kept list calls killed, with their lines' verdicts. */
export function readKilled(path: string): ReadonlyMap<string, { verdict: Verdict; by: string }> {
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return new Map(
    lines.flatMap((line) => {
      const [verdict, , by, ...key] = line.split("\t");
      if (verdict !== "killed" && verdict !== "endless") return [];
      return [[key.join("\t"), { verdict, by: by ?? "" }] as const];
    }),
  );
}

function lineOf({ mutant, verdict, by }: Tried): string {
  return [verdict, `${mutant.line}:${mutant.column}`, by, mutant.key].join("\t");
}

/** The lines that end a run, and whether the score reaches `required`. */
export function summary(
  tried: readonly Tried[],
  required: number,
): { lines: readonly string[]; isReached: boolean } {
  const reasons = new Map(equivalents.map(({ key, reason }) => [key, reason]));
  const isKilled = ({ verdict }: Tried): boolean => verdict === "killed" || verdict === "endless";
  const alive = tried.filter((each) => !isKilled(each));
  const excused = alive.filter(({ mutant }) => reasons.has(mutant.key));
  const open = alive.filter(({ mutant }) => !reasons.has(mutant.key));
  const wrong = tried.filter((each) => isKilled(each) && reasons.has(each.mutant.key));
  const counted = tried.length - excused.length;
  const score = counted === 0 ? 1 : (counted - open.length) / counted;
  const count = (verdict: Verdict): number => tried.filter((each) => each.verdict === verdict).length;
  return {
    lines: [
      ...open.map(({ mutant, verdict }) => `${verdict} ${told(mutant)}`),
      ...wrong.map(({ mutant }) => `killed, though called equivalent: ${told(mutant)}`),
      `${tried.length} mutants: ${count("killed")} killed, ${count("endless")} endless, ` +
        `${open.length} survived (${open.filter(({ verdict }) => verdict === "unreached").length} of them unreached), ` +
        `${excused.length} equivalent; score ${(score * 100).toFixed(1)} %`,
    ],
    isReached: score >= required && wrong.length === 0,
  };
}

export function told({ file, line, column, mutator, original, replacement }: Mutant): string {
  const short = (text: string): string => inLine(text).slice(0, 90);
  return `${file}:${line}:${column} ${mutator}: ${short(original)} -> ${short(replacement)}`;
}
