/** `spectrum-agent verify`: a bundle, judged offline from its records and a trust root of one's own. */
import { verifyBundleFile } from "../compose/bundles.ts";
import type { NumberedCheck, Verdict } from "../core/audit/verdict.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { band, comparison, duration, ID_DIGITS, metres } from "./quantities.ts";

type VerifyOptions = { readonly trust: readonly string[]; readonly json?: boolean; readonly all?: boolean };

export const verify: CommandModule = {
  name: "verify",
  summary: "judge a bundle from its records alone, under trust roots that you give",
  register(program) {
    program
      .command("verify")
      .description(verify.summary)
      .argument("<bundle>", "the bundle file")
      .requiredOption(
        "--trust <file...>",
        "inception records of the roots to trust; what the bundle says of roots counts for nothing",
      )
      .option("--all", "list the passed checks too")
      .option("--json", "one JSON document")
      .action((bundle: string, options: VerifyOptions) => run(bundle, options));
  },
};

async function run(bundle: string, options: VerifyOptions): Promise<void> {
  const read = await verifyBundleFile(bundle, options.trust);
  if (!read.ok) {
    for (const { code, field, measured, required } of read.rejections) {
      const message = `${bundle} ${field}: ${comparison(measured, required)}`;
      fail({ code, message, hint: "", exit: exitCodes.negativeVerdict });
    }
    return;
  }
  const verdict = read.value;
  if (options.json === true) printJson(verdict);
  else printVerdict(verdict, options.all === true);
  // What could not be checked is said, and is no failure.
  if (verdict.verdict === "failed") process.exitCode = exitCodes.negativeVerdict;
}

function printVerdict(verdict: Verdict, all: boolean): void {
  const { counts } = verdict;
  printLine(
    `${verdict.verdict}: ${counts.passed} checks passed, ${counts.failed} failed, ${counts.notCheckable} not checkable, over ${counts.records} records of ${counts.lineages} lineages`,
  );
  for (const mark of verdict.marks) printLine(`  ${mark}`);
  for (const each of verdict.settlements) {
    const near =
      each.distanceMm === null || each.skewUs === null
        ? ""
        : `, antennas at most ${metres(each.distanceMm)} apart, clocks at most ${duration(each.skewUs)}`;
    const end = each.terminated ?? each.relinquished;
    printLine(
      `settlement ${each.artifactId.slice(0, ID_DIGITS)} ${each.verdict}: ${band(each.lowerHz, each.upperHz)}, holder ${each.holder.slice(0, ID_DIGITS)}, consumer ${each.consumer.slice(0, ID_DIGITS)}${near}, ${each.renewals} renewals${end === null ? "" : `, ${end}`}`,
    );
    for (const identifier of each.identifiers) printLine(`  ${identifier}`);
  }
  const refusals = verdict.refusals.map(
    ({ by, code, recomputed, measured, required }) =>
      `refusal by ${by.slice(0, ID_DIGITS)}: ${code}, recomputed: ${recomputed}; ${comparison(measured, required)}`,
  );
  for (const [text, times] of counted(refusals)) printLine(times === 1 ? text : `${text} (${times} times)`);
  printChecks(
    "failed",
    verdict.checks.filter(({ result }) => result === "failed"),
  );
  printGroups(verdict.checks.filter(({ result }) => result === "not-checkable"));
  if (all)
    printChecks(
      "passed",
      verdict.checks.filter(({ result }) => result === "passed"),
    );
}

function printChecks(title: string, checks: readonly NumberedCheck[]): void {
  for (const { number, code, subject, measured, required, sentence } of checks) {
    printLine(`${title} ${number} ${code} ${subject.slice(0, ID_DIGITS)}: ${sentence}`);
    const compared = comparison(measured, required);
    if (compared !== "") printLine(`    ${compared}`);
  }
}

/** Alike reasons are told once: what cannot be checked usually cannot be for a whole bundle. */
function printGroups(checks: readonly NumberedCheck[]): void {
  const texts = checks.map(({ code, sentence }) => `${code}: ${sentence}`);
  for (const [text, count] of counted(texts)) printLine(`not checkable (${count}) ${text}`);
}

/** Each text once, in the order of its first time, with how often it came. */
function counted(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
