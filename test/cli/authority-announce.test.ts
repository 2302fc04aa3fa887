/** `authority announce` at a real mosquitto: what the broker keeps while a directive stands, what is cleared, what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../../src/agent/pause.ts";
import { systemSurroundings } from "../../src/compose/compose.ts";
import { isUp } from "../../src/compose/mesh-up.ts";
import { openMesh } from "../../src/compose/open-ports.ts";
import { preemptionFilter, recognitionFilter, statusFilter } from "../../src/core/wire/topic.ts";
import { type CommandResult, runCommand } from "../support/agent-process.ts";
import { grantFile, licenceFile } from "../support/authority-desk.ts";
import { ensureBuilt } from "../support/built.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../support/mosquitto.ts";

const TEST_MS_MAX = 120_000;
const missing = hasMosquitto() ? "" : " (mosquitto is not installed)";
const LISTENER = new Uint8Array(32).fill(7);
let base = "";
let broker: Mosquitto | null = null;
const at = (name: string): string => join(base, name);
const authority = (...args: readonly string[]): Promise<CommandResult> => runCommand(["authority", ...args]);
const secret = (): readonly string[] => ["--passphrase-file", at("passphrase")];

beforeAll(async () => {
  ensureBuilt("dist/src/main.js");
  base = mkdtempSync(join(tmpdir(), "cli-announce-test-"));
  writeFileSync(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  writeFileSync(at("licence.yaml"), licenceFile({ verbs: "allocate, acquire, issue, preempt" }));
  const made = ["--out", at("root"), "--owner", "Root Ltd", ...secret(), "--licence", at("licence.yaml")];
  expect(await authority("init", ...made)).toMatchObject({ code: 0, stderr: "" });
  const theirs = ["--out", at("theirs"), "--owner", "Abroad Ltd", ...secret()];
  const licence = ["--licence", at("licence.yaml")];
  expect(await authority("init", ...theirs, ...licence)).toMatchObject({ code: 0, stderr: "" });
  if (missing === "") broker = await startMosquitto();
}, TEST_MS_MAX);
afterAll(async () => {
  await broker?.close();
  rmSync(base, { recursive: true, force: true });
});

/** Topics that a broker keeps, each with the length of its message. */
async function kept(port: number): Promise<readonly (readonly [topic: string, bytes: number])[]> {
  const around = systemSurroundings("error");
  const place = { url: `mqtt://127.0.0.1:${port}`, caPath: null, certPath: null, keyPath: null };
  const mesh = await openMesh(
    { mesh: { ...place, driver: "mqtt", rangeRings: 0, isEnrolled: false } },
    around,
    LISTENER,
  );
  const found: (readonly [string, number])[] = [];
  mesh.listen((event) => {
    if (event.kind === "message" && event.message.retain)
      found.push([event.message.topic, event.message.bytes.length]);
  });
  await mesh.subscribe([statusFilter(), recognitionFilter(), preemptionFilter()]);
  await isUp(mesh, around.clock, 5_000_000);
  await pause(around.clock, 1_000_000);
  await mesh.close();
  return found;
}

describe.skipIf(missing !== "")(`an authority at a broker${missing}`, () => {
  test(
    "has it keep snapshot and policy, a directive with all that it stands on, and nothing of it once it is over",
    async () => {
      const port = broker?.port ?? 0;
      const url = `mqtt://127.0.0.1:${port}`;
      const tell = (): Promise<CommandResult> =>
        authority("announce", "--authority", at("root"), "--broker", url, "--json");
      const before = await tell();
      expect(before).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(before.stdout)).toMatchObject({ directives: 0, cleared: 0 });
      expect((await kept(port)).map(([topic]) => topic.split("/")[2])).toEqual(
        expect.not.arrayContaining(["preemption"]),
      );

      const band = ["--lower", "433.05MHz", "--upper", "434MHz", "--for", "4s", "--cause", "incumbent"];
      const out = ["--out", at("directive.record")];
      const made = await authority("preempt", "--authority", at("root"), ...secret(), ...band, ...out);
      expect(made).toMatchObject({ code: 0, stderr: "" });
      const told = await tell();
      expect(JSON.parse(told.stdout)).toMatchObject({ directives: 1, cleared: 0 });
      const standing = (await kept(port)).filter(([topic]) => topic.includes("/preemption/"));
      // Its author's inception, its author's credential, and itself.
      expect(standing).toHaveLength(3);
      expect(standing.every(([, bytes]) => bytes > 100)).toBe(true);

      await new Promise((resolve) => setTimeout(resolve, 4_500));
      expect(JSON.parse((await tell()).stdout)).toMatchObject({ directives: 0, cleared: 3 });
      expect((await kept(port)).filter(([topic]) => topic.includes("/preemption/"))).toEqual([]);
      expect((await kept(port)).filter(([topic]) => topic.includes("/status/")).length).toBeGreaterThan(0);
    },
    TEST_MS_MAX,
  );
});

describe.skipIf(missing !== "")(`an authority that recognises a root${missing}`, () => {
  test(
    "has the broker keep the recognition with its own key and credential, until it takes it back",
    async () => {
      const port = broker?.port ?? 0;
      const url = `mqtt://127.0.0.1:${port}`;
      const tell = async (): Promise<unknown> => {
        const told = await authority("announce", "--authority", at("root"), "--broker", url, "--json");
        expect(told).toMatchObject({ code: 0, stderr: "" });
        return JSON.parse(told.stdout);
      };
      const standing = async (): Promise<number> =>
        (await kept(port)).filter(([topic, bytes]) => topic.includes("/recognition/") && bytes > 100).length;
      writeFileSync(at("terms.yaml"), grantFile({ classes: "bench" }));
      const terms = [
        "--root",
        at("theirs/trust/root.record"),
        "--scope",
        at("terms.yaml"),
        "--level",
        "user",
      ];
      const out = ["--verbs", "acquire", "--out", at("given.record"), "--json"];
      const made = await authority("recognise", "--authority", at("root"), ...secret(), ...terms, ...out);
      expect(made).toMatchObject({ code: 0, stderr: "" });
      const { recognition: id } = JSON.parse(made.stdout) as { readonly recognition: string };
      expect(await tell()).toMatchObject({ recognitions: 1 });
      // Its author's inception, its author's credential, and itself.
      expect(await standing()).toBe(3);

      const gone = ["--out", at("status.record"), id.slice(0, 16)];
      expect(await authority("revoke", "--authority", at("root"), ...secret(), ...gone)).toMatchObject({
        code: 0,
      });
      expect(await tell()).toMatchObject({ recognitions: 0 });
      expect(await standing()).toBe(0);
    },
    TEST_MS_MAX,
  );
});

test.each([
  ["a URL of another protocol", ["--broker", "http://127.0.0.1:1"], 2, "--broker http://127.0.0.1:1"],
  ["what is no URL", ["--broker", "nowhere"], 2, "--broker nowhere"],
  ["mqtts without who signed", ["--broker", "mqtts://127.0.0.1:1"], 2, "--ca"],
  [
    "a key without its certificate",
    ["--broker", "mqtts://127.0.0.1:1", "--ca", "x", "--key", "y"],
    2,
    "--cert",
  ],
  ["a broker that does not answer", ["--broker", "mqtt://127.0.0.1:1"], 75, "mesh-down"],
])(
  "refuses %s",
  async (_, flags, code, said) => {
    const refusal = await authority("announce", "--authority", at("root"), ...flags);
    expect(refusal.code).toBe(code);
    expect(refusal.stderr).toContain(said);
  },
  TEST_MS_MAX,
);
