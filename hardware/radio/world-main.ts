/**
 * The world process: a seeded space that simulated radios of several processes share, and its witness.
 *
 *   node dist/hardware/radio/world-main.js --listen unix:/path|tcp:127.0.0.1:port --log PATH
 *
 * `--log` must not exist yet: the transmit log is the record of one run. Prints `ready ADDRESS` when devices may
 * connect. SIGTERM and SIGINT silence every emitter, then exit 0. Exit 78: wrong arguments or paths.
 * (Here and not in hardware/world, because it is the radio's room that may import both the ether and the clock.)
 */
import { parseArgs } from "node:util";
import { createEther } from "../world/ether.ts";
import { etherAddress } from "../world/ether-address.ts";
import { fileTransmitLog } from "../world/transmit-log.ts";
import { removeStaleSocket, serveWorld } from "../world/world-process.ts";
import { bootClock } from "./guard/boot-clock.ts";

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`world: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(78);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { listen: { type: "string" }, log: { type: "string" } } });
  const address = etherAddress(values.listen ?? "");
  if (address === null) throw new Error("--listen must be unix:/path or tcp:127.0.0.1:port");
  if (values.log === undefined) throw new Error("--log is required");
  const log = fileTransmitLog(values.log);
  removeStaleSocket(address);
  const world = await serveWorld(address, createEther(bootClock(), log));
  const stop = (): void => {
    void world.close().then(() => {
      log.close();
      process.exit(0);
    });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.stdout.on("error", () => {});
  process.stdout.write(`ready ${world.address}\n`);
}
