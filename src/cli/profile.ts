/** `spectrum-agent profile`: what is wrong with an operator's files, what comes of them, and in what two differ. */
import type { CommandModule } from "./command.ts";
import { diff } from "./profile/diff.ts";
import { lint } from "./profile/lint.ts";
import { resolveCommand } from "./profile/resolve.ts";
import { schema } from "./profile/schema.ts";

const subcommands = [lint, resolveCommand, diff, schema];

export const profile: CommandModule = {
  name: "profile",
  summary: "lint, resolve and compare the files that an operator writes; their JSON Schemas",
  register(program) {
    const group = program.command("profile").description(profile.summary);
    for (const each of subcommands) each(group);
  },
};
