/** A real swtpm on free loopback ports, with its own certificates and state in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOST = "127.0.0.1";
const START_ATTEMPTS_MAX = 3;
const CONNECT_ATTEMPTS_MAX = 200;
const CONNECT_PAUSE_MS = 10;

export type Swtpm = {
  readonly host: string;
  readonly port: number;
  /** Folder that `stop` removes: TPM state in `state/`; tests may put their own files beside it. */
  readonly folder: string;
  /** SIGKILL: power is gone without TPM2_Shutdown. */
  powerCut(): Promise<void>;
  /** Starts the program again on the same state and ports. Only after `powerCut`. */
  restart(): Promise<void>;
  /** Resets the TPM's power through the control channel while the program runs (CMD_INIT). */
  powerCycle(): Promise<void>;
  stop(): Promise<void>;
};

/** Why swtpm cannot run here, or null. With SPECTRUM_REQUIRE_REAL=1 a missing program is an error instead. */
export function swtpmMissing(): string | null {
  for (const program of ["swtpm", "swtpm_setup"]) {
    if (spawnSync(program, ["--version"]).error === undefined) continue;
    if (process.env["SPECTRUM_REQUIRE_REAL"] === "1")
      throw new Error(`${program} is required and not installed`);
    return `${program} is not installed`;
  }
  return null;
}

/** `asBought`: with EK, its certificates and an authority of its own; otherwise a TPM that nobody provisioned. */
export async function startSwtpm(asBought: boolean = true): Promise<Swtpm> {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-swtpm-"));
  const state = join(folder, "state");
  await mkdir(state);
  if (asBought) await manufacture(folder, state);
  let child: ChildProcess | null = null;
  let port = 0;
  for (let attempt = 1; child === null; attempt++) {
    port = await freePortPair();
    child = await run(state, port).catch((error: unknown) => {
      if (attempt >= START_ATTEMPTS_MAX) throw error;
      return null;
    });
  }
  const powerCut = async (): Promise<void> => {
    if (child !== null) await kill(child);
    child = null;
  };
  return {
    host: HOST,
    port,
    folder,
    powerCut,
    async restart() {
      if (child !== null) throw new Error("swtpm still runs");
      child = await run(state, port);
    },
    powerCycle: () => initialise(port + 1),
    async stop() {
      await powerCut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** swtpm_setup with a certificate authority of its own, so that nothing outside the folder is touched. */
async function manufacture(folder: string, state: string): Promise<void> {
  const authority = join(folder, "ca");
  await mkdir(authority);
  const localca = join(folder, "localca.conf");
  writeFileSync(
    localca,
    [
      `statedir = ${authority}`,
      `signingkey = ${join(authority, "signkey.pem")}`,
      `issuercert = ${join(authority, "issuercert.pem")}`,
      `certserial = ${join(authority, "certserial")}`,
      "",
    ].join("\n"),
  );
  const options = join(folder, "localca.options");
  writeFileSync(options, "--platform-manufacturer Bench\n--platform-version 1\n--platform-model bench\n");
  const setup = join(folder, "setup.conf");
  writeFileSync(
    setup,
    [
      "create_certs_tool = /usr/bin/swtpm_localca",
      `create_certs_tool_config = ${localca}`,
      `create_certs_tool_options = ${options}`,
      "active_pcr_banks = sha256",
      "",
    ].join("\n"),
  );
  const switches = ["--tpm2", "--tpmstate", state, "--config", setup];
  const content = ["--create-ek-cert", "--create-platform-cert", "--pcr-banks", "sha256", "--lock-nvram"];
  const child = spawn("swtpm_setup", [...switches, ...content], { stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`swtpm_setup ended with ${code}: ${output.join("").slice(-2000)}`);
}

async function run(state: string, port: number): Promise<ChildProcess> {
  const server = ["--server", `type=tcp,port=${port},bindaddr=${HOST}`];
  const control = ["--ctrl", `type=tcp,port=${port + 1},bindaddr=${HOST}`];
  const child = spawn(
    "swtpm",
    ["socket", "--tpm2", "--tpmstate", `dir=${state}`, ...server, ...control, "--flags", "not-need-init"],
    { stdio: "ignore" },
  );
  // A test that is ended before its `stop` leaves no swtpm behind.
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  for (let attempt = 0; attempt < CONNECT_ATTEMPTS_MAX; attempt++) {
    if (child.exitCode !== null) throw new Error(`swtpm ended with ${child.exitCode} on port ${port}`);
    // The control port is asked, because the command port serves one client at a time.
    if (await answers(port + 1)) return child;
    await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE_MS));
  }
  await kill(child);
  throw new Error(`swtpm does not listen on port ${port}`);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "exit");
  child.kill("SIGKILL");
  await closed;
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

/** A free port whose successor is free too. Another program may take them before us: `startSwtpm` tries again. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX * 10; attempt++) {
    const port = await tryListen(0);
    if (port !== null && port < 65535 && (await tryListen(port + 1)) !== null) return port;
  }
  throw new Error("no two free ports in a row");
}

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}

/** CMD_INIT of swtpm's control channel: command 2, flags 0, answered by a 32-bit result. */
function initialise(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port });
    socket.once("error", reject);
    socket.once("data", (answer: Buffer) => {
      socket.destroy();
      if (answer.length === 4 && answer.readUInt32BE(0) === 0) resolve();
      else reject(new Error(`swtpm refused CMD_INIT: ${answer.toString("hex")}`));
    });
    socket.write(Buffer.from("0000000200000000", "hex"));
  });
}
