/** Real gpsd on a free loopback port: fed by gpsfake from a receiver's log, or by the test through a pty of socat. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOST = "127.0.0.1";
const ATTEMPTS_MAX = 500;
const PAUSE_MS = 20;

export type Gpsd = {
  readonly host: string;
  readonly port: number;
  /** Of the daemon itself, so that a test can take it away from under its client. */
  readonly daemonPid: number;
  stop(): Promise<void>;
};

export type PtyPair = {
  /** A path that stays the same when the receiver is unplugged and plugged in again. */
  readonly path: string;
  /** The terminal behind it at present. */
  device(): string;
  /** Writes what the receiver says; nothing while it is unplugged. */
  feed(text: string): Promise<void>;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  stop(): Promise<void>;
};

/** Why one of `programs` cannot run here, or null. With SPECTRUM_REQUIRE_REAL=1 a missing one is an error instead. */
export function programMissing(...programs: readonly ("gpsd" | "gpsfake" | "socat")[]): string | null {
  for (const program of programs) {
    if (spawnSync(program, ["-V"], { stdio: "ignore" }).error === undefined) continue;
    if (process.env["SPECTRUM_REQUIRE_REAL"] === "1")
      throw new Error(`${program} is required and not installed`);
    return `${program} is not installed`;
  }
  return null;
}

/** Plays `log` into a gpsd of its own, over and over, a sentence every 20 ms. */
export async function startGpsfake(log: string): Promise<Gpsd> {
  const port = await freePort();
  const fake = spawn("gpsfake", ["-q", "-P", String(port), "-c", "0.02", log], { stdio: "ignore" });
  const { pid } = fake;
  if (pid === undefined) throw new Error("gpsfake did not start");
  await answering(port, fake);
  const daemonPid = childrenOf(pid)[0];
  if (daemonPid === undefined) throw new Error("gpsfake has no gpsd");
  return {
    host: HOST,
    port,
    daemonPid,
    async stop() {
      // gpsfake may leave its daemon behind: both end, each by its own id.
      await end(fake, "SIGTERM");
      await endForeign(daemonPid);
      rmSync(join(tmpdir(), `gpsfake-${pid}.sock`), { force: true });
    },
  };
}

/** A gpsd that reads `device`, e.g. one end of a pty pair. */
export async function startGpsd(device: string, port?: number): Promise<Gpsd> {
  const chosen = port ?? (await freePort());
  const daemon = spawn("gpsd", ["-N", "-n", "-b", "-S", String(chosen), device], { stdio: "ignore" });
  const { pid } = daemon;
  if (pid === undefined) throw new Error("gpsd did not start");
  await answering(chosen, daemon);
  return { host: HOST, port: chosen, daemonPid: pid, stop: () => end(daemon, "SIGKILL") };
}

export async function startPtyPair(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-pty-"));
  const near = join(folder, "near");
  const far = join(folder, "far");
  let plugged = await plugPty(near, far);
  const unplug = async (): Promise<void> => {
    const old = plugged;
    plugged = null;
    if (old === null) return;
    await old.feeder.close();
    await end(old.socat, "SIGTERM");
  };
  return {
    path: near,
    device: () => readlinkSync(near),
    async feed(text) {
      // A write that meets the unplugging is lost, as on a real cable.
      await plugged?.feeder.write(text).catch(() => undefined);
    },
    unplug,
    async plug() {
      plugged ??= await plugPty(near, far);
    },
    async stop() {
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type PluggedPty = { readonly socat: ChildProcess; readonly feeder: FileHandle };

async function plugPty(near: string, far: string): Promise<PluggedPty | null> {
  const ends = [near, far].map((link) => `pty,rawer,mode=666,link=${link}`);
  const socat = spawn("socat", ends, { stdio: "ignore" });
  await linked(near, socat);
  return { socat, feeder: await open(await linked(far, socat), "w") };
}

/** Position, horizontal, vertical: gpsd makes 19 m of a horizontal one and 23 m of a vertical one, at 95 %. */
export type Dilutions = readonly [pdop: number, hdop: number, vdop: number];

/** A receiver that speaks once every 100 ms, with today's date so that gpsd believes it; `blind` without a fix. */
export function feedReceiver(
  pty: PtyPair,
  [pdop, hdop, vdop]: Dilutions = [1.8, 1.1, 1.5],
): { blind(on: boolean): void; stop(): void } {
  let blind = false;
  const say = (): void => {
    const now = new Date().toISOString();
    const time = `${now.slice(11, 19).replaceAll(":", "")}.${now.slice(20, 22)}`;
    const date = now.slice(8, 10) + now.slice(5, 7) + now.slice(2, 4);
    const place = "5231.2000,N,01324.3000,E";
    const sentences = blind
      ? [`GPGGA,${time},,,,,0,00,,,M,,M,,`, "GPGSA,A,1,,,,,,,,,,,,,,,", `GPRMC,${time},V,,,,,,,${date},,,N`]
      : [
          `GPGGA,${time},${place},1,08,${hdop},34.0,M,45.0,M,,0000`,
          `GPGSA,A,3,17,28,06,01,30,20,26,13,,,,,${pdop},${hdop},${vdop}`,
          `GPRMC,${time},A,${place},0.0,0.0,${date},,,A`,
        ];
    void pty.feed(sentences.map(nmea).join(""));
  };
  const timer = setInterval(say, 100);
  return {
    blind(on) {
      blind = on;
    },
    stop: () => clearInterval(timer),
  };
}

/** `$…*hh` with CR LF from what stands between. */
export function nmea(content: string): string {
  let sum = 0;
  for (let i = 0; i < content.length; i++) sum ^= content.charCodeAt(i);
  return `$${content}*${sum.toString(16).toUpperCase().padStart(2, "0")}\r\n`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** Polls `probe` until it gives something. Only a bound on waiting: nothing is asserted about speed. */
export async function eventually<T>(what: string, probe: () => T | null): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const found = probe();
    if (found !== null) return found;
    await pause();
  }
  throw new Error(`gave up waiting for ${what}`);
}

async function linked(link: string, socat: ChildProcess): Promise<string> {
  return eventually(`the pty ${link}`, () => {
    if (socat.exitCode !== null) throw new Error(`socat ended with ${socat.exitCode}`);
    try {
      return readlinkSync(link);
    } catch {
      return null;
    }
  });
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await answers(port)) return;
    await pause();
  }
  await end(child, "SIGKILL");
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill(signal);
  await over;
}

/** Ends a daemon that is a child of our child; its id may already be somebody else's. */
async function endForeign(pid: number): Promise<void> {
  if (nameOf(pid) !== "gpsd") return;
  process.kill(pid, "SIGKILL");
  await eventually(`the end of gpsd ${pid}`, () => (nameOf(pid) === "gpsd" ? null : true));
}

/** Null when there is no such process any more, or it only waits to be reaped. */
function nameOf(pid: number): string | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^State:\s+Z/m.test(status) ? null : (/^Name:\s+(.*)$/m.exec(status)?.[1] ?? null);
  } catch {
    return null;
  }
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(/\s+/).map(Number);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
