/** `authority answer`: on the host, has the TPM answer an authority's challenge. */
import { answerChallenge, systemSurroundings } from "../../compose/compose.ts";
import { writeTextFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { formatAnswer, loadChallenge } from "../../profile/challenge-schema.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile, readProfile } from "../read-profile.ts";
import type { Subcommand } from "./shared-options.ts";

type AnswerOptions = {
  readonly profile: string;
  readonly challenge: string;
  readonly out: string;
  readonly json?: boolean;
};

export const answer: Subcommand = (group) => {
  group
    .command("answer")
    .description("have the TPM of a profile answer a challenge; the agent must not be running")
    .requiredOption("--profile <file>", "the agent's")
    .requiredOption("--challenge <file>", "from `authority challenge`")
    .requiredOption("--out <file>", "the answer, for the authority")
    .option("--json", "one JSON document")
    .action((options: AnswerOptions) => run(options));
};

async function run({ profile: file, challenge: from, out, json }: AnswerOptions): Promise<void> {
  const profile = readProfile(file);
  const loaded = loadChallenge(from);
  if (!loaded.ok) failProfile(loaded.errors);
  if (profile === null || !loaded.ok) return;
  const { lineage, blob, secret } = loaded.challenge;
  const opened = await answerChallenge(profile, systemSurroundings("error"), { blob, secret });
  await writeTextFile(out, formatAnswer({ lineage, secret: opened }));
  if (json === true) {
    printJson({ schema: "spectrum-agent.authority-answer/1", answer: out, lineage: toHex(lineage) });
  } else printLine(`answer of ${toHex(lineage)}: ${out}`);
}
