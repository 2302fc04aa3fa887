/** `spectrum-agent fleet`: many hosts from one profile and one list, each by its own TPM. */
import type { CommandModule } from "./command.ts";
import { cloudInit } from "./fleet/cloud-init.ts";
import { enroll } from "./fleet/enroll.ts";

const subcommands = [enroll, cloudInit];

export const fleet: CommandModule = {
  name: "fleet",
  summary: "enrol many hosts from one profile: a file for each that only its TPM can open",
  register(program) {
    const group = program.command("fleet").description(fleet.summary);
    for (const each of subcommands) each(group);
  },
};
