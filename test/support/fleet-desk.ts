/** A desk with a root of its own, and hosts with simulated TPMs: commands of the program run in this process, over real files. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { vi } from "vitest";
import { authority } from "../../src/cli/authority.ts";
import { fleet } from "../../src/cli/fleet.ts";
import { init } from "../../src/cli/init.ts";
import { PortError } from "../../src/ports/port-error.ts";
import { shippedFile } from "../../src/profile/shipped-file.ts";

const BOXES = `scope:
  - band: [433.05MHz, 434.79MHz]
    area: {circle: {centre: {latitude: 52.5163deg, longitude: 13.3777deg}, radius: 2km}}
    limits: [12dBm EIRP]
    commodity-class: spectrum
`;
const LICENCE = `schema: spectrum-agent.licence/1
root: licensee
licence: {scheme: de-bnetza, number: 55-1234, register: "https://example.org"}
level: regulator
verbs: [allocate, acquire, issue]
classes: [bench]
exclusive: true
depth: 3
duration: 365d
contact: somebody
revocation-channel: by file
${BOXES}`;
const GRANT = `schema: spectrum-agent.grant/1
level: user
verbs: [acquire]
classes: [bench]
duration: 30d
${BOXES}`;

/** `exit`: of the process, or the code of a PortError. */
export type Said = { readonly stdout: string; readonly stderr: string; readonly exit: number | string };

export type FleetDesk = {
  at(...parts: readonly string[]): string;
  command(...words: readonly string[]): Promise<Said>;
  /** Rejects where the command fails. */
  done(...words: readonly string[]): Promise<string>;
  /** A host's folder with its own profile and its request; gives the hash of its endorsement key. */
  host(name: string, tpm?: string): Promise<string>;
  /** The fleet's profile, with this TPM. */
  fleetProfile(tpm: string): Promise<void>;
  /** The list, of these lines below its names. */
  list(name: string, names: string, ...rows: readonly string[]): Promise<string>;
  enroll(list: string, out: string, ...more: readonly string[]): Promise<Said>;
  init(host: string, from?: string, ...more: readonly string[]): Promise<Said>;
  close(): Promise<void>;
};

export const NAMES = "host,latitude,longitude,request,ek-hash";

/** The row of a host that stands in the middle of the grant. */
export function row(name: string, ekHash: string): string {
  return `${name},52.5163deg,13.3777deg,${name}/request.yaml,${ekHash}`;
}

export async function fleetDesk(): Promise<FleetDesk> {
  const base = await mkdtemp(join(tmpdir(), "fleet-desk-"));
  const at = (...parts: readonly string[]): string => join(base, ...parts);
  const secret = ["--passphrase-file", at("passphrase")];
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  await writeFile(at("licence.yaml"), LICENCE);
  await writeFile(at("grant.yaml"), GRANT);
  const made = ["--out", at("root"), "--owner", "Root Ltd", "--licence", at("licence.yaml"), ...secret];
  await done("authority", "init", ...made);
  const shipped = await readFile(shippedFile("profiles/devices/bench-radio.yaml"), "utf8");
  const fleetProfile = (tpm: string): Promise<void> =>
    writeFile(at("fleet.yaml"), profileText(shipped, tpm, "./root/trust/root.record"));
  await fleetProfile("{driver: simulated, state: ./tpm}");

  async function done(...words: readonly string[]): Promise<string> {
    const { stdout, stderr, exit } = await command(...words);
    if (exit !== 0) throw new Error(`${words.join(" ")} ended with ${exit}: ${stderr}`);
    return stdout;
  }

  return {
    at,
    command,
    done,
    fleetProfile,
    async host(name, tpm = "{driver: simulated, state: ./tpm}") {
      await mkdir(at(name));
      await writeFile(at(name, "profile.yaml"), profileText(shipped, tpm, "../root/trust/root.record"));
      const files = ["--profile", at(name, "profile.yaml"), "--out", at(name, "request.yaml")];
      const said = await done("authority", "request", ...files, "--json");
      return (JSON.parse(said) as { readonly ekHash: string }).ekHash;
    },
    async list(name, names, ...rows) {
      await writeFile(at(name), [names, ...rows, ""].join("\n"));
      return at(name);
    },
    enroll(list, out, ...more) {
      const files = ["--csv", list, "--profile", at("fleet.yaml"), "--scope", at("grant.yaml"), "--out", out];
      return command("fleet", "enroll", "--authority", at("root"), ...secret, ...files, ...more);
    },
    init(host, from = at("out", `${host}.enroll`), ...more) {
      return command("init", "--profile", at(host, "profile.yaml"), "--enroll", from, ...more);
    },
    close: () => rm(base, { recursive: true, force: true }),
  };
}

/** A shipped profile with this TPM, its state beside it, and this root. */
function profileText(shipped: string, tpm: string, root: string): string {
  const own = shipped
    .replace(/^name: .*$/m, "name: any")
    .replace(/^state: .*$/m, "state: ./state")
    .replace(/^tpm:.*\n(?: .*\n)*/m, `tpm: ${tpm}\n`)
    .replace(/^trust:.*\n(?: .*\n)*/m, `trust: [${root}]\n`)
    .replace(/^documents:.*\n(?: .*\n)*/m, "documents: []\n");
  for (const part of [tpm, `[${root}]`, "state: ./state", "documents: []"])
    if (!own.includes(part)) throw new Error(`the shipped profile takes ${part}`);
  return own;
}

async function command(...words: readonly string[]): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  process.exitCode = undefined;
  const program = new Command("spectrum-agent").exitOverride();
  for (const each of [authority, fleet, init]) each.register(program);
  try {
    await program.parseAsync([...words], { from: "user" });
    return { ...said, exit: Number(process.exitCode ?? 0) };
  } catch (error) {
    if (error instanceof PortError) return { ...said, stderr: said.stderr + error.message, exit: error.code };
    if (error instanceof CommanderError) return { ...said, exit: 2 };
    throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}
