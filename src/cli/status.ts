/** `spectrum-agent status`: what a running agent is doing, and why it is not ready where it is not. */
import { askRunningAgent } from "../compose/compose.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { readProfile } from "./read-profile.ts";

type StatusOptions = { readonly profile?: string; readonly socket?: string; readonly json?: boolean };

export const status: CommandModule = {
  name: "status",
  summary: "show a running agent's readiness, radio and leases",
  register(program) {
    program
      .command("status")
      .description(status.summary)
      .option("--profile <file>", "the agent's profile")
      .option("--socket <path>", "the agent's control socket")
      .option("--json", "one JSON document")
      .action((options: StatusOptions) => show(options));
  },
};

async function show(options: StatusOptions): Promise<void> {
  const path = socketOf(options);
  if (path === null) return;
  const answer = await askRunningAgent(path, { verb: "status", arguments: {} });
  if (!answer.ok) {
    fail({ ...answer, hint: "" });
    return;
  }
  const result = answer.result as StatusResult;
  if (options.json === true) printJson(result);
  else printStatus(result);
  if (!result.ready) process.exitCode = exitCodes.temporary;
}

function socketOf({ profile, socket }: StatusOptions): string | null {
  if (socket !== undefined) return socket;
  if (profile !== undefined) return readProfile(profile)?.controlPath ?? null;
  fail({
    code: "usage",
    message: "which agent? give --profile or --socket",
    hint: "",
    exit: exitCodes.usage,
  });
  return null;
}

type StatusResult = {
  readonly ready: boolean;
  readonly notReady: Readonly<Record<string, string>>;
  readonly lineage?: string;
  readonly records?: number;
  readonly quarantine?: string | null;
  readonly radio?: { readonly on: boolean; readonly lease?: string };
  readonly leases?: readonly {
    readonly artifact: string;
    readonly role: string;
    readonly phase: string;
    readonly lowerHz: number;
    readonly upperHz: number;
    readonly termination: string | null;
  }[];
};

function printStatus(result: StatusResult): void {
  printLine(result.ready ? "ready" : "not ready");
  for (const [port, reason] of Object.entries(result.notReady)) printLine(`  ${port}: ${reason}`);
  if (result.lineage === undefined) return;
  printLine(`lineage ${result.lineage}, ${result.records} records`);
  if (typeof result.quarantine === "string") printLine(`quarantine: ${result.quarantine}`);
  printLine(result.radio?.on === true ? `RF on for lease ${result.radio.lease?.slice(0, 16)}` : "RF off");
  for (const { artifact, role, phase, lowerHz, upperHz, termination } of result.leases ?? []) {
    const end = termination === null ? "" : ` (${termination})`;
    printLine(
      `lease ${artifact.slice(0, 16)} ${role} ${phase}${end} ${(lowerHz / 1e6).toFixed(3)} to ${(upperHz / 1e6).toFixed(3)} MHz`,
    );
  }
}
