/** What a scenario file may not say: each finding with line, column and what is allowed (issue: bad input, exit 78). */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainCode } from "../../src/core/base/codes.ts";
import { loadPolicy } from "../../src/profile/load.ts";
import type { ProfileError } from "../../src/profile/profile-error.ts";
import { FAULT_NAMES, FAULTS, INVARIANTS } from "../../src/profile/scenario-words.ts";
import { shippedFile } from "../../src/profile/shipped-file.ts";
import type { Watched } from "../../src/sim/invariants/invariant.ts";
import { worldInvariants } from "../../src/sim/invariants/world-invariants.ts";
import { loadText, scenarioOf } from "../support/scenario-file.ts";
import { placeOf } from "./every-key.ts";

const SOUND = `schema: spectrum-agent.scenario/1
name: sound
about: a test
duration: 60s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {east: 1m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}}
steps:
  - {at: 10s, agent: taker, do: relinquish}
faults:
  - {at: 20s, fault: gnss-outage, host: taker, for: 5s}
expectations:
  - {name: one, expect: {agent: taker, radio: "on"}, at: 5s}
  - {name: two, expect: {agent: taker, radio: "off"}, within: 2s, after: relinquish}
  - {name: three, never: {agent: taker, radio: "on"}, from: 12s, until: 14s}
`;

function errorsOf(text: string): readonly ProfileError[] {
  const loaded = loadText(text);
  return loaded.ok ? [] : loaded.errors;
}

/** The sound file with one text in place of another. */
function changed(from: string, to: string): string {
  expect(SOUND.split(from)).toHaveLength(2);
  return SOUND.replace(from, to);
}

test("a sound scenario is read, its times from the start in microseconds", () => {
  const scenario = scenarioOf(SOUND);
  expect(scenario).toMatchObject({ name: "sound", seed: 1, durationUs: 60_000_000, breaks: [], links: [] });
  expect(scenario.steps).toEqual([
    {
      name: "relinquish",
      moment: { kind: "at", atUs: 10_000_000 },
      agent: "taker",
      verb: "relinquish",
      resource: "",
      insist: false,
      lastsUs: null,
      cause: "unstated",
    },
  ]);
  expect(scenario.agents[1]).toMatchObject({ track: [{ atUs: 0, northMm: 5_000, eastMm: 0 }], real: [] });
  expect(scenario.expectations.map(({ kind }) => kind)).toEqual(["expect", "within", "never"]);
});

/** What is changed, into what, the finding's id, the text at which it stands, and a part of what is allowed. */
const slips: readonly (readonly [string, string, string, string, string])[] = [
  ["at: 10s, agent", "at: 60s, agent", "time-impossible", "60s, agent", "before 1 min"],
  ["at: 10s, agent", "at: 10, agent", "unit-missing", "10, agent", "a duration such as"],
  ["at: 10s, agent", "at: 10m, agent", "unit-unknown", "10m, agent", "a duration such as"],
  ["for: 5s", "for: 50s", "time-impossible", "50s}", "at most 40 s"],
  ["within: 2s", "within: 51s", "time-impossible", "51s, after", "at most 50 s"],
  ["until: 14s", "until: 11s", "time-impossible", "11s}", "after `from`"],
  ["until: 14s", "until: 2min", "time-impossible", "2min}", "at most 1 min"],
  [
    'radio: "on"}, at: 5s}',
    'radio: "on"}, at: 61s}',
    "time-impossible",
    "61s}",
    "at most 1 min, when the scenario ends",
  ],
  [
    "profile: bench-holder",
    "profile: bench-hodler",
    "profile-unknown",
    "bench-hodler",
    "bench-holder | bench-radio",
  ],
  ["profile: bench-holder", "profile: ./no.yaml", "profile-unknown", "./no.yaml", "bench-holder"],
  ["north: 5m", "north: 5", "unit-missing", "5}}", "a length such as 250m"],
  ["do: relinquish", "do: suspend", "step-not-yet", "suspend", "offer | withdraw | accept"],
  ["do: relinquish", "do: preempt", "step-unfit", "preempt", "preempt by a holder"],
  ["do: relinquish", "do: relinquish, for: 5s", "fields-conflict", "5s", "no `for` with relinquish"],
  ["do: relinquish", "do: relinqish", "field-choice", "relinqish", "offer | withdraw | accept"],
  ["do: relinquish", "do: terminate", "step-unfit", "terminate", "terminate by a holder"],
  ["agent: taker, do", "agent: taken, do", "name-unknown", "taken, do", "lender | taker"],
  ["host: taker", "host: nobody", "name-unknown", "nobody, for", "lender | taker"],
  ["after: relinquish", "after: relinquished", "name-unknown", "relinquished}", "relinquish | gnss-outage"],
  [
    "fault: gnss-outage, host: taker, for: 5s",
    "fault: cloned-disk, host: taker, from: taker",
    "field-twice",
    "taker}",
    "another agent than the host",
  ],
  [
    "fault: gnss-outage, host: taker",
    "fault: broker-restart, host: taker",
    "fields-conflict",
    "taker, for",
    "no `host`",
  ],
  [
    "fault: gnss-outage",
    "fault: flush-error",
    "fields-conflict",
    "5s}",
    "no `for`: flush-error strikes once",
  ],
  ["fault: gnss-outage", "fault: sells-twice", "step-unfit", "taker, for", "a holder"],
  [
    "fault: gnss-outage, host: taker",
    "fault: radio-lost, host: lender",
    "step-unfit",
    "lender, for",
    "a consumer",
  ],
  [
    "fault: gnss-outage, host: taker",
    "fault: radio-slow, host: taker",
    "fields-conflict",
    "{at: 20s",
    "`by` with radio-slow",
  ],
  [
    "host: taker, for: 5s",
    "host: taker, for: 5s, drift: 5ppm",
    "fields-conflict",
    "5ppm",
    "no `drift` with gnss-outage",
  ],
  [
    "fault: gnss-outage, host: taker",
    "fault: oscillator-off, drift: 5%, host: taker",
    "unit-unknown",
    "5%",
    "a ratio such as 2.5ppm",
  ],
  [
    "fault: gnss-outage, host: taker",
    "fault: oscillator-off, drift: 20000ppm, host: taker",
    "field-range",
    "20000ppm",
    "-10000 ppm to 10000 ppm",
  ],
  ["fault: gnss-outage", "fault: rot-tail", "fields-conflict", "5s}", "no `for`: rot-tail strikes once"],
  [
    "fault: gnss-outage, host: taker, for: 5s",
    "fault: backup-put-back, host: taker, taken: 20s",
    "time-impossible",
    "20s}",
    "before 20 s, when it is put back",
  ],
  [
    "fault: gnss-outage, host: taker",
    "fault: slow-disk, host: taker",
    "fields-conflict",
    "{at: 20s",
    "`by` with slow-disk",
  ],
  [
    "role: consumer, profile: bench-radio",
    "role: consumer, profile: bench-holder",
    "fields-conflict",
    "bench-holder, place: {north",
    "a profile with a radio",
  ],
  ["policy: bench-cabled", "policy: bench-cable", "field-choice", "bench-cable", "bench-cabled"],
  ["at: 5s}", "at: 5s, within: 1s}", "fields-conflict", "5s, within", "either `at`, or `within`"],
  [
    '{agent: taker, radio: "on"}, at: 5s',
    '{radio: "on"}, at: 5s',
    "fields-conflict",
    '{radio: "on"}',
    "the name of an agent",
  ],
  [
    '{agent: taker, radio: "on"}, at: 5s',
    "{refused: no-such-id}, at: 5s",
    "field-choice",
    "no-such-id",
    "spectrum-agent explain",
  ],
  [
    '{agent: taker, radio: "on"}, at: 5s',
    "{audit: any}, at: 5s",
    "fields-conflict",
    "any}, at",
    "the audit is made at the end",
  ],
  [
    '{agent: taker, radio: "on"}, at: 5s',
    "{broken: block-let-once}, at: 5s",
    "name-unknown",
    "block-let-once",
    "one of `breaks`",
  ],
];

describe("a slip is told with its line, its column and what is allowed", () => {
  test.each(slips)("%s → %s: %s", (from, to, code, where, allowed) => {
    const text = changed(from, to);
    const errors = errorsOf(text);
    const found = errors.find((each) => each.code === code);
    expect(errors.map((each) => each.code)).toContain(code);
    expect(found?.allowed).toContain(allowed);
    expect({ line: found?.line, column: found?.column }).toEqual(placeOf(text, where));
    expect(explainCode(code)?.exit).toBe(78);
  });
});

test("a fault on a device that the profile does not simulate is refused, and the driver named", () => {
  const text = changed("profile: bench-radio", "profile: real-radio");
  const found = errorsOf(text).find(({ code }) => code === "device-not-simulated");
  expect(found?.found).toMatch(/^gnss-outage on (gpsd|nmea-serial)$/);
  expect(found?.allowed).toBe("a host whose `gnss` is simulated");
  expect({ line: found?.line, column: found?.column }).toEqual(placeOf(text, "gnss-outage"));
  // What the simulation itself is made of can break on any host.
  expect(errorsOf(text.replace("gnss-outage", "power-cut"))).toEqual([]);
});

describe("on real drivers", () => {
  const real = (text: string, folder: string | null = null) => loadText(text, { folder });

  test("a fault of a real device may stand, since it will be skipped; every other slip is told", () => {
    const text = changed("profile: bench-radio", "profile: real-radio");
    expect(real(text)).toMatchObject({ ok: true, scenario: { faults: [{ fault: "gnss-outage" }] } });
    const late = real(text.replace("at: 20s", "at: 90s"));
    expect(late.ok ? [] : late.errors.map(({ code }) => code)).toEqual(["time-impossible"]);
  });

  test("a folder's AGENT.yaml stands in the place of the profile that the file names for that agent alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "scenario-devices-"));
    const shipped = new URL("../../profiles/devices/", import.meta.url).pathname;
    copyFileSync(`${shipped}real-radio.yaml`, join(folder, "taker.yaml"));
    const loaded = real(SOUND, folder);
    const agents = loaded.ok ? loaded.scenario.agents : [];
    expect(agents.map((each) => [each.name, each.profile.name, each.real])).toEqual([
      ["lender", "bench-holder", []],
      ["taker", "real-radio", ["tpm", "gnss"]],
    ]);
    writeFileSync(join(folder, "lender.yaml"), "schema: spectrum-agent.profile/1\nname: 5\n");
    const broken = real(SOUND, folder);
    expect(broken.ok ? [] : broken.errors).toMatchObject([
      { code: "profile-unknown", path: "agents[0].profile", allowed: expect.stringContaining(folder) },
    ]);
    rmSync(folder, { recursive: true });
  });
});

test("a hint shares a letter with what it stands for", () => {
  const text = changed("host: taker", "host: x").replaceAll("taker", "t");
  const found = errorsOf(text).map(({ hint }) => hint);
  expect(found).toEqual([""]);
});

test("names stand once: agents, and steps with faults", () => {
  expect(errorsOf(changed("name: taker", "name: lender")).map(({ code }) => code)).toContain("field-twice");
  expect(errorsOf(changed("fault: gnss-outage", "name: relinquish, fault: gnss-outage"))).toMatchObject([
    { code: "field-twice", path: "faults[0]" },
  ]);
});

test("the invariants that a story may break are those that every run is held to", () => {
  const loaded = loadPolicy(shippedFile("profiles/policies/bench-cabled.yaml"));
  if (!loaded.ok) throw new Error("the shipped policy loads");
  const { body: policy } = loaded.policy;
  const names = worldInvariants({ policy } as Watched).map(({ name }) => name);
  expect([...INVARIANTS].sort()).toEqual(names.sort());
});

test("every fault that needs a device is one of the receiver's, the TPM's or the transmitter's", () => {
  for (const name of FAULT_NAMES) {
    const { device, role } = FAULTS[name];
    const found = [/^(gnss|spoof)/, /^(tpm|key)/, /^radio/].map((each) => each.test(name));
    expect([name, device]).toEqual([name, (["gnss", "tpm", "radio"] as const)[found.indexOf(true)] ?? null]);
    if (device === "radio") expect([name, role]).toEqual([name, "consumer"]);
  }
});
