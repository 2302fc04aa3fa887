/** `npm run bench:silence [-- --rounds N]`: how soon radios are silent after a directive was sent, real mosquitto on loopback. */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measureSilence } from "./silence.ts";

const ROUNDS = "30";
const { values } = parseArgs({ options: { rounds: { type: "string", default: ROUNDS } } });
const before = loadavg()[0] ?? 0;
const { silenceUs, echoUs } = await measureSilence(Number(values.rounds));
const line = (text: string): void => void process.stdout.write(`${text}\n`);

function at(samples: readonly number[], share: number): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1] ?? Number.NaN;
}

function told(name: string, samples: readonly number[]): string {
  const [half, most, worst] = [0.5, 0.99, 1].map((share) => `${(at(samples, share) / 1000).toFixed(1)} ms`);
  return `${name}: median ${half}, p99 ${most}, worst ${worst}, of ${samples.length}`;
}

line(told("plain message, sent to heard   ", echoUs));
line(told("directive, sent to radio silent", silenceUs));
line(`p99 by p99: ${(at(silenceUs, 0.99) / at(echoUs, 0.99)).toFixed(1)}, aim below 250 ms`);
line(
  `noise: ${availableParallelism()} cores, load ${before.toFixed(1)} before and ${(loadavg()[0] ?? 0).toFixed(1)} after`,
);
process.exit(0);
