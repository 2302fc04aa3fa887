/** One seed gives one event hash, whichever engine runs it: Node 20 and Node 24. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureBuilt, repository } from "../support/built.ts";

/** Where `test/run` puts it. */
const NODE_24 = join(
  repository,
  "node_modules/.cache/node24/node_modules",
  `node-linux-${process.arch}`,
  "bin/node",
);
const isHere = existsSync(NODE_24) || process.env["SPECTRUM_REQUIRE_REAL"] === "1";

function hashBy(node: string): { readonly hash: string; readonly version: string } {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const world = ["sim", "--seed", "24", "--events", "4000", "--agents", "6", "--until", "4000", "--json"];
  const { stdout } = spawnSync(node, [join(repository, "dist/src/main.js"), ...world], { encoding: "utf8" });
  return { version, hash: (JSON.parse(stdout) as { readonly hash: string }).hash };
}

test.skipIf(!isHere)(
  `the simulation's event hash is the same on this Node and on Node 24${isHere ? "" : " (skipped: Node 24 is not beside the project; test/run installs it)"}`,
  () => {
    ensureBuilt("dist/src/main.js");
    const [own, other] = [hashBy(process.execPath), hashBy(NODE_24)];
    expect(other.version).toMatch(/^v24\./);
    expect(own.version).not.toBe(other.version);
    expect(other.hash).toBe(own.hash);
  },
  120_000,
);
