/** Commands of README and profiles/README, as they stand there, each in one shell that ends at the first failure. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ensureBuilt, repository } from "../support/built.ts";
import { freePort, hasMosquitto, startMosquitto } from "../support/mosquitto.ts";

const MAIN = join(repository, "dist/src/main.js");
const RUN_MS_MAX = 240_000;

beforeAll(() => ensureBuilt("dist/src/main.js"), 120_000);

/** The first shell block of the section that begins with `title`, run as a reader would. */
function runSection(
  file: string,
  title: string,
  env: NodeJS.ProcessEnv = {},
): { readonly block: string; readonly stdout: string } {
  const section = readFileSync(join(repository, file), "utf8")
    .split(/^## /m)
    .find((part) => part.startsWith(title));
  const block = /^```sh\n([\s\S]*?)^```$/m.exec(section ?? "")?.[1] ?? "";
  const npx = `npx() { [ "$1" = spectrum-agent ] || exit 99; shift; "${process.execPath}" "${MAIN}" "$@"; }\n`;
  const { status, stdout, stderr } = spawnSync("bash", ["-euc", `set -o pipefail\n${npx}${block}`], {
    cwd: repository,
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: RUN_MS_MAX,
  });
  expect([status, stderr]).toEqual([0, ""]);
  return { block, stdout };
}

test(
  "issuing, listing, renewing, revoking and rotating work as the README says",
  () => {
    const { block, stdout } = runSection("README.md", "Issuing");
    expect(block.match(/npx spectrum-agent authority [a-z-]+/g)?.length).toBeGreaterThan(10);
    expect(stdout).toMatch(/2 of 3 keys sign\nlicence: asserted, not signed by a regulator\n/);
    expect(stdout).toContain("licensee (allocate acquire), exclusive");
    expect(stdout).toMatch(/revoked [0-9a-f]{16} of Bench; its scope is free again from /);
    expect(stdout).toMatch(/snapshot 3, 1 revoked/);
    expect(stdout).toMatch(/keys\/1 sign from now on, 2 of 3/);
  },
  RUN_MS_MAX,
);

test(
  "enrolling a fleet works as profiles/README says",
  () => {
    const { block, stdout } = runSection("profiles/README.md", "Enrolling a fleet");
    expect(block.match(/npx spectrum-agent (fleet|init)/g)?.length).toBe(3);
    expect(stdout).toMatch(/^2 hosts: /m);
    expect(
      stdout.match(/^host-[12] is enrolled; spectrum-agent run --profile .*enrolled.profile.yaml$/gm)?.length,
    ).toBe(2);
    expect(stdout).toMatch(/enrolled.profile.yaml: agent: sound/);
  },
  RUN_MS_MAX,
);

const missing = hasMosquitto() ? "" : " (mosquitto is not installed)";
test.skipIf(missing !== "")(
  `silencing radios works as profiles/README says${missing}`,
  async () => {
    const broker = await startMosquitto();
    try {
      const env = { BROKER: `mqtt://127.0.0.1:${broker.port}` };
      const { stdout } = runSection("profiles/README.md", "Silencing radios", env);
      expect(stdout).toMatch(/^silence in 1 zones, until .*, cause incumbent: .*directive.record$/m);
      expect(stdout).toMatch(/^\d+ records, 1 standing directives, 0 cleared: mqtt:/m);
    } finally {
      await broker.close();
    }
  },
  RUN_MS_MAX,
);

test.skipIf(missing !== "")(
  `mutual TLS with the enrolled key works as profiles/README says${missing}`,
  async () => {
    const { stdout } = runSection("profiles/README.md", "A broker that knows agents", {
      PORT: String(await freePort()),
    });
    expect(stdout).toMatch(/^a broker at 127[.]0[.]0[.]1: mosquitto -c .*mosquitto[.]conf$/m);
    expect(stdout).toMatch(/^1 agents may speak: /m);
    expect(stdout).toMatch(/^\d+ records, 0 standing directives, 0 cleared: mqtts:/m);
  },
  RUN_MS_MAX,
);
