/** `spectrum-agent bench-enrol`: makes a bench's root and credentials, so that profiles can run without any authority. */
import { resolve } from "node:path";
import { benchAuthority } from "../compose/authority.ts";
import { systemSurroundings } from "../compose/compose.ts";
import { toHex } from "../core/base/bytes.ts";
import { loadCommodity, loadPolicy } from "../profile/load.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { failProfile, readProfile } from "./read-profile.ts";

type BenchEnrolOptions = {
  readonly out: string;
  readonly policy: string;
  readonly commodity: string;
  readonly json?: boolean;
};

const VALID_US = 30 * 86_400_000_000;

export const benchEnrol: CommandModule = {
  name: "bench-enrol",
  summary: "make a bench root, and credentials for the agents of some profiles",
  register(program) {
    program
      .command("bench-enrol")
      .description(benchEnrol.summary)
      .argument("<profile...>", "agent profiles; their keys and logs are made where they name them")
      .requiredOption("--out <folder>", "gets trust/root.record and documents/*.record")
      .addOption(
        program
          .createOption("--policy <file>", "policy document")
          .default(shippedFile("profiles/policies/bench-cabled.yaml"), "the shipped bench-cabled"),
      )
      .addOption(
        program
          .createOption("--commodity <file>", "commodity document")
          .default(shippedFile("profiles/commodities/spectrum-block.yaml"), "the shipped spectrum-block"),
      )
      .option("--json", "one JSON document")
      .action((files: string[], options: BenchEnrolOptions) => run(files, options));
  },
};

async function run(files: readonly string[], options: BenchEnrolOptions): Promise<void> {
  const profiles = files.map((file) => readProfile(file)).filter((each) => each !== null);
  const policy = loadPolicy(options.policy);
  const commodity = loadCommodity(options.commodity);
  if (!policy.ok) failProfile(policy.errors);
  if (!commodity.ok) failProfile(commodity.errors);
  if (profiles.length < files.length || !policy.ok || !commodity.ok) return;
  if (profiles.every(({ offers }) => offers.length === 0)) {
    const hint = "give the holder's profile too: the scope is that of its offers";
    fail({ code: "bench-without-offer", message: "no profile offers anything", hint, exit: exitCodes.usage });
    return;
  }
  const made = await benchAuthority({
    profiles,
    policy: policy.policy.body,
    schema: commodity.commodity.body,
    folder: resolve(options.out),
    validUs: VALID_US,
    around: systemSurroundings("error"),
  });
  const agents = made.agents.map(({ name, identity }) => ({
    name,
    lineage: toHex(identity.lineage),
    tier: identity.tier,
  }));
  if (options.json === true) {
    const { trustPath: trust, documentsPath: documents } = made;
    printJson({ schema: "spectrum-agent.bench-enrol/1", root: toHex(made.root), trust, documents, agents });
    return;
  }
  printLine(`root ${toHex(made.root)}: ${made.trustPath}`);
  for (const { name, lineage, tier } of agents) printLine(`issued to ${name} (key ${tier}): ${lineage}`);
  printLine(`documents: ${made.documentsPath}`);
}
