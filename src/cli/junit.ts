/** JUnit XML of scenario runs: one suite a run, one case an expectation, one for the invariants, one for each thing left out. */
import type { Result } from "../sim/scenario/judge.ts";
import type { ScenarioReport } from "../sim/scenario/report.ts";

export function junitXml(reports: readonly ScenarioReport[]): string {
  const suites = reports.map(casesOf);
  const bodies = reports.map((report, i) => suite(report, suites[i] ?? []));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(suites.flat())}>\n${bodies.join("")}</testsuites>\n`;
}

type Case = {
  readonly name: string;
  readonly atUs: number;
  readonly outcome: "passed" | "failure" | "skipped";
  readonly message: string;
};

function casesOf({ results, breach, skipped, virtualUs, interrupted }: ScenarioReport): readonly Case[] {
  const leftOut = skipped.filter(({ what }) => what !== "invariants");
  const unwatched = skipped.find(({ what }) => what === "invariants");
  const broken = breach === null ? "" : `${breach.invariant}: ${breach.text}`;
  const cut = interrupted ? "interrupted: they held until then" : null;
  const invariants: Case = {
    name: "every invariant holds",
    atUs: breach?.atUs ?? virtualUs,
    outcome: breach !== null ? "failure" : unwatched === undefined && cut === null ? "passed" : "skipped",
    message: unwatched?.reason ?? cut ?? broken,
  };
  return [
    ...results.map(caseOf),
    invariants,
    ...leftOut.map(({ what, name, reason }): Case => {
      return { name: `${what} ${name}`, atUs: 0, outcome: "skipped", message: reason };
    }),
  ];
}

function caseOf({ name, passed, judged, atUs, measured, required }: Result): Case {
  if (passed) return { name, atUs, outcome: "passed", message: "" };
  const at = `at ${(atUs / 1e6).toFixed(3)} s: `;
  if (!judged) return { name, atUs, outcome: "skipped", message: `${at}not judged: ${measured}` };
  return { name, atUs, outcome: "failure", message: `${at}measured ${measured}, required ${required}` };
}

function counts(cases: readonly Case[]): string {
  const count = (outcome: Case["outcome"]) => cases.filter((each) => each.outcome === outcome).length;
  return `tests="${cases.length}" failures="${count("failure")}" skipped="${count("skipped")}"`;
}

function suite({ name, drivers, seed, virtualUs }: ScenarioReport, cases: readonly Case[]): string {
  const which = drivers === "real" ? "on real drivers" : `seed ${seed}`;
  const time = `time="${(virtualUs / 1e6).toFixed(3)}"`;
  const head = `name="${escaped(`${name} ${which}`)}" ${counts(cases)} ${time}`;
  const lines = cases.map((each) => testCase(name, each));
  return `  <testsuite ${head}>\n${lines.join("")}  </testsuite>\n`;
}

function testCase(className: string, { name, atUs, outcome, message }: Case): string {
  const head = `    <testcase classname="${escaped(className)}" name="${escaped(name)}" time="${(atUs / 1e6).toFixed(3)}"`;
  if (outcome === "passed") return `${head}/>\n`;
  return `${head}>\n      <${outcome} message="${escaped(message)}"/>\n    </testcase>\n`;
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
