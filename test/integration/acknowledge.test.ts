/**
 * The word from above, from end to end: two agents settle over a real broker under a class that asks for it, and the radio
 * is silent until the desk has verified the lease from an exported bundle and announced that it has it in hand.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/compose/bundles.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { recordOfBytes } from "../../src/core/record/record-of-bytes.ts";
import { runCommand } from "../support/agent-process.ts";
import { authorityDone, grantFile, licenceFile } from "../support/authority-desk.ts";
import { enrolFleet, type Fleet, fleetMissing, SHORT_POLICY, type Template } from "../support/fleet.ts";
import { SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";
import { primitives } from "../support/lineage-builder.ts";
import { runSection } from "../support/readme-section.ts";

const title = (text: string): string => (fleetMissing === null ? text : `${text} (${fleetMissing})`);
/** Of the class: how its leases fall silent, and now who stands above them. */
const OVERSEEN = ["holdover", "5s\n    oversight: {level: regulator, duty: acknowledged}"] as const;
const SILENT_MS = 3_000;

let template: Template;
let work = "";
const at = (...parts: readonly string[]): string => join(work, ...parts);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];
const inFleet = stage(() => template);

async function enrol(folder: string): Promise<void> {
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  await writeFile(at("licence.yaml"), licenceFile());
  await writeFile(at("grant.yaml"), grantFile());
  const root = ["--licence", at("licence.yaml"), "--policy", join(folder, "policy.yaml")];
  await authorityDone("init", "--out", at("desk"), "--owner", "Regulator", ...secret(), ...root);
  const documents = join(folder, "bench", "documents");
  for (const [name, ...rights] of [
    ["holder", "--level", "licensee", "--verbs", "allocate", "acquire", "--exclusive"],
    ["consumer", "--level", "user", "--verbs", "acquire"],
  ] as const) {
    const profile = join(folder, name, "profile.yaml");
    await authorityDone("request", "--profile", profile, "--out", at(`${name}.yaml`));
    const files = ["--request", at(`${name}.yaml`), "--scope", at("grant.yaml")];
    const out = ["--out", join(documents, `${name}.record`)];
    await authorityDone("issue", "--authority", at("desk"), ...secret(), ...files, ...out, ...rights);
  }
  await authorityDone("publish", "--authority", at("desk"), "--out", documents);
  await mkdir(join(folder, "bench", "trust"));
  await cp(at("desk/trust/root.record"), join(folder, "bench/trust/root.record"));
}

/** Its artifact, once it waits for nothing but the word. */
function waiting({ eventually, consumer, holder }: Fleet): Promise<string> {
  return eventually("a lease that is renewed, and whose radio waits", async () => {
    const ours = (await consumer.status())?.leases ?? [];
    const theirs = (await holder.status())?.leases ?? [];
    const lease = ours.find(({ awaits }) => awaits === "acknowledgement");
    const isEffective = theirs.some(
      (each) => each.artifact === lease?.artifact && each.phase === "effective",
    );
    return isEffective ? (lease?.artifact ?? null) : null;
  });
}

beforeAll(async () => {
  if (fleetMissing !== null) return;
  work = await mkdtemp(join(tmpdir(), "acknowledge-end-test-"));
  template = await enrolFleet({ policy: [...SHORT_POLICY, OVERSEEN], enrol });
}, SCENARIO_MS_MAX);
afterAll(async () => {
  await template?.leave();
  if (work !== "") await rm(work, { recursive: true, force: true });
});

describe.skipIf(fleetMissing !== null)(title("a lease that has to be acknowledged"), () => {
  test(
    "is silent until the desk's word has come over the broker, by the commands of profiles/README",
    async () => {
      await mkdir(at("out"));
      const { intervals, consumer } = await inFleet(async ({ fleet }) => {
        fleet.holder.start();
        fleet.consumer.start();
        const artifact = await waiting(fleet);
        await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
        expect(fleet.transmitLog().intervals).toEqual([]);
        const env = {
          RADIO: fleet.consumer.profile,
          OUT: at("out"),
          DESK: at("desk"),
          PASSPHRASE: at("passphrase"),
          BROKER: `mqtt://127.0.0.1:${fleet.broker.port}`,
        };
        const done = await runSection("profiles/README.md", "The word from above", env);
        const verdict = expect.stringContaining(`settlement ${artifact.slice(0, 16)} passed`);
        expect(done).toMatchObject({ code: 0, stderr: "", stdout: verdict });
        expect(done.stdout).toMatch(
          /^\d+ records, 0 standing recognitions, 0 standing directives, 1 acknowledgements, 0 cleared: mqtt:/m,
        );
        expect((await fleet.settled()).artifact).toBe(artifact);
      });
      // Everything of that lease, and of no other: the bundle was written before the word.
      const bundle = await readBundle(at("out/lease.bundle"));
      if (!bundle.ok) throw new Error("no bundle");
      const exported = bundle.value.records.map(({ envelope }) => recordOfBytes(envelope, primitives));
      const kinds = exported.map((each) => (each.ok ? each.value.kind : "unreadable"));
      expect(kinds).toEqual(
        expect.arrayContaining(["settlement", "offer", "acceptance", "policy", "renewal"]),
      );
      expect(kinds).not.toContain("acknowledgement");
      const [word] = consumer.foreign.filter(({ record }) => record.kind === "acknowledgement");
      const said = await readFile(at("out/word.record"));
      const read = recordOfBytes(new Uint8Array(said), primitives);
      expect(read.ok && toHex(read.value.id)).toBe(word === undefined ? "" : toHex(word.record.id));
      expect(intervals.length).toBeGreaterThan(0);
    },
    SCENARIO_MS_MAX,
  );

  test(
    "goes on by a file that is handed to its agent, where no broker reaches the desk",
    async () => {
      await inFleet(async ({ fleet }) => {
        fleet.holder.start();
        fleet.consumer.start();
        const artifact = await waiting(fleet);
        const [bundle, out] = [at("holder.bundle"), at("holder.record")];
        // The holder has it as well.
        const asked = ["export", artifact, "--profile", fleet.holder.profile, "--out", bundle];
        expect(await runCommand(asked)).toMatchObject({ code: 0, stderr: "" });
        const files = ["--bundle", bundle, "--out", out];
        await authorityDone("acknowledge", artifact, ...files, "--authority", at("desk"), ...secret());
        const handed = await runCommand(["hear", out, "--profile", fleet.consumer.profile]);
        expect(handed).toMatchObject({ code: 0, stderr: "", stdout: "1 records heard\n" });
        expect((await fleet.settled()).artifact).toBe(artifact);
      });
    },
    SCENARIO_MS_MAX,
  );
});
