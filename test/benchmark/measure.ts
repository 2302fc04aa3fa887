/** Two contestants in turn, round by round, so that both meet the same noise; what is printed are medians. */

/** The work of one round, made ready before the clock starts. */
export type Run = { readonly work: () => void | Promise<void>; readonly close: () => Promise<void> };
export type Contestant = { readonly name: string; prepare(): Run | Promise<Run> };

export type Row = {
  readonly name: string;
  /** Of one settlement, record or check. */
  readonly medianUs: number;
  /** Of the quickest round: what is left of the figure when the host is otherwise idle. */
  readonly leastUs?: number;
  /** Peer's time by this one's, the median of the rounds; null where nothing is compared. */
  readonly ratio: number | null;
  readonly peer: string | null;
  readonly rounds: number;
  /** `cpu`: all threads of this process, the collector's too. `wall`: with the device's share. */
  readonly clock: "cpu" | "wall";
  readonly perSecond?: number;
  readonly deviceBytesPerRecord?: number;
};

export type Contest = {
  readonly peer: Contestant;
  readonly product: Contestant;
  readonly clock: "cpu" | "wall";
  /** Pieces of work in one run. */
  readonly count: number;
};

const ROUNDS = 9;
/** Rounds before the measured ones: the compiler has to have seen the way. */
const WARM_UP_ROUNDS = 2;

/** Runs a contestant unmeasured until the compiler has seen it some thousand times. */
export async function heat(contestant: Contestant, runs: number): Promise<void> {
  for (let i = 0; i < runs; i++) await timed(contestant, "cpu");
}

/** The peer's row, then the product's with its ratio. */
export async function contest({ peer, product, clock, count }: Contest): Promise<readonly [Row, Row]> {
  const times = { peer: [] as number[], product: [] as number[] };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const first = round % 2 === 0;
    const before = first ? await timed(peer, clock) : null;
    const ours = await timed(product, clock);
    const theirs = before ?? (await timed(peer, clock));
    if (round < 0) continue;
    times.peer.push(theirs / count);
    times.product.push(ours / count);
  }
  const ratios = times.product.map((ours, round) => (times.peer[round] ?? Number.NaN) / ours);
  return [
    { ...figures(peer.name, times.peer, clock), ratio: null, peer: null },
    { ...figures(product.name, times.product, clock), ratio: median(ratios), peer: peer.name },
  ];
}

function figures(name: string, us: readonly number[], clock: "cpu" | "wall"): Omit<Row, "ratio" | "peer"> {
  const medianUs = median(us);
  return { name, medianUs, leastUs: Math.min(...us), perSecond: 1e6 / medianUs, rounds: ROUNDS, clock };
}

async function timed(contestant: Contestant, clock: "cpu" | "wall"): Promise<number> {
  const { work, close } = await contestant.prepare();
  const start = readUs(clock);
  await work();
  const us = readUs(clock) - start;
  await close();
  return us;
}

function readUs(clock: "cpu" | "wall"): number {
  if (clock === "wall") return performance.now() * 1000;
  const { user, system } = process.cpuUsage();
  return user + system;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
