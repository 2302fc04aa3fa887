/** Real mosquitto brokers for tests: each on a free loopback port, from a generated configuration, ended by process id. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type MosquittoOptions = {
  /** Keep retained messages and sessions over a restart; after `kill9` only what the last save holds. */
  readonly persistence?: boolean;
  /** TLS with client certificates required (mTLS); files from `certificates.ts`. */
  readonly tls?: { readonly caPath: string; readonly certPath: string; readonly keyPath: string };
  /** A configuration of its own, for that port of 127.0.0.1 and a folder that the broker may write. */
  readonly config?: (port: number, data: string) => string;
};

export type Mosquitto = {
  readonly port: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Again, with the same configuration and port. */
  start(): Promise<void>;
  /** SIGHUP: it reads its access list again. */
  reload(): void;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
};

const PROGRAM = "mosquitto";
const START_TRIES_MAX = 200;
const START_TRY_MS = 25;

export function hasProgram(program: string, ...versionArguments: readonly string[]): boolean {
  try {
    execFileSync(program, versionArguments, { stdio: "ignore" });
    return true;
  } catch (error) {
    // mosquitto -h leaves with 3: it ran. With SPECTRUM_REQUIRE_REAL a missing program fails the tests instead.
    return (error as NodeJS.ErrnoException).code !== "ENOENT" || process.env["SPECTRUM_REQUIRE_REAL"] === "1";
  }
}

export function hasMosquitto(): boolean {
  return hasProgram(PROGRAM, "-h");
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
  // As root, mosquitto becomes its own user, which has to enter the folder and write its database there.
  await chmod(folder, 0o755);
  const data = join(folder, "data");
  await mkdir(data);
  await chmod(data, 0o777);
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  await writeFile(config, options.config?.(port, data) ?? configuration(port, data, options));
  let child = await launch(config, port);
  return {
    port,
    stop: () => end(child, "SIGTERM"),
    kill9: () => end(child, "SIGKILL"),
    start: async () => {
      child = await launch(config, port);
    },
    reload: () => {
      child.kill("SIGHUP");
    },
    close: async () => {
      await end(child, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A free port of 127.0.0.1; another process could take it before it is used, so far none did. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address === null || typeof address === "string"
          ? reject(new Error("no port"))
          : resolve(address.port),
      );
    });
  });
}

function configuration(port: number, data: string, { persistence, tls }: MosquittoOptions): string {
  const lines = [
    `listener ${port} 127.0.0.1`,
    "set_tcp_nodelay true",
    "max_queued_messages 100000",
    "log_dest stderr",
    "log_type error",
    persistence === true
      ? `persistence true\npersistence_location ${data}/\nautosave_interval 1\nautosave_on_changes true`
      : "persistence false",
  ];
  if (tls === undefined) lines.push("allow_anonymous true");
  else {
    lines.push(`cafile ${tls.caPath}`, `certfile ${tls.certPath}`, `keyfile ${tls.keyPath}`);
    lines.push(
      "require_certificate true",
      "use_identity_as_username true",
      "allow_anonymous false",
      "tls_version tlsv1.2",
    );
  }
  return `${lines.join("\n")}\n`;
}

async function launch(config: string, port: number): Promise<ChildProcess> {
  const child = spawn(PROGRAM, ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  for (let tries = 0; tries < START_TRIES_MAX; tries++) {
    if (child.exitCode !== null) break;
    if (await accepts(port)) return child;
    await new Promise((resolve) => setTimeout(resolve, START_TRY_MS));
  }
  await end(child, "SIGKILL");
  throw new Error(`mosquitto did not listen on ${port}: ${said}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (verdict: boolean): void => {
      socket.destroy();
      resolve(verdict);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
