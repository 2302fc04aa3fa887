/** Control verbs of a running agent, over the local socket: JSON in, JSON out. */
import type { CommandAnswer } from "../core/agent/input.ts";
import { assert } from "../core/base/assert.ts";
import { fromHex, toHex } from "../core/base/bytes.ts";
import { explainCode } from "../core/base/codes.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { ControlAnswer, ControlHandler, ControlRequest } from "../ports/control.ts";
import type { RunningAgent } from "./agent-loop.ts";
import { statusOf } from "./status.ts";

const EXIT_USAGE = 2;
const EXIT_REFUSED = 4;
const EXIT_TEMPORARY = 75;

/** `agent` is null until all ports are open; `waiting` says for what. */
export function controlHandler(
  agent: () => RunningAgent | null,
  waiting: () => Readonly<Record<string, string>>,
): ControlHandler {
  return async (request) => {
    const running = agent();
    if (running === null) return notYet(request, waiting());
    switch (request.verb) {
      case "status":
        return { ok: true, result: statusOf(running) };
      case "accept": {
        const offer = idOf(request, "offer");
        if (offer === null) return usage("accept needs the 64 hex digits of an offer's id");
        return answered(
          await running.command({ verb: "accept", accept: { offer, block: null, insist: false } }),
        );
      }
      case "withdraw": {
        const offer = idOf(request, "offer");
        if (offer === null) return usage("withdraw needs the 64 hex digits of an offer's id");
        return answered(await running.command({ verb: "withdraw", offer, reason: "operator" }));
      }
      case "relinquish":
      case "terminate": {
        const artifact = idOf(request, "artifact");
        if (artifact === null) return usage(`${request.verb} needs the 64 hex digits of an artifact's id`);
        return answered(await running.command({ verb: request.verb, artifact }));
      }
      case "hear":
        return hear(running, request);
      default:
        return usage(`unknown verb ${request.verb}: status, accept, withdraw, relinquish, terminate, hear`);
    }
  };
}

/** A record that no broker brought: judged as any peer's, so that who may open the socket can say no more than they. */
function hear({ agent, input }: RunningAgent, request: ControlRequest): ControlAnswer {
  const given = request.arguments["envelope"];
  const bytes = typeof given === "string" ? fromHex(given) : null;
  if (bytes === null) return usage("hear needs a record's envelope in hex digits");
  const read = recordOfBytes(bytes, agent.config.primitives);
  if (!read.ok) return answered(read);
  input({ kind: "message", bytes });
  const { id } = read.value;
  if (agent.volatile.known.get(id) !== undefined) return { ok: true, result: { record: toHex(id) } };
  const message = `the agent did not take in the ${read.value.kind} ${toHex(id)}`;
  return { ok: false, code: "record-not-taken", message, exit: EXIT_TEMPORARY };
}

function notYet({ verb }: ControlRequest, waiting: Readonly<Record<string, string>>): ControlAnswer {
  if (verb === "status")
    return { ok: true, result: { schema: "spectrum-agent.status/1", ready: false, notReady: waiting } };
  const reasons = Object.entries(waiting).map(([port, reason]) => `${port}: ${reason}`);
  return { ok: false, code: "not-ready", message: `not ready: ${reasons.join("; ")}`, exit: EXIT_TEMPORARY };
}

function idOf({ arguments: given }: ControlRequest, name: string): Uint8Array | null {
  const value = given[name];
  const bytes = typeof value === "string" ? fromHex(value) : null;
  return bytes?.length === 32 ? bytes : null;
}

function usage(message: string): ControlAnswer {
  return { ok: false, code: "usage", message, exit: EXIT_USAGE };
}

function answered(answer: CommandAnswer): ControlAnswer {
  if (answer.ok) return { ok: true, result: { record: toHex(answer.record) } };
  const first = answer.rejections[0];
  const lines = answer.rejections.map(
    ({ code, field, measured, required }) =>
      `${code}${field === "" ? "" : ` at ${field}`}: measured ${JSON.stringify(measured)}, required ${JSON.stringify(required)}`,
  );
  assert(first !== undefined, "a refusal holds at least one rejection");
  const exit = explainCode(first.code)?.exit ?? EXIT_REFUSED;
  return { ok: false, code: first.code, message: lines.join("; "), exit };
}
