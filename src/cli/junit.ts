/** JUnit XML of scenario runs: one suite a run, one case an expectation, and one for the invariants. */
import type { ScenarioReport } from "../sim/scenario/run-scenario.ts";

export function junitXml(reports: readonly ScenarioReport[]): string {
  const suites = reports.map(suite).join("");
  const failures = reports.reduce((sum, report) => sum + failuresOf(report), 0);
  const tests = reports.reduce((sum, { results }) => sum + results.length + 1, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${tests}" failures="${failures}">\n${suites}</testsuites>\n`;
}

function failuresOf({ results, breach }: ScenarioReport): number {
  return results.filter(({ passed }) => !passed).length + (breach === null ? 0 : 1);
}

function suite(report: ScenarioReport): string {
  const { name, seed, results, breach, virtualUs } = report;
  const seconds = (virtualUs / 1e6).toFixed(3);
  const cases = results.map(({ name: each, passed, atUs, measured, required }) =>
    testCase(
      name,
      each,
      atUs,
      passed ? null : `at ${(atUs / 1e6).toFixed(3)} s: measured ${measured}, required ${required}`,
    ),
  );
  const broken = breach === null ? null : `${breach.invariant}: ${breach.text}`;
  cases.push(testCase(name, "every invariant holds", breach === null ? virtualUs : breach.atUs, broken));
  const head = `name="${escaped(`${name} seed ${seed}`)}" tests="${cases.length}" failures="${failuresOf(report)}" time="${seconds}"`;
  return `  <testsuite ${head}>\n${cases.join("")}  </testsuite>\n`;
}

function testCase(className: string, name: string, atUs: number, failure: string | null): string {
  const head = `    <testcase classname="${escaped(className)}" name="${escaped(name)}" time="${(atUs / 1e6).toFixed(3)}"`;
  if (failure === null) return `${head}/>\n`;
  return `${head}>\n      <failure message="${escaped(failure)}"/>\n    </testcase>\n`;
}

/** XML 1.0 has no form for control characters at all. */
function escaped(text: string): string {
  return text
    .replace(/\p{C}/gu, "\u{fffd}")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
