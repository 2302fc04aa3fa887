/** A start without the log's end is followed by a quarantine in full, whatever happens in between (PROTOCOL §2). */
import { describe, expect, test } from "vitest";
import { newChronicle } from "../../src/sim/chronicle.ts";
import { quarantineInvariants } from "../../src/sim/invariants/quarantine-invariants.ts";
import { HOUR_US, scenePolicy, scriptedLineage } from "../support/scripted-authority.ts";
import { quickKeys } from "../support/scripted-keys.ts";
import { watchedWorld } from "../support/watched-world.ts";

const HOST = "holder-0";

function quarantined() {
  const lineage = scriptedLineage(quickKeys(), HOST);
  const world = { nowUs: 0, mayForget: false };
  const chronicle = newChronicle();
  const [invariant] = quarantineInvariants(
    watchedWorld({ chronicle, utcUs: () => world.nowUs, mayForget: () => world.mayForget }),
  );
  const end = { confirmed: false, witness: null, reason: "" };
  return {
    world,
    begin: (isClean: boolean) => invariant?.began?.(HOST, isClean),
    signEnd: () => invariant?.appended?.(HOST, lineage.write("quarantine-end", end) as never, "agent"),
    sign: () => invariant?.appended?.(HOST, lineage.write("policy", scenePolicy) as never, "agent"),
  };
}

describe("after an unclean start", () => {
  test("nothing but a quarantine's end is signed, and that not early", () => {
    const early = quarantined();
    early.begin(false);
    expect(early.sign).toThrow("signed a policy 0 us after a start without its log's end");
    expect(early.signEnd).toThrow("signed a quarantine-end 0 us after");
    const late = quarantined();
    late.begin(false);
    late.world.nowUs = HOUR_US;
    expect(late.signEnd).not.toThrow();
    expect(late.sign).not.toThrow();
  });

  test("a clean one begins the wait anew, unless an older disk was put back", () => {
    const again = quarantined();
    again.begin(false);
    again.world.nowUs = HOUR_US;
    again.begin(true);
    expect(again.signEnd).toThrow("signed a quarantine-end 0 us after");
    const old = quarantined();
    old.begin(false);
    old.world.mayForget = true;
    old.begin(true);
    expect(old.sign).not.toThrow();
  });
});

test("a clean start is no quarantine", () => {
  const clean = quarantined();
  clean.begin(true);
  expect(clean.sign).not.toThrow();
});
