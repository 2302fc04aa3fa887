/** `spectrum-agent verify`: a bundle, judged offline from its records and a trust root of one's own. */
import { verifyBundleFile } from "../compose/bundles.ts";
import type { NumberedCheck, Verdict } from "../core/audit/verdict.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { hertz, measures, metres, milliseconds } from "./quantities.ts";

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
        "inception records of the roots to trust; nothing in the bundle is",
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
      const message = `${bundle} ${field}: measured ${measures(measured)}; required ${measures(required)}`;
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
        : `, at most ${metres(each.distanceMm)} and ${milliseconds(each.skewUs)} apart`;
    const end = each.terminated ?? each.relinquished;
    printLine(
      `settlement ${each.artifactId.slice(0, 16)} ${each.verdict}: ${hertz(each.lowerHz)} to ${hertz(each.upperHz)}, ${each.holder.slice(0, 8)} to ${each.consumer.slice(0, 8)}${near}, ${each.renewals} renewals${end === null ? "" : `, ${end}`}`,
    );
  }
  for (const each of verdict.refusals) {
    printLine(
      `refusal by ${each.by.slice(0, 8)}: ${each.code} (recomputed: ${each.recomputed}): measured ${measures(each.measured)}; required ${measures(each.required)}`,
    );
  }
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
    printLine(`${title} ${number} ${code} ${subject.slice(0, 16)}: ${sentence}`);
    const [found, wanted] = [measures(measured), measures(required)];
    if (found !== "" || wanted !== "") printLine(`    measured ${found}; required ${wanted}`);
  }
}

/** Alike reasons are told once: what cannot be checked usually cannot be for a whole bundle. */
function printGroups(checks: readonly NumberedCheck[]): void {
  const groups = new Map<string, number>();
  for (const { code, sentence } of checks) {
    const key = `${code}: ${sentence}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  for (const [text, count] of groups) printLine(`not checkable (${count}) ${text}`);
}
