/** `fleet cloud-init`: user-data for one host of a fleet that was enrolled. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { enrolmentFile } from "../../compose/fleet-enrolment.ts";
import { OPERATOR_FILE } from "../../compose/trusted-profile.ts";
import { type CloudFile, cloudConfigText } from "../../profile/cloud-init.ts";
import { loadEnrolment } from "../../profile/enrolment-schema.ts";
import { shippedFile } from "../../profile/shipped-file.ts";
import type { Subcommand } from "../authority/shared-options.ts";
import { exitCodes } from "../command.ts";
import { fail } from "../output.ts";
import { failProfile } from "../read-profile.ts";

type CloudOptions = { readonly dir: string; readonly profile: string };

export const cloudInit: Subcommand = (group) => {
  group
    .command("cloud-init")
    .description(
      "print cloud-init's user-data for a host: units, operator and enrolment; nothing in it is secret",
    )
    .argument("<host>", "as the list names it")
    .requiredOption("--dir <folder>", "from `fleet enroll --out`")
    .option("--profile <file>", "on the host: the profile of its request", "/etc/spectrum-agent/profile.yaml")
    .action(run);
};

const ETC = "/etc/spectrum-agent";
/** Where the agent's own user may write. */
const ENROLLED = "/var/lib/spectrum-agent/enrolled";
const AGENT = "/usr/bin/spectrum-agent";
const USER = "spectrum-agent";
const UNITS = "/etc/systemd/system";

const SHIPPED: readonly (readonly [name: string, path: string])[] = [
  ["spectrum-agent.sysusers.conf", "/etc/sysusers.d/spectrum-agent.conf"],
  ["spectrum-agent.tmpfiles.conf", "/etc/tmpfiles.d/spectrum-agent.conf"],
  ["60-spectrum-agent.rules", "/etc/udev/rules.d/60-spectrum-agent.rules"],
  ["spectrum-guard.service", `${UNITS}/spectrum-guard.service`],
  ["spectrum-sleep.service", `${UNITS}/spectrum-sleep.service`],
  ["spectrum-agent.service", `${UNITS}/spectrum-agent.service`],
];

function run(host: string, { dir, profile }: CloudOptions): void {
  const path = join(dir, enrolmentFile(host));
  const loaded = loadEnrolment(path);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  if (loaded.enrolment.host !== host) {
    const message = `${path} is the enrolment of ${loaded.enrolment.host}`;
    fail({ code: "enrolment-other-host", message, hint: "", exit: exitCodes.badConfiguration });
    return;
  }
  const brought = { operator: readFileSync(join(dir, OPERATOR_FILE)), enrolment: readFileSync(path) };
  process.stdout.write(
    cloudConfigText({ files: filesOf(host, brought), commands: commandsOf(host, profile) }),
  );
}

type Brought = { readonly operator: Uint8Array; readonly enrolment: Uint8Array };

function filesOf(host: string, { operator, enrolment }: Brought): readonly CloudFile[] {
  const root = { owner: "root:root", mode: "0644" };
  return [
    ...SHIPPED.map(([name, path]) => ({
      path,
      bytes: readFileSync(shippedFile(`systemd/${name}`)),
      ...root,
    })),
    {
      path: `${UNITS}/spectrum-agent.service.d/fleet.conf`,
      bytes: new TextEncoder().encode(dropIn()),
      ...root,
    },
    { path: operatorPath(), bytes: operator, ...root },
    { path: enrolmentPath(host), bytes: enrolment, ...root },
  ];
}

function operatorPath(): string {
  return `${ETC}/operator/${OPERATOR_FILE}`;
}

function enrolmentPath(host: string): string {
  return `${ETC}/${enrolmentFile(host)}`;
}

/** In the place of the shipped unit's own command. */
function dropIn(): string {
  const command = `${AGENT} run --profile ${ENROLLED}/profile.yaml --operator ${operatorPath()}`;
  return `[Service]\nExecStart=\nExecStart=${command}\n`;
}

function commandsOf(host: string, profile: string): readonly (readonly string[])[] {
  const given = ["--profile", profile, "--enroll", enrolmentPath(host), "--operator", operatorPath()];
  return [
    ["systemd-sysusers"],
    ["systemd-tmpfiles", "--create"],
    ["udevadm", "control", "--reload"],
    ["systemctl", "daemon-reload"],
    ["runuser", "-u", USER, "--", AGENT, "init", ...given, "--out", ENROLLED],
    [
      "systemctl",
      "enable",
      "--now",
      "spectrum-guard.service",
      "spectrum-sleep.service",
      "spectrum-agent.service",
    ],
  ];
}
