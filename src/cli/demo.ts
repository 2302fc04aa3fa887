/** `spectrum-agent demo`: a holder and three radios on this machine, everything simulated and marked so. */
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Bench, openBench } from "../compose/bench.ts";
import { exportBundle, verifyBundleFile } from "../compose/bundles.ts";
import { systemSurroundings } from "../compose/compose.ts";
import { makeFolder } from "../compose/make-folder.ts";
import { loadCommodity, loadPolicy } from "../profile/load.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import type { CastPlaces, Place } from "./demo-cast.ts";
import { type Story, tellStory } from "./demo-story.ts";
import { fail, printJson, printLine } from "./output.ts";

type DemoOptions = {
  readonly exit?: boolean;
  readonly json?: boolean;
  readonly out?: string;
  readonly seed?: string;
};

export const demo: CommandModule = {
  name: "demo",
  summary: "settle a block between simulated radios on this machine, and show every step",
  register(program) {
    program
      .command("demo")
      .description(demo.summary)
      .option("--exit", "end after the story instead of waiting for Ctrl-C")
      .option("--json", "one JSON document at the end instead of lines of text")
      .option("--out <folder>", "where logs, bundle and trust root go; a fresh temporary folder unless told")
      .option("--seed <number>", "0 to 4294967295: places, errors and keys follow from it")
      .action((options: DemoOptions) => runDemo(options));
  },
};

/** Brandenburg Gate: a place that a reader can look up; the seed moves it within a kilometre. */
const CENTRE = { latE7: 525_162_746, lonE7: 133_777_041, heightMm: 35_000 };

async function runDemo(options: DemoOptions): Promise<void> {
  const seed = options.seed === undefined ? randomInt(0, 0xffff_ffff) : Number(options.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    fail({
      code: "usage",
      message: `--seed ${options.seed} is not 0 to 4294967295`,
      hint: "",
      exit: exitCodes.usage,
    });
    return;
  }
  const folder =
    options.out === undefined ? await mkdtemp(join(tmpdir(), "spectrum-demo-")) : resolve(options.out);
  if (existsSync(join(folder, "demo.bundle")) || existsSync(join(folder, "root.record"))) {
    const message = `${folder} holds a demo already`;
    fail({ code: "demo-folder-used", message, hint: "name a fresh folder", exit: exitCodes.usage });
    return;
  }
  await makeFolder(folder);
  const begun = performance.now();
  const tell = (title: string, text: string): void => {
    if (options.json === true) return;
    const seconds = ((performance.now() - begun) / 1000).toFixed(2).padStart(6);
    printLine(`${seconds} s  ${title.padEnd(11)} ${text}`);
  };
  tell("simulated", `seed ${seed}: radios, GNSS, TPMs and places are simulated, and say so in every record`);
  const policy = loadPolicy(shippedFile("profiles/policies/bench-cabled.yaml"));
  const commodity = loadCommodity(shippedFile("profiles/commodities/spectrum-block.yaml"));
  if (!policy.ok || !commodity.ok) throw new Error("the shipped policy and commodity load");
  const draw = dice(seed);
  const centre = { ...CENTRE, latE7: CENTRE.latE7 + draw(100_000), lonE7: CENTRE.lonE7 + draw(100_000) };
  const around = systemSurroundings("error");
  const { body: policyBody } = policy.policy;
  const bench = await openBench({
    seed,
    folder,
    policy: policyBody,
    schema: commodity.commodity.body,
    around,
    centre,
  });
  try {
    const { author } = bench;
    const { owner } = author.inception.body;
    tell(
      "trust root",
      `${owner} as root, licence asserted: ${hex8(author.inception.header.lineage)} (${bench.trustPath})`,
    );
    const schema = author.records().find(({ kind }) => kind === "schema")?.id ?? new Uint8Array(32);
    const story = await tellStory({
      bench,
      schema,
      pack: ({ envelope }) => around.pack(envelope),
      places: placesOf(draw),
      tell,
    });
    await conclude(bench, story, { folder, json: options.json === true, tell });
  } finally {
    await bench.stop();
  }
}

type Ending = {
  readonly folder: string;
  readonly json: boolean;
  readonly tell: (title: string, text: string) => void;
};

async function conclude(bench: Bench, story: Story, { folder, json, tell }: Ending): Promise<void> {
  const bundle = join(folder, "demo.bundle");
  await exportBundle(bundle, "demo", bench.logs());
  const read = await verifyBundleFile(bundle, [bench.trustPath]);
  if (!read.ok) throw new Error(`the demo's own bundle does not read: ${read.rejections[0]?.code}`);
  const { verdict, counts, marks } = read.value;
  const verified = verdict === "passed";
  const numbers = `${counts.passed} checks passed, ${counts.failed} failed, ${counts.notCheckable} not checkable`;
  tell("bundle", `every record of the root and the four agents: ${bundle}`);
  tell("verified", `${verdict}: ${numbers}`);
  for (const mark of marks) tell("", mark);
  tell("again", `spectrum-agent verify ${bundle} --trust ${bench.trustPath}`);
  if (json)
    printJson({ schema: "spectrum-agent.demo/1", ...story, bundle, trust: bench.trustPath, verified });
  if (!verified || story.emissionsOutsideLease > 0) process.exitCode = exitCodes.negativeVerdict;
}

/** Small whole numbers from the seed, in order (xorshift32): for places only. */
function dice(seed: number): (below: number) => number {
  const state = { value: (seed ^ 0x9e3779b9) >>> 0 || 1 };
  return (below) => {
    let x = state.value;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    state.value = x >>> 0;
    return state.value % below;
  };
}

/** Alpha and bravo well inside the 50 m window, charlie well outside, and later inside. */
function placesOf(draw: (below: number) => number): CastPlaces {
  const near = (): Place => ({ northMm: 3_000 + draw(20_000), eastMm: 3_000 + draw(20_000) });
  return {
    alpha: near(),
    bravo: near(),
    charlie: { northMm: 90_000 + draw(100_000), eastMm: draw(100_000) },
    later: near(),
  };
}

function hex8(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 8)).toString("hex");
}
