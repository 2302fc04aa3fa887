/** What every radio promises (src/ports/radio.ts), asked of a real one. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../src/ports/clock.ts";
import type { Emission, Radio, RadioEvent } from "../../src/ports/radio.ts";

export type RadioUnderTest = {
  readonly radio: Radio;
  readonly clock: Clock;
  /** Runs whatever the radio's surroundings need to be gone. The radio is closed by then. */
  leave(): Promise<void>;
};

let nextId = 1;

/** 32 bytes that no other call returned. */
function freshId(): Uint8Array {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(28, nextId++);
  return id;
}

export function conformsToRadio(open: () => Promise<RadioUnderTest>): void {
  let at: RadioUnderTest;
  let radio: Radio;
  let emission: Emission;
  const ahead = (us: number): number => at.clock.read().bootUs + us;
  beforeEach(async () => {
    at = await open();
    radio = at.radio;
    const lowerHz = radio.capabilities.lowestHz + 1_000_000;
    emission = {
      lowerHz,
      upperHz: lowerHz + 25_000,
      eirpCentiDbm: radio.capabilities.powerMaxCentiDbm - 100,
      dutyCycles: [],
    };
  });
  afterEach(async () => {
    await radio.close();
    await at.leave();
  });

  test("is silent when it is opened", async () => {
    expect(await radio.readBack()).toMatchObject({
      on: false,
      emission: null,
      lease: null,
      deadlineBootUs: null,
    });
  });

  test("arms, and reads back the emission, the lease and the deadline", async () => {
    const lease = freshId();
    const deadlineBootUs = ahead(60_000_000);
    const armed = await radio.arm({ lease, cause: freshId(), deadlineBootUs, emission });
    expect(armed).toMatchObject({ on: true, emission, deadlineBootUs });
    expect([...(armed.lease ?? [])]).toEqual([...lease]);
    expect(await radio.readBack()).toMatchObject({ on: true, emission, deadlineBootUs });
  });

  test("keeps duty cycles where it declares so: they are read back as armed, through every pause; else refuses", async () => {
    const { lowerHz, upperHz } = emission;
    const dutyCycles = [{ lowerHz, upperHz, shareCentiPercent: 100, windowUs: 10_000_000 }];
    const order = { lease: freshId(), cause: freshId(), deadlineBootUs: ahead(60_000_000) };
    const armed = radio.arm({ ...order, emission: { ...emission, dutyCycles } });
    if (radio.capabilities.dutyCycles !== "kept") {
      await expect(armed).rejects.toMatchObject({ code: "radio-out-of-range" });
      return;
    }
    expect(await armed).toMatchObject({ on: true, emission: { ...emission, dutyCycles } });
    expect(await radio.readBack()).toMatchObject({ on: true, emission: { ...emission, dutyCycles } });
    const other = await radio.arm({ ...order, cause: freshId(), emission });
    expect(other).toMatchObject({ on: true, emission });
  });

  test("refuses an arm whose deadline is not ahead, and stays silent", async () => {
    const order = { lease: freshId(), cause: freshId(), deadlineBootUs: at.clock.read().bootUs, emission };
    await expect(radio.arm(order)).rejects.toMatchObject({ code: "radio-deadline-passed" });
    expect((await radio.readBack()).on).toBe(false);
  });

  test("refuses an emission outside its tuning range", async () => {
    const high = radio.capabilities.highestHz;
    const outside = { ...emission, lowerHz: high - 10, upperHz: high + 10 };
    const order = {
      lease: freshId(),
      cause: freshId(),
      deadlineBootUs: ahead(60_000_000),
      emission: outside,
    };
    await expect(radio.arm(order)).rejects.toMatchObject({ code: "radio-out-of-range" });
  });

  test("takes the later deadline of two arms of one lease", async () => {
    const lease = freshId();
    const laterBootUs = ahead(60_000_000);
    await radio.arm({ lease, cause: freshId(), deadlineBootUs: laterBootUs, emission });
    const again = await radio.arm({ lease, cause: freshId(), deadlineBootUs: ahead(5_000_000), emission });
    expect(again.deadlineBootUs).toBe(laterBootUs);
  });

  test("extends a standing lease, and an earlier deadline changes nothing", async () => {
    const lease = freshId();
    const firstBootUs = ahead(30_000_000);
    await radio.arm({ lease, cause: freshId(), deadlineBootUs: firstBootUs, emission });
    const later = await radio.extend({ lease, deadlineBootUs: firstBootUs + 1_000_000 });
    expect(later.deadlineBootUs).toBe(firstBootUs + 1_000_000);
    const earlier = await radio.extend({ lease, deadlineBootUs: firstBootUs });
    expect(earlier.deadlineBootUs).toBe(firstBootUs + 1_000_000);
  });

  test("extends neither a mute radio nor another lease", async () => {
    const order = { lease: freshId(), deadlineBootUs: ahead(60_000_000) };
    await expect(radio.extend(order)).rejects.toMatchObject({ code: "radio-not-armed" });
    const standing = { lease: freshId(), cause: freshId(), deadlineBootUs: ahead(60_000_000), emission };
    await radio.arm(standing);
    await expect(radio.extend(order)).rejects.toMatchObject({ code: "radio-not-armed" });
  });

  test("mutes, says how long that took, and mutes again without harm", async () => {
    await radio.arm({ lease: freshId(), cause: freshId(), deadlineBootUs: ahead(60_000_000), emission });
    const orderedBootUs = at.clock.read().bootUs;
    const muted = await radio.mute();
    expect(muted.latencyUs).toBeGreaterThanOrEqual(0);
    expect(muted.mutedBootUs).toBeGreaterThanOrEqual(orderedBootUs);
    expect((await radio.readBack()).on).toBe(false);
    await radio.mute();
    expect((await radio.readBack()).on).toBe(false);
  });

  test("comes on again after a mute by a new cause, and not by the old one", async () => {
    const order = { lease: freshId(), cause: freshId(), deadlineBootUs: ahead(60_000_000), emission };
    await radio.arm(order);
    await radio.mute();
    await expect(radio.arm(order)).rejects.toMatchObject({ code: "radio-cause-spent" });
    expect((await radio.readBack()).on).toBe(false);
    expect((await radio.arm({ ...order, cause: freshId() })).on).toBe(true);
  });

  test("a mute that is ordered after an arm wins over it, answered or not", async () => {
    const order = { lease: freshId(), cause: freshId(), deadlineBootUs: ahead(60_000_000), emission };
    const armed = radio.arm(order).then(
      () => "armed",
      (error: { code: string }) => error.code,
    );
    await radio.mute();
    expect((await radio.readBack()).on).toBe(false);
    expect(["armed", "radio-superseded"]).toContain(await armed);
    expect((await radio.readBack()).on).toBe(false);
  });

  test("mutes by itself at the deadline and says so", async () => {
    const muted = new Promise<RadioEvent>((heard) => {
      radio.listen((event) => event.kind === "muted" && heard(event));
    });
    const deadlineBootUs = ahead(300_000);
    await radio.arm({ lease: freshId(), cause: freshId(), deadlineBootUs, emission });
    const event = await muted;
    expect(event).toMatchObject({ kind: "muted", reason: "deadline" });
    expect(event.kind === "muted" && event.mutedBootUs).toBeGreaterThanOrEqual(deadlineBootUs);
    expect(await radio.readBack()).toMatchObject({ on: false, lease: null, deadlineBootUs: null });
  });

  test("claims a deadman only with a declared bound", () => {
    const { deadman, muteLatencyUs, controls } = radio.capabilities;
    expect(["device", "guard", "none"]).toContain(deadman);
    expect(controls).toBe("transmitter");
    expect(muteLatencyUs).toBeGreaterThan(0);
  });
}
