/**
 * Orders a guard to be silent, and ends when it is: what systemd runs before a suspend (PROTOCOL §6 The guard).
 *
 *   node dist/hardware/radio/guard/mute-main.js --socket PATH
 *
 * Exit 0: the guard reports silence, or no guard serves the socket, and a device without its guard is silent by itself.
 * Exit 1: silence could not be established. Exit 78: wrong arguments.
 */
import { parseArgs } from "node:util";
import { PortError } from "../../../src/ports/port-error.ts";
import { openSession } from "../guard-session.ts";
import { guardSocket } from "../guard-socket.ts";
import { bootClock } from "./boot-clock.ts";

const { values } = parseArgs({ options: { socket: { type: "string" } } });
if (values.socket === undefined) {
  process.stderr.write("radio mute: --socket is required\n");
  process.exitCode = 78;
} else {
  process.exitCode = await mute(values.socket);
}

async function mute(path: string): Promise<number> {
  const clock = bootClock();
  const socket = await guardSocket(path, clock).catch(told);
  if (socket === null) return 0;
  const session = await openSession(socket, clock, () => {}).catch(told);
  const muted = (await session?.mute().catch(told)) ?? null;
  socket.close();
  if (muted === null) return 1;
  process.stdout.write(`muted within ${muted.latencyUs} us\n`);
  return 0;
}

function told(error: unknown): null {
  if (!(error instanceof PortError)) throw error;
  process.stderr.write(`radio mute: ${error.code}: ${error.message}\n`);
  return null;
}
