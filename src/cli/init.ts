/** `spectrum-agent init`: a host takes its place in a fleet; its TPM opens what the desk sealed, and nothing is asked. */
import { systemSurroundings } from "../compose/compose.ts";
import { enrolledFolder, initHost } from "../compose/host-enrolment.ts";
import type { ProfileTrust } from "../compose/trusted-profile.ts";
import { loadEnrolment } from "../profile/enrolment-schema.ts";
import { refuse } from "./authority/shared-options.ts";
import type { CommandModule } from "./command.ts";
import { printJson, printLine } from "./output.ts";
import { failProfile, readProfile, trusting } from "./read-profile.ts";

type InitOptions = ProfileTrust & {
  readonly profile: string;
  readonly enroll: string;
  readonly out?: string;
  readonly json?: boolean;
};

export const init: CommandModule = {
  name: "init",
  summary: "take a host's enrolment: profile, credential and documents that its TPM alone can open",
  register(program) {
    trusting(program.command("init"))
      .description(`${init.summary}; the agent must not be running`)
      .requiredOption("--profile <file>", "the host's own, by which its request was made")
      .requiredOption("--enroll <file>", "from `fleet enroll`, for this host")
      .option("--out <folder>", "what `run` goes by; `enrolled` beside the profile unless told")
      .option("--json", "one JSON document")
      .action((options: InitOptions) => run(options));
  },
};

async function run({
  profile: file,
  enroll,
  out = enrolledFolder(file),
  json,
  ...trust
}: InitOptions): Promise<void> {
  // The host's own words: they say where TPM and state are, and nothing else of them is used.
  const profile = readProfile(file, { unsigned: true });
  const loaded = loadEnrolment(enroll);
  if (!loaded.ok) failProfile(loaded.errors);
  if (profile === null || !loaded.ok) return;
  const order = { profile, enrolment: loaded.enrolment, file: enroll, trust, out };
  const done = await initHost(order, systemSurroundings("error"));
  if (!done.ok) {
    refuse(done.rejections, enroll);
    return;
  }
  const { profile: written, host, stood } = done.value;
  if (json === true) {
    printJson({ schema: "spectrum-agent.init/1", host, profile: written, stood });
    return;
  }
  printLine(
    `${host} ${stood ? "was enrolled already" : "is enrolled"}; spectrum-agent run --profile ${written}`,
  );
}
