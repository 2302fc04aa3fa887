/** Commands of a README, as they stand there, in one shell that ends at the first failure. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./built.ts";

const MAIN = join(repository, "dist/src/main.js");
export const RUN_MS_MAX = 240_000;

export type SectionRun = {
  readonly block: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** The first shell block of the section that begins with `title`, run as a reader would. */
export function runSection(file: string, title: string, env: NodeJS.ProcessEnv = {}): Promise<SectionRun> {
  const section = readFileSync(join(repository, file), "utf8")
    .split(/^## /m)
    .find((part) => part.startsWith(title));
  const block = /^```sh\n([\s\S]*?)^```$/m.exec(section ?? "")?.[1] ?? "";
  const npx = `npx() { [ "$1" = spectrum-agent ] || exit 99; shift; "${process.execPath}" "${MAIN}" "$@"; }\n`;
  return new Promise((resolve, reject) => {
    const shell = spawn("bash", ["-euc", `set -o pipefail\n${npx}${block}`], {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: RUN_MS_MAX,
    });
    let [stdout, stderr] = ["", ""];
    shell.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    shell.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    shell.once("error", reject);
    shell.once("close", (code) => resolve({ block, code, stdout, stderr }));
  });
}
