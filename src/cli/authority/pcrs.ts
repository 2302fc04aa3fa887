/** `authority pcrs`: on a host, what its TPM's PCRs hold, for whoever approves the states of such hosts. */
import { readPcrValues, systemSurroundings } from "../../compose/compose.ts";
import { writeTextFile } from "../../compose/offline-authority.ts";
import { PCR_COUNT } from "../../core/attestation/pcr-policy.ts";
import { toHex } from "../../core/base/bytes.ts";
import { formatPcrValues } from "../../profile/pcr-values-schema.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { readProfile } from "../read-profile.ts";
import type { Subcommand } from "./shared-options.ts";

type PcrsOptions = {
  readonly profile: string;
  readonly pcrs?: string;
  readonly out: string;
  readonly json?: boolean;
};

const LIST = /^[0-9]{1,2}(,[0-9]{1,2})*$/;

export const pcrs: Subcommand = (group) => {
  group
    .command("pcrs")
    .description("write down what the PCRs of a profile's TPM hold; the agent must not be running")
    .requiredOption("--profile <file>", "the agent's")
    .option("--pcrs <list>", "which, as 0,2,4,7; without it those of the profile's `pcrs`")
    .requiredOption("--out <file>", "the values, for `authority approve`")
    .option("--json", "one JSON document")
    .action((options: PcrsOptions) => run(options));
};

async function run({ profile: file, pcrs: asked, out, json }: PcrsOptions): Promise<void> {
  const profile = readProfile(file);
  if (profile === null) return;
  const named = asked ?? profile.tpm.options["pcrs"];
  const numbers = typeof named === "string" ? numbersIn(named) : null;
  if (numbers === null) {
    const message = `give --pcrs, or \`pcrs\` beside the profile's TPM: numbers 0 to ${PCR_COUNT - 1}, with commas between them`;
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const values = await readPcrValues(profile, systemSurroundings("error"), numbers);
  await writeTextFile(out, formatPcrValues(values));
  if (json === true) {
    const shown = values.map(({ pcr, digest }) => ({ pcr, digest: toHex(digest) }));
    printJson({ schema: "spectrum-agent.authority-pcrs/1", file: out, values: shown });
    return;
  }
  for (const { pcr, digest } of values) printLine(`PCR ${pcr}: ${toHex(digest)}`);
  printLine(`values: ${out}`);
}

/** Ascending, each once; null for anything else. */
function numbersIn(text: string): readonly number[] | null {
  if (!LIST.test(text)) return null;
  const numbers = [...new Set(text.split(",").map(Number))].sort((a, b) => a - b);
  return numbers.every((pcr) => pcr < PCR_COUNT) ? numbers : null;
}
