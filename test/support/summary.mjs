/**
 * The last words of a test run, computed from the runner's own JSON report and from nothing else.
 *
 *     node test/support/summary.mjs REPORT.json [PROBLEM …]
 *
 * Prints the files that took longest, every skipped and every failed test by name, each PROBLEM that a stage before the
 * tests met, and as the last line `tests: N passed, N failed, N skipped`. Exit 1 when a test failed, a file did not load, no test ran,
 * or a problem was given.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** A run without the shared vectors skips a few by name; more than this is a list that nobody reads. */
const NAMES_MAX = 120;
/** Whoever wants a shorter run begins with these. */
const LONGEST = 20;
const LONG_SECONDS = 5;

/** @typedef {{fullName: string, status: string}} Assertion */
/** @typedef {{name: string, status: string, message?: string, startTime: number, endTime: number, assertionResults: Assertion[]}} TestFile */

const [path, ...problems] = process.argv.slice(2);
const files = path === undefined ? [] : readReport(path, problems);
const tests = files.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ fullName, status }) => ({
    status,
    title: `${relative(process.cwd(), name)} › ${fullName}`,
  })),
);
// A file that throws while it loads has no tests to fail, so it counts as one.
const broken = files
  .filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  )
  .map(
    ({ name, message = "" }) => `${relative(process.cwd(), name)} › did not run: ${message.split("\n")[0]}`,
  );

const passed = tests.filter(({ status }) => status === "passed");
const failed = [...tests.filter(({ status }) => status === "failed").map(({ title }) => title), ...broken];
const skipped = tests
  .filter(({ status }) => status !== "passed" && status !== "failed")
  .map(({ title }) => title);
if (passed.length + failed.length === 0) problems.push("no test ran");

longest();
list("skipped", skipped);
list("failed", failed);
list("problems", problems);
console.log(`tests: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length + problems.length === 0 ? 0 : 1;

/** @param {string} path @param {string[]} problems @returns {TestFile[]} */
function readReport(path, problems) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch (error) {
    problems.push(`no report of the tests: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

function longest() {
  const took = files
    .map(({ name, startTime, endTime }) => ({
      seconds: Math.round((endTime - startTime) / 1_000),
      file: relative(process.cwd(), name),
    }))
    .sort((a, b) => b.seconds - a.seconds);
  const sum = took.reduce((seconds, each) => seconds + each.seconds, 0);
  if ((took[0]?.seconds ?? 0) < LONG_SECONDS) return;
  console.log(`test files, longest first (${sum} s in all, several at a time):`);
  for (const { seconds, file } of took.slice(0, LONGEST)) console.log(`  ${seconds} s  ${file}`);
}

/** @param {string} what @param {string[]} names */
function list(what, names) {
  if (names.length === 0) return;
  console.log(`${what}: ${names.length}`);
  for (const name of names.slice(0, NAMES_MAX)) console.log(`  ${name}`);
  if (names.length > NAMES_MAX) console.log(`  … and ${names.length - NAMES_MAX} more`);
}
