/** The commands of the README's "Issuing credentials", as they stand there, in one shell that ends at the first failure. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ensureBuilt, repository } from "../support/built.ts";

const MAIN = join(repository, "dist/src/main.js");
const RUN_MS_MAX = 240_000;

beforeAll(() => ensureBuilt("dist/src/main.js"), 120_000);

test(
  "issuing, listing, renewing, revoking and rotating work as the README says",
  () => {
    const section = readFileSync(join(repository, "README.md"), "utf8")
      .split(/^## /m)
      .find((part) => part.startsWith("Issuing"));
    const block = /^```sh\n([\s\S]*?)^```$/m.exec(section ?? "")?.[1] ?? "";
    expect(block.match(/npx spectrum-agent authority [a-z-]+/g)?.length).toBeGreaterThan(10);
    const npx = `npx() { [ "$1" = spectrum-agent ] || exit 99; shift; "${process.execPath}" "${MAIN}" "$@"; }\n`;
    const { status, stdout, stderr } = spawnSync("bash", ["-euc", `set -o pipefail\n${npx}${block}`], {
      cwd: repository,
      encoding: "utf8",
      timeout: RUN_MS_MAX,
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/2 of 3 keys sign\nlicence: asserted, not signed by a regulator\n/);
    expect(stdout).toContain("licensee (allocate acquire), exclusive");
    expect(stdout).toMatch(/revoked [0-9a-f]{16} of Bench; its scope is free again from /);
    expect(stdout).toMatch(/snapshot 3, 1 revoked/);
    expect(stdout).toMatch(/keys\/1 sign from now on, 2 of 3/);
  },
  RUN_MS_MAX,
);
