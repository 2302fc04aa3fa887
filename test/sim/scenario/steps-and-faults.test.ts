/** Every step and every fault of a scenario does what its word says, with all invariants on. */
import { describe, expect, test } from "vitest";
import { FAULT_NAMES, FAULTS } from "../../../src/profile/scenario-words.ts";
import { failures, play, scenarioOf } from "../../support/scenario-file.ts";

type Parts = {
  readonly steps?: string;
  readonly faults?: string;
  readonly breaks?: string;
  readonly expectations: string;
  /** Of the agent `taker`. */
  readonly taker?: string;
  readonly duration?: string;
};

function story({
  steps = "[]",
  faults = "[]",
  breaks = "[]",
  expectations,
  taker = "",
  duration = "40s",
}: Parts) {
  return scenarioOf(`schema: spectrum-agent.scenario/1
name: story
about: a test
duration: ${duration}
policy: bench-cabled
commodity: spectrum-block
breaks: ${breaks}
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}${taker}}
steps: ${steps}
faults: ${faults}
expectations: ${expectations}
`);
}

const byHand = ", accepts: []";
const accept = "{name: buy, at: 5s, agent: taker, do: accept, resource: bench-433}";

describe("a step", () => {
  test("accept takes the latest offer of the resource, and nothing is taken before it", async () => {
    const scenario = story({
      taker: byHand,
      steps: `[${accept}]`,
      expectations: `
  - {name: silent before, never: {emissions: any}, until: 4s}
  - {name: settled after, expect: {settled: bench-433, at-most: 1, at-least: 1}, within: 2s, after: buy}
  - {name: on the air, expect: {agent: taker, radio: "on"}, within: 2s, after: buy}`,
    });
    expect(failures(await play(scenario))).toEqual([]);
  }, 60_000);

  test("accept of what nobody offered, or by an agent that is down, is refused by its id", async () => {
    const scenario = story({
      taker: byHand,
      steps: `
  - {name: nothing, at: 5s, agent: taker, do: accept, resource: no-such}
  - {name: down, at: 12s, agent: taker, do: accept}`,
      faults: "[{at: 10s, fault: kill, host: taker, for: 5s}]",
      expectations: `
  - {name: unknown, expect: {agent: taker, refused: offer-unknown}, within: 1s, after: nothing}
  - {name: down, expect: {agent: taker, refused: step-agent-down}, within: 1s, after: down}
  - {name: nothing settled, never: {settled: any}}`,
    });
    expect(failures(await play(scenario))).toEqual([]);
  }, 60_000);

  test("insist sends an acceptance that the taker's own check refuses, and the holder refuses it", async () => {
    const scenario = story({
      taker: byHand,
      steps: `
  - {name: own, at: 8s, agent: taker, do: accept, resource: bench-433}
  - {name: sent, at: 9s, agent: taker, do: accept, resource: bench-433, insist: true}`,
      faults: "[{at: 3s, fault: spoof-unnoticed, host: taker, north: 150m}]",
      expectations: `
  - {name: no record of the first, expect: {agent: taker, records: acceptance, at-most: 0}, at: 8900ms}
  - {name: its own check, expect: {agent: taker, refused: outside-spatial-window}, at: 8500ms}
  - {name: the holder's refusal, expect: {agent: lender, refused: outside-spatial-window}, within: 2s, after: sent}`,
    });
    expect(failures(await play(scenario))).toEqual([]);
  }, 60_000);

  test.each([
    ["relinquish", "taker", "relinquished", "relinquishment"],
    ["terminate", "lender", "terminated", "lease-termination"],
  ])(
    "%s by the %s ends the lease as %s, and the radio is off",
    async (verb, agent, _phase, record) => {
      const scenario = story({
        taker: byHand,
        steps: `[${accept}, {name: end, at: 15s, agent: ${agent}, do: ${verb}}]`,
        expectations: `
  - {name: on before, expect: {agent: taker, radio: "on"}, at: 14s}
  - {name: off, expect: {agent: taker, radio: "off"}, within: 1s, after: end}
  - {name: recorded, expect: {agent: ${agent}, records: ${record}}, within: 1s, after: end}
  - {name: off for good, never: {agent: taker, radio: "on"}, from: 16s}`,
      });
      expect(failures(await play(scenario))).toEqual([]);
    },
    60_000,
  );

  test("withdraw takes the latest offer back, and whoever insists on it is refused", async () => {
    const scenario = story({
      taker: byHand,
      steps: `
  - {name: back, at: 4900ms, agent: lender, do: withdraw, resource: bench-433}
  - {name: buy, at: 5s, agent: taker, do: accept, resource: bench-433, insist: true}`,
      expectations: `
  - {name: withdrawn, expect: {agent: lender, records: withdrawal}, at: 5s}
  - {name: refused, expect: {agent: lender, refused: withdrawn}, within: 2s, after: buy}`,
    });
    expect(failures(await play(scenario))).toEqual([]);
  }, 60_000);

  test("offer issues the agent's offer once more, at that moment", async () => {
    const offers = (at: string, steps: string) =>
      story({
        steps,
        duration: "10s",
        expectations: `[{name: offers, expect: {agent: lender, records: offer, at-least: 2}, at: ${at}}]`,
      });
    const plain = await play(offers("1800ms", "[]"));
    const told = await play(
      offers("1800ms", "[{at: 1500ms, agent: lender, do: offer, resource: bench-433}]"),
    );
    expect(failures(plain)).toEqual([
      "offers: measured lender records offer 1 times, required lender records offer at least 2 times",
    ]);
    expect(failures(told)).toEqual([]);
  }, 60_000);

  test("revoke lets the credential fall in mid-lease: radio off, and the termination names it", async () => {
    const scenario = story({
      steps: "[{name: fall, at: 15s, agent: taker, do: revoke}]",
      expectations: `
  - {name: on before, expect: {agent: taker, radio: "on"}, at: 14s}
  - {name: off, expect: {agent: taker, radio: "off"}, within: 1s, after: fall}
  - {name: terminated, expect: {agent: lender, records: lease-termination}, within: 2s, after: fall}
  - {name: nothing new, never: {settled: any}, from: 16s}`,
    });
    expect(failures(await play(scenario))).toEqual([]);
  }, 60_000);

  test("after a record happens as soon as it is durable, and what never happens fails", async () => {
    const scenario = story({
      steps: "[{name: end, after: {agent: taker, record: actuation-outcome}, agent: taker, do: relinquish}]",
      faults: "[{name: never, after: {agent: taker, record: outage}, fault: kill, host: taker}]",
      duration: "10s",
      expectations: `
  - {name: given up, expect: {agent: taker, records: relinquishment}, at: 3s}
  - {name: waits for what never comes, never: {agent: taker, radio: "on"}, after: never}`,
    });
    expect(failures(await play(scenario))).toEqual([
      "waits for what never comes: measured `never` never happened, required never taker radio on",
    ]);
  }, 60_000);
});

type Seen = {
  readonly keys: string;
  readonly expect: string;
  /** Faults and steps that bring it to light. */
  readonly also?: string;
  readonly steps?: string;
};

const RESTART = ", {name: restart, at: 13s, fault: power-cut, host: taker, for: 1s}";
/** The block is offered and offered, until the radio has obeyed and its owner may take it anew. */
const IDLE = "{agent: lender, records: offer, at-least: 2}";
const GIVE_UP = "[{at: 14s, agent: taker, do: relinquish}]";

/** What a fault needs besides its name, and what of it is seen. */
const seen: Readonly<Record<string, Seen>> = {
  kill: { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "power-cut": { keys: "for: 8s", expect: '{agent: taker, radio: "off"}' },
  freeze: { keys: "for: 8s", expect: '{agent: taker, radio: "off"}' },
  "flush-error": { keys: "", expect: '{agent: taker, radio: "off"}' },
  "write-error": { keys: "", expect: "{agent: taker, ready: false}" },
  "full-disk": { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "slow-disk": { keys: "for: 8s, by: 2s", expect: '{agent: taker, radio: "off"}' },
  "cloned-disk": { keys: "from: lender", expect: "{agent: taker, refused: signer-not-of-log}" },
  "gnss-outage": { keys: "for: 8s", expect: '{agent: taker, radio: "off"}' },
  "gnss-jammed": { keys: "for: 8s", expect: '{agent: taker, radio: "off"}' },
  "gnss-unplugged": { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "spoof-noticed": { keys: "for: 8s, north: 500m", expect: '{agent: taker, radio: "off"}' },
  "spoof-unnoticed": { keys: "for: 8s, north: 500m", expect: '{agent: taker, radio: "off"}' },
  // Out of the block's area after some seconds, and no fix ever jumped.
  "gnss-drift": { keys: "for: 12s, rate: 100m/s", expect: '{agent: taker, radio: "off"}' },
  "wall-step": { keys: "for: 20s, by: 10min", expect: "{agent: taker, records: time-fault}" },
  "tpm-lost": { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "tpm-lockout": { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "key-rolled": { keys: "", expect: "{agent: taker, records: key-rotation}" },
  // What rots shows when the log is read again.
  "rot-tail": { keys: "", also: RESTART, expect: "{agent: taker, quarantine: true}" },
  "rot-old": { keys: "", also: RESTART, expect: "{agent: taker, quarantine: true}" },
  // Of RF that the backup has no end of.
  "backup-put-back": { keys: "taken: 3s", expect: "{agent: taker, records: outage}" },
  "radio-lost": { keys: "for: 8s", expect: '{agent: taker, radio: "off"}' },
  "radio-slow": { keys: "for: 8s, by: 6s", steps: GIVE_UP, expect: IDLE },
  "radio-stuck": { keys: "for: 8s", steps: GIVE_UP, expect: "{broken: silent-by-transmit-expiry}" },
  "sells-twice": { keys: "for: 8s", expect: "{agent: lender, records: offer}" },
  "cut-off": { keys: "for: 8s", expect: "{agent: taker, ready: false}" },
  "broker-restart": { keys: "for: 8s", expect: "{agent: lender, ready: false}" },
  partition: { keys: "for: 8s, groups: [[lender], [taker]]", expect: '{agent: taker, radio: "off"}' },
  loss: { keys: "for: 8s, share: 100%", expect: '{agent: taker, radio: "off"}' },
  late: { keys: "for: 20s, by: 9s", expect: '{agent: taker, radio: "off"}' },
};

/** What is said twice, and a clock that is one part in a hundred off, change nothing at once: they are looked at below. */
const visible = FAULT_NAMES.filter((name) => name !== "replay" && name !== "oscillator-off");
/** A dishonest holder, and transmitters that do not obey. */
const BREAKS = "[block-let-once, one-emission-a-block, silent-by-transmit-expiry, rf-only-inside-a-lease]";
const STRUCK_US = 12_000_000;

describe("a fault", () => {
  test.each(visible)(
    "%s is seen within ten seconds, and is not seen without it",
    async (name) => {
      const {
        keys,
        expect: condition,
        also = "",
        steps = "[]",
      } = seen[name] ?? {
        keys: "",
        expect: "none is written",
      };
      const host =
        FAULTS[name].strikes === "mesh" ? "" : `, host: ${name === "sells-twice" ? "lender" : "taker"}`;
      const more = keys === "" ? "" : `, ${keys}`;
      const parts = { breaks: BREAKS, duration: "45s", steps };
      const scenario = story({
        ...parts,
        faults: `[{name: struck, at: 12s, fault: ${name}${host}${more}}${also}]`,
        expectations: `[{name: seen, expect: ${condition}, within: 10s, after: struck}]`,
      });
      expect(failures(await play(scenario))).toEqual([]);
      const nothing = scenario.faults.map((fault) =>
        fault.name === "struck" ? { ...fault, fault: "late" as const, host: "", byUs: 0 } : fault,
      );
      const without = await play({ ...scenario, faults: nothing });
      expect(scenario.faults[0]?.moment).toEqual({ kind: "at", atUs: STRUCK_US });
      expect(without.results.map(({ passed }) => passed)).toEqual([false]);
      expect(without.breach).toBeNull();
    },
    60_000,
  );

  test("oscillator-off moves the end of a holdover: a fast clock falls silent early, a slow one late", async () => {
    const silentUs = async (drift: string): Promise<number> => {
      const off = `{at: 10s, fault: oscillator-off, host: taker, drift: ${drift}}`;
      const scenario = story({
        faults: `[${off}, {at: 12s, fault: gnss-jammed, host: taker, for: 20s}]`,
        expectations:
          '[{name: jammed, expect: {agent: taker, radio: "off"}, within: 9s, after: gnss-jammed}]',
      });
      const report = await play(scenario);
      expect(failures(report)).toEqual([]);
      return report.results[0]?.atUs ?? 0;
    };
    const [fast, right, slow] = [
      await silentUs("10000ppm"),
      await silentUs("0ppm"),
      await silentUs("-10000ppm"),
    ];
    expect(fast).toBeLessThan(right);
    expect(slow).toBeGreaterThan(right);
  }, 60_000);
});
