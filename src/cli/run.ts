/** `spectrum-agent run`: the daemon. Missing hardware never stops it: it waits with a reason that `status` shows. */
import { composeAgent, systemSurroundings } from "../compose/compose.ts";
import { fileFailpoints } from "../compose/failpoints.ts";
import type { ProfileTrust } from "../compose/trusted-profile.ts";
import type { CommandModule } from "./command.ts";
import { printMessage } from "./output.ts";
import { readProfile, trusting } from "./read-profile.ts";

export const run: CommandModule = {
  name: "run",
  summary: "run the agent of a profile until it is told to end",
  register(program) {
    trusting(program.command("run"))
      .description(run.summary)
      .requiredOption("--profile <file>", "the agent's profile")
      .action((options: RunOptions) => runAgentOf(options));
  },
};

type RunOptions = ProfileTrust & { readonly profile: string };

async function runAgentOf({ profile: file, ...trust }: RunOptions): Promise<void> {
  const profile = readProfile(file, trust);
  if (profile === null) return;
  const around = { ...systemSurroundings(profile.logLevel), failpoints: fileFailpoints(process.env) };
  const composed = await composeAgent(profile, around);
  printMessage(`${profile.name} runs; status: spectrum-agent status --profile ${file}`);
  await ended();
  await composed.stop();
}

/** SIGTERM from systemd, SIGINT from a person: both mute first, then end. */
function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}
