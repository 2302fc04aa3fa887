/** Every interleaving of small scopes over the production step, and what is found where a sentence is missing (PROTOCOL §2, §6). */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Exploration } from "../../../src/sim/explore/explore.ts";
import type { Scope } from "../../../src/sim/explore/scope.ts";
import {
  bootBoundAlone,
  bootBoundScopes,
  consumerTrustsItsClock,
  expiryBoundAlone,
  expiryBoundScopes,
  holderTrustsItsClock,
} from "./bounds-alone.ts";
import { type Change, copyOfExplorer, plant } from "./changed-copy.ts";
import { planted } from "./planted-changes.ts";
import { givingUp, lapsing, reletting, restored } from "./scopes.ts";

const folder = mkdtempSync(join(tmpdir(), "explore-"));
const LONG_MS = 600_000;
const STATES_MAX = 1_000_000;
const run = promisify(execFile);
let program = "";

beforeAll(() => {
  program = copyOfExplorer(folder);
}, LONG_MS);

afterAll(() => rmSync(folder, { recursive: true }));

async function explored(scope: Partial<Scope>, statesMax = STATES_MAX): Promise<Exploration> {
  const { stdout } = await run(process.execPath, [program, JSON.stringify(scope), String(statesMax)]);
  return JSON.parse(stdout) as Exploration;
}

async function exploredWith(changes: readonly Change[], scope: Partial<Scope>): Promise<Exploration> {
  const restore = plant(folder, changes);
  try {
    return await explored(scope);
  } finally {
    restore();
  }
}

function expectClosed(found: Exploration, statesMin: number): void {
  expect(found.breach).toBeNull();
  expect(found.isClosed).toBe(true);
  expect(found.states).toBeGreaterThan(statesMin);
}

describe("every interleaving holds the invariants, and the space closes", () => {
  test(
    "two agents and one offer with any one message lost or doubled, crash, reboot or expiry, at any effect",
    async () => {
      const found = await explored({ adverse: 1 });
      expectClosed(found, 10_000);
      expect(found.agreements).toBeGreaterThan(100);
    },
    LONG_MS,
  );

  test(
    "two agents and one offer with any two messages lost or doubled",
    async () => {
      const found = await explored({ adverse: 2, adverseKinds: ["drop", "duplicate"] });
      expectClosed(found, 5_000);
    },
    LONG_MS,
  );

  test.each([
    ["the consumer relinquishes at any moment", { ...givingUp, adverse: 0 }, 200],
    ["the lease lapses while a second consumer asks for the block", { ...lapsing, adverse: 0 }, 200],
    [
      "the holder ends the lease while a second consumer asks for the block",
      { ...reletting, adverse: 0 },
      500,
    ],
    ["the holder starts on a log that lacks what it settled", { ...restored, adverse: 0 }, 100],
    ["two consumers contest one offer", { name: "contested", consumers: 2, adverse: 0 }, 500],
  ] as const)(
    "nothing goes wrong, and %s",
    async (_, scope, statesMin) => expectClosed(await explored(scope), statesMin),
    LONG_MS,
  );
});

describe("a sentence that safety rests on is missed where it is taken away", () => {
  test.each(planted.map((each) => [each.lacks, each] as const))(
    "%s",
    async (_, { changes, scope, foundBy }) => {
      const { breach } = await exploredWith(changes, scope);
      expect(breach?.invariant).toBe(foundBy);
    },
    LONG_MS,
  );
});

describe("each bound of a renewal holds alone, with the other one taken away", () => {
  test.each(bootBoundScopes.map((scope) => [scope.name, scope] as const))(
    "the boot-clock bound, %s",
    async (_, scope) => expectClosed(await exploredWith(bootBoundAlone, { ...scope, adverse: 0 }), 100),
    LONG_MS,
  );

  test.each(expiryBoundScopes.map((scope) => [scope.name, scope] as const))(
    "the expiry bound, %s",
    async (_, scope) => expectClosed(await exploredWith(expiryBoundAlone, { ...scope, adverse: 0 }), 100),
    LONG_MS,
  );

  test(
    "and clocks that are trusted too far are found under each bound, and hidden by the other",
    async () => {
      const trusting = [holderTrustsItsClock, consumerTrustsItsClock];
      // A fast holder and a slow consumer; a consumer whose guard is late.
      const boot = bootBoundScopes.find(({ clocks }) => clocks?.[0]?.ratePermille === 1_010) ?? {};
      const expiry = expiryBoundScopes[0] ?? {};
      const byBoot = await exploredWith([...bootBoundAlone, ...trusting], { ...boot, adverse: 0 });
      const byExpiry = await exploredWith([...expiryBoundAlone, ...trusting], { ...expiry, adverse: 0 });
      const both = await exploredWith(trusting, { ...boot, adverse: 0 });
      expect(byBoot.breach?.invariant).toBe("block-let-once");
      expect(byExpiry.breach?.invariant).toBe("silent-by-transmit-expiry");
      expect(both.breach).toBeNull();
    },
    LONG_MS,
  );
});

const soakStates = Number(process.env["SPECTRUM_EXPLORE_STATES"] ?? 0);

describe("the soak (skipped unless SPECTRUM_EXPLORE_STATES says how many states at most)", () => {
  const scopes: readonly (readonly [string, Partial<Scope>])[] = [
    ["two agents and one offer, any two adverse events", {}],
    ["three agents and one contested offer, any two adverse events", { name: "contested", consumers: 2 }],
  ];
  test.skipIf(soakStates === 0).each(scopes)(
    "%s: no breach, to closure or the bound",
    async (name, scope) => {
      const found = await explored(scope, soakStates);
      const reached = found.isClosed ? "closed" : `the bound of ${soakStates} states was reached, not closed`;
      process.stderr.write(`${name}: ${found.states} states, ${found.events} events, ${reached}\n`);
      expect(found.breach).toBeNull();
    },
    0,
  );
});
