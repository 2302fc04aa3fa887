/**
 * Credentials that mean something, from end to end: a root of two keys out of three, a regional authority below it, two
 * agents with requests of their own; they settle over a real broker, and `verify` accepts what they wrote under that root.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeAuthorityFolder } from "../../src/adapters/authority/node-folder.ts";
import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { exportBundle } from "../../src/compose/bundles.ts";
import type { Frame } from "../../src/ports/store.ts";
import { runCommand } from "../support/agent-process.ts";
import type { AgentLog } from "../support/agent-process-log.ts";
import { authorityDone, grantFile, licenceFile } from "../support/authority-desk.ts";
import { enrolFleet, fleetMissing, SHORT_POLICY, type Template } from "../support/fleet.ts";
import { SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";

const title = (text: string): string => (fleetMissing === null ? text : `${text} (${fleetMissing})`);
const pack = msgpackrEnvelope();

let template: Template;
let work = "";
const inFleet = stage(() => template);

/** Everything that `bench-enrol` would give, by the commands of an authority. */
async function enrol(folder: string): Promise<void> {
  const at = (...parts: readonly string[]): string => join(work, ...parts);
  const secret = ["--passphrase-file", at("passphrase")];
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  await writeFile(at("licence.yaml"), licenceFile({ verbs: "allocate, acquire, issue, audit, preempt" }));
  await writeFile(at("grant.yaml"), grantFile());
  const root = [
    "--licence",
    at("licence.yaml"),
    "--policy",
    join(folder, "policy.yaml"),
    "--keys",
    "3",
    "--threshold",
    "2",
  ];
  await authorityDone(
    "init",
    "--out",
    at("root"),
    "--owner",
    "Root Ltd",
    ...secret,
    ...root,
    "--suite",
    "ed25519",
  );
  await authorityDone("init", "--out", at("region"), "--owner", "Region", ...secret);
  const issue = (from: string, request: string, out: string, ...more: readonly string[]): Promise<string> => {
    const files = ["--request", request, "--scope", at("grant.yaml"), "--out", out];
    return authorityDone("issue", "--authority", at(from), ...secret, ...files, ...more);
  };
  const region = [
    "--level",
    "licensee",
    "--verbs",
    "allocate",
    "acquire",
    "issue",
    "--exclusive",
    "--depth",
    "1",
    "--for",
    "60d",
  ];
  await issue("root", at("region/request.yaml"), at("region.record"), ...region);
  await authorityDone("publish", "--authority", at("root"), "--out", at("above"));
  const credential = [
    "--credential",
    at("region.record"),
    "--trust",
    at("root/trust/root.record"),
    "--documents",
    at("above"),
  ];
  await authorityDone("adopt", "--authority", at("region"), ...secret, ...credential);
  const documents = join(folder, "bench", "documents");
  for (const [name, ...rights] of [
    ["holder", "--level", "licensee", "--verbs", "allocate", "acquire", "--exclusive"],
    ["consumer", "--level", "user", "--verbs", "acquire"],
  ] as const) {
    const profile = join(folder, name, "profile.yaml");
    await authorityDone("request", "--profile", profile, "--out", at(`${name}.yaml`));
    await issue("region", at(`${name}.yaml`), join(documents, `${name}.record`), ...rights);
  }
  await authorityDone("publish", "--authority", at("region"), "--out", documents);
  await mkdir(join(folder, "bench", "trust"));
  await cp(at("root/trust/root.record"), join(folder, "bench/trust/root.record"));
}

async function* framesOf({ own, foreign }: AgentLog): AsyncGenerator<Frame> {
  for (const [seq, { envelope }] of own.entries()) {
    for (const { record } of foreign.filter(({ underSeq }) => underSeq === seq)) {
      yield { kind: "foreign", bytes: pack(record.envelope) };
    }
    yield { kind: "own", bytes: pack(envelope) };
  }
}

async function* authorityFrames(folder: string): AsyncGenerator<Frame> {
  for (const { bytes } of await nodeAuthorityFolder(folder).records()) yield { kind: "own", bytes };
}

beforeAll(async () => {
  if (fleetMissing !== null) return;
  work = await mkdtemp(join(tmpdir(), "authority-end-test-"));
  template = await enrolFleet({ policy: SHORT_POLICY, enrol });
}, SCENARIO_MS_MAX);
afterAll(async () => {
  await template?.leave();
  if (work !== "") await rm(work, { recursive: true, force: true });
});

describe.skipIf(fleetMissing !== null)(title("two agents below a regional authority"), () => {
  test(
    "settle, and the bundle of all four lineages is accepted under the root, and under no other",
    async () => {
      let artifact = "";
      const { holder, consumer } = await inFleet(async ({ fleet }) => {
        fleet.holder.start();
        fleet.consumer.start();
        ({ artifact } = await fleet.settled());
      });
      const bundle = join(work, "end.bundle");
      const authorities = ["root", "region"].map((name) => () => authorityFrames(join(work, name)));
      await exportBundle(bundle, "test", [...authorities, () => framesOf(holder), () => framesOf(consumer)]);
      const verdict = async (
        trust: string,
      ): Promise<{ readonly code: number | null; readonly said: string }> => {
        const { code, stdout } = await runCommand(["verify", bundle, "--trust", trust]);
        return { code, said: stdout };
      };
      const { code, said } = await verdict(join(work, "root/trust/root.record"));
      expect(said).toContain("licence: asserted, not signed by a regulator");
      expect(said).toContain(`settlement ${artifact.slice(0, 16)} `);
      expect([code, said]).toEqual([0, expect.stringMatching(/^(passed|not-checkable): .* 0 failed/)]);
      await writeFile(join(work, "other.record"), await readFile(join(work, "region/records/000000.record")));
      expect((await verdict(join(work, "other.record"))).code).toBe(1);
    },
    SCENARIO_MS_MAX,
  );
});
