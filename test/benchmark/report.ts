/** What a run of the bench says, as one JSON document or as a table for a terminal. */
import type { AppendRow } from "./append.ts";
import type { Row } from "./measure.ts";
import type { WorstInput } from "./worst.ts";

export type Report = {
  readonly schema: "spectrum-agent.bench/1";
  readonly node: string;
  /** The host's load over the last minute, before and after: above its number of cores, others ran too. */
  readonly load: readonly [before: number, after: number];
  readonly cores: number;
  readonly rows: readonly Row[];
  readonly worstInput: WorstInput;
};

export function rowOfAppend(
  { name, perSecond, ratio, deviceBytesPerRecord }: AppendRow,
  rounds: number,
): Row {
  const isBare = name.startsWith("append");
  return {
    name,
    medianUs: 1e6 / perSecond,
    ratio: isBare ? null : ratio,
    peer: isBare ? null : name.replace("segment store", "append + fdatasync"),
    rounds,
    clock: "wall",
    perSecond,
    // JSON has no NaN: a device that keeps no count has no field.
    ...(Number.isNaN(deviceBytesPerRecord) ? {} : { deviceBytesPerRecord }),
  };
}

export function asText(report: Report): string {
  const lines = report.rows.map(
    ({ name, medianUs, leastUs, ratio, clock, perSecond, deviceBytesPerRecord, rounds }) => [
      name,
      rounded(medianUs),
      leastUs === undefined ? "" : rounded(leastUs),
      clock,
      perSecond === undefined ? "" : Math.round(perSecond).toString(),
      ratio === null ? "" : ratio.toFixed(2),
      deviceBytesPerRecord === undefined ? "" : deviceBytesPerRecord.toString(),
      rounds.toString(),
    ],
  );
  const inputs = report.worstInput.inputs
    .slice(0, INPUTS_SHOWN)
    .map(({ input, ms, mostMs }) => [input, ms.toFixed(2), mostMs.toFixed(2)]);
  const { input, ms, bounds } = report.worstInput;
  const [before, after] = report.load;
  return [
    ...aligned([["", "µs", "least µs", "clock", "a second", "ratio", "device B", "rounds"], ...lines]),
    "",
    "ratio: the peer's time by ours, the median of rounds run in turn; the peer of each row stands above it.",
    `noise: ${report.cores} cores, load ${before.toFixed(1)} before and ${after.toFixed(1)} after; where it is above the cores, the least of the rounds says more than their median, and ratios come out too low, since the longer way shares more of its caches.`,
    "",
    ...aligned([["dearest inputs", "ms", "worst ms"], ...inputs]),
    "",
    `worst input: ${ms.toFixed(1)} ms for ${input}`,
    `bounded by: ${Object.entries(bounds)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
    "",
  ].join("\n");
}

const INPUTS_SHOWN = 12;

function rounded(us: number): string {
  return us < 100 ? us.toFixed(1) : Math.round(us).toString();
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart((widths[i] ?? 0) + 2)))
      .join(""),
  );
}
