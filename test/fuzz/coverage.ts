/** Which blocks of the production code ran: V8's precise block coverage, read in this process (node:inspector). */
import { type Profiler, Session } from "node:inspector";

/** What ran since the last reading, as far as it may be new. */
export type Reading = readonly Trace[];

/** One function: V8's ranges, outer before inner; a range inside another one counts for itself. */
type Trace = {
  readonly url: string;
  readonly ranges: readonly Profiler.CoverageRange[];
  readonly key: string;
};

export type Coverage = {
  /** What ran since the last call. */
  read(): Reading;
  isNew(reading: Reading): boolean;
  keep(reading: Reading): void;
  /** Blocks that ran at least once, of those that V8 has named so far: it names none in functions that never ran. */
  blocks(): { readonly covered: number; readonly known: number };
};

/** Ways through functions that are remembered as nothing new; beyond it they are looked at again. */
const WAYS_KEPT_MAX = 500_000;

/**
 * Makes empty bookkeepings over scripts whose address begins with one of `prefixes`. The counters are the isolate's: one
 * call a process, one bookkeeping in use at a time; they stay on, since closing would stop the counting for everybody.
 */
export function openCoverage(prefixes: readonly string[]): () => Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const take = (): readonly Profiler.ScriptCoverage[] => {
    const found: Profiler.ScriptCoverage[] = [];
    // In one process the answer is there before `post` returns.
    session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      for (const each of answer.result) {
        if (prefixes.some((prefix) => each.url.startsWith(prefix))) found.push(each);
      }
    });
    return found;
  };
  return () => coverageOf(take);
}

/** The bookkeeping alone, over any source of V8's reports. */
export function coverageOf(take: () => readonly Profiler.ScriptCoverage[]): Coverage {
  /** Source characters that ran, by script. */
  const ran = new Map<string, Uint8Array>();
  const named = new Map<string, Set<number>>();
  const ways = new Set<string>();

  function rememberWay(key: string): void {
    if (ways.size >= WAYS_KEPT_MAX) ways.clear();
    ways.add(key);
  }

  function marksOf(url: string, end: number): Uint8Array {
    const standing = ran.get(url) ?? new Uint8Array(0);
    if (standing.length >= end) return standing;
    const grown = new Uint8Array(Math.max(end, standing.length * 2));
    grown.set(standing);
    ran.set(url, grown);
    return grown;
  }

  /** Calls back with each stretch of source that ran in this trace. */
  function stretches({ ranges }: Trace, ranOver: (from: number, to: number) => boolean): boolean {
    const cuts = [...new Set(ranges.flatMap(({ startOffset, endOffset }) => [startOffset, endOffset]))];
    cuts.sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [from, to] = [cuts[i] ?? 0, cuts[i + 1] ?? 0];
      const inner = ranges.findLast(({ startOffset, endOffset }) => startOffset <= from && to <= endOffset);
      if (inner !== undefined && inner.count > 0 && ranOver(from, to)) return true;
    }
    return false;
  }

  const isTraceNew = (trace: Trace): boolean => {
    const marks = marksOf(trace.url, trace.ranges[0]?.endOffset ?? 0);
    const fresh = stretches(trace, (from, to) => marks.subarray(from, to).includes(0));
    if (!fresh) rememberWay(trace.key);
    return fresh;
  };

  return {
    read: () => take().flatMap((script) => tracesOf(script).filter(({ key }) => !ways.has(key))),
    isNew: (reading) => reading.filter(isTraceNew).length > 0,
    keep(reading) {
      for (const trace of reading) {
        const marks = marksOf(trace.url, trace.ranges[0]?.endOffset ?? 0);
        stretches(trace, (from, to) => {
          marks.fill(1, from, to);
          return false;
        });
        const starts = named.get(trace.url) ?? new Set();
        for (const { startOffset } of trace.ranges) starts.add(startOffset);
        named.set(trace.url, starts);
        rememberWay(trace.key);
      }
    },
    blocks() {
      let [covered, known] = [0, 0];
      for (const [url, starts] of named) {
        const marks = ran.get(url);
        known += starts.size;
        for (const start of starts) covered += marks?.[start] ?? 0;
      }
      return { covered, known };
    },
  };
}

function tracesOf({ url, functions }: Profiler.ScriptCoverage): readonly Trace[] {
  const traces: Trace[] = [];
  for (const { ranges } of functions) {
    if ((ranges[0]?.count ?? 0) === 0) continue;
    let key = url;
    for (const { startOffset, count } of ranges) key += `,${startOffset}${count > 0 ? "+" : "-"}`;
    traces.push({ url, ranges, key });
  }
  return traces;
}
