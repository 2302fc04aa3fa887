/** `spectrum-agent status`: what a running agent is doing, and why it is not ready where it is not. */
import { askRunningAgent, systemSurroundings } from "../compose/compose.ts";
import { profileDocuments } from "../compose/profile-documents.ts";
import type { PlaceEvidence, TimeEvidence } from "../core/record/shared-fields.ts";
import type { ControlAnswer } from "../ports/control.ts";
import { PortError } from "../ports/port-error.ts";
import type { AgentProfile } from "../profile/agent-profile.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { band, duration, ID_DIGITS, instant, metres } from "./quantities.ts";
import { readProfile } from "./read-profile.ts";

type StatusOptions = { readonly profile?: string; readonly socket?: string; readonly json?: boolean };

export const status: CommandModule = {
  name: "status",
  summary: "show a running agent's readiness, time and place, radio, leases and refusals",
  register(program) {
    program
      .command("status")
      .description(status.summary)
      .option("--profile <file>", "the agent's profile, which names its control socket")
      .option("--socket <path>", "the agent's control socket, where the profile is not at hand")
      .option("--json", "one JSON document")
      .action((options: StatusOptions) => show(options));
  },
};

async function show(options: StatusOptions): Promise<void> {
  const answer = await answerTo(options);
  if (answer === null) return;
  if (!answer.ok) {
    fail({ ...answer, hint: "" });
    return;
  }
  const result = answer.result as StatusResult;
  if (options.json === true) printJson(result);
  else printStatus(result);
  if (!result.ready) process.exitCode = exitCodes.temporary;
}

/** Null where the command was told why not already. */
async function answerTo({ profile: file, socket }: StatusOptions): Promise<ControlAnswer | null> {
  if (socket !== undefined) return ask(socket, "start it: spectrum-agent run --profile FILE");
  if (file === undefined) {
    const message = "which agent? give --profile or --socket";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return null;
  }
  const profile = readProfile(file);
  if (profile === null) return null;
  return ask(profile.controlPath, `start it: spectrum-agent run --profile ${file}`, profile);
}

/** Where nobody answers, a profile that `run` would refuse is told as that: waiting would not help. */
async function ask(path: string, hint: string, profile?: AgentProfile): Promise<ControlAnswer | null> {
  try {
    return await askRunningAgent(path, { verb: "status", arguments: {} });
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "agent-not-reachable") throw error;
    if (profile !== undefined) {
      await profileDocuments(profile, systemSurroundings(profile.logLevel).primitives);
    }
    fail({ code: error.code, message: error.message, hint, exit: exitCodes.notReachable });
    return null;
  }
}

type Counts = Readonly<Record<string, number>>;

/** src/agent/status.ts; all but the first two are missing until every port is open. */
type StatusResult = {
  readonly ready: boolean;
  readonly notReady: Readonly<Record<string, string>>;
  readonly lineage?: string;
  readonly records?: number;
  readonly quarantine?: string | null;
  readonly time?: TimeEvidence | null;
  readonly place?: PlaceEvidence | null;
  readonly radio?: { readonly on: boolean; readonly lease?: string };
  readonly offers?: readonly { readonly withdrawn: boolean; readonly endUs: number }[];
  readonly leases?: readonly {
    readonly artifact: string;
    readonly role: string;
    readonly phase: string;
    readonly lowerHz: number;
    readonly upperHz: number;
    readonly untilUs: number;
    readonly termination: string | null;
    /** What its radio waits for. */
    readonly awaits?: string | null;
  }[];
  readonly refused?: Counts;
  readonly dropped?: Counts;
};

function printStatus(result: StatusResult): void {
  printLine(result.ready ? "ready" : "not ready");
  for (const [port, reason] of Object.entries(result.notReady)) printLine(`  ${port}: ${reason}`);
  if (result.lineage === undefined) return;
  const { time = null, place = null, radio, offers = [], leases = [], refused = {}, dropped = {} } = result;
  printLine(`lineage ${result.lineage}, ${result.records} records`);
  if (typeof result.quarantine === "string") printLine(`quarantine: ${result.quarantine}`);
  printLine(`time ${time === null ? "not assured" : timeText(time)}`);
  printLine(`place ${place === null ? "not assured" : placeText(place)}`);
  printLine(radio?.on === true ? `RF on for lease ${radio.lease?.slice(0, ID_DIGITS)}` : "RF off");
  const open = offers.filter(({ withdrawn, endUs }) => !withdrawn && endUs > (time?.earliestUs ?? 0));
  if (offers.length > 0) printLine(`offers made ${offers.length}, open ${open.length}`);
  for (const { artifact, role, phase, lowerHz, upperHz, untilUs, termination, awaits = null } of leases) {
    const end = termination === null ? `until ${instant(untilUs)}` : `(${termination})`;
    const waits = awaits === null || termination !== null ? "" : `, waits for its ${awaits}`;
    printLine(
      `lease ${artifact.slice(0, ID_DIGITS)} ${role} ${phase} ${band(lowerHz, upperHz)} ${end}${waits}`,
    );
  }
  printCounts("refused since start", refused);
  printCounts("dropped since start", dropped);
}

function timeText({ earliestUs, latestUs, assurance }: TimeEvidence): string {
  const halfUs = Math.round((latestUs - earliestUs) / 2);
  return `${instant(earliestUs + halfUs)} ± ${duration(halfUs)} (${assurance})`;
}

function placeText({ latE7, lonE7, heightMm, ...of }: PlaceEvidence): string {
  const at = [latE7, lonE7].map((each) => `${(each / 1e7).toFixed(7)}°`).join(", ");
  return `${at} ± ${metres(of.horizontalErrorMm)}, height ${metres(heightMm)} ± ${metres(of.verticalErrorMm)} (${of.assurance})`;
}

function printCounts(title: string, counts: Counts): void {
  const told = Object.entries(counts).map(([code, count]) => `${code} ${count}`);
  if (told.length > 0) printLine(`${title}: ${told.join(", ")}`);
}
