/** The deadman outlives the agent (PROTOCOL §6): real processes, stopped and killed; the world's log is the witness. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGuardedRadio } from "../../hardware/radio/guarded.ts";
import type { EmissionInterval } from "../../hardware/world/transmit-log.ts";
import type { OptionValues } from "../../src/ports/driver.ts";
import type { Radio, RadioEvent } from "../../src/ports/radio.ts";
import { pause, type Started, type WorldOfOne, worldOfOne } from "../support/world-of-one.ts";

const GUARD = "dist/hardware/radio/guard/main.js";
const MUTE = "dist/hardware/radio/guard/mute-main.js";
const AGENT = "test/integration/guard-agent.mjs";
const LEASE = "aa".repeat(32);
const EMISSION = { lowerHz: 433_050_000, upperHz: 433_075_000, eirpCentiDbm: 1000, dutyCycles: [] };
const MINUTE_US = 60_000_000;
/** Bound that the guard is told to declare; generous, since these machines are shared. The feed period comes on top. */
const OFF_LATENCY_US = 3_000_000;
const FEED_PERIOD_US = 500_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let world: WorldOfOne;
let socket: string;

beforeEach(async () => {
  world = await worldOfOne();
  socket = join(world.folder, "guard.sock");
});
afterEach(() => world.leave());

/** The guard as systemd would run it. */
async function startGuard(heartbeatUs = MINUTE_US): Promise<Started> {
  const given = [`world=${world.address}`, "emitter=tx", `offLatencyUs=${OFF_LATENCY_US}`];
  const options = given.flatMap((option) => ["--option", option]);
  const guard = world.start(GUARD, [
    ...["--socket", socket, "--device", "simulated", "--heartbeat-us", String(heartbeatUs)],
    ...options,
  ]);
  await guard.said;
  return guard;
}

/** An agent in a process of its own that has armed; resolves with its deadline. */
async function startAgent(
  aheadUs: number,
  options: OptionValues,
): Promise<{ agent: Started; deadlineUs: number }> {
  const agent = world.start(AGENT, [JSON.stringify(options), String(aheadUs), LEASE, "c1".repeat(32)]);
  return { agent, deadlineUs: Number(await agent.said) };
}

async function ended(): Promise<EmissionInterval> {
  const report = await world.logged(({ intervals }) => intervals.at(-1)?.endBootUs != null);
  expect(report.damage).toBeNull();
  return report.intervals.at(-1) as EmissionInterval;
}

function driver(options: OptionValues): Promise<Radio> {
  return openGuardedRadio(
    { clock: world.clock, entropy: { bytes: (length) => new Uint8Array(length) }, log: quiet },
    { socket, ...options },
  );
}

function order(cause: number, aheadUs = MINUTE_US): Parameters<Radio["arm"]>[0] {
  const deadlineBootUs = world.clock.read().bootUs + aheadUs;
  return {
    lease: Buffer.from(LEASE, "hex"),
    cause: new Uint8Array(32).fill(cause),
    deadlineBootUs,
    emission: EMISSION,
  };
}

describe("when the agent stands still or dies", () => {
  test("a stopped agent is muted at its deadline, however long it stays stopped", async () => {
    await startGuard();
    const { agent, deadlineUs } = await startAgent(1_500_000, { socket, spawn: false });
    agent.child.kill("SIGSTOP");
    const interval = await ended();
    expect(interval).toMatchObject({ lease: LEASE, cause: "c1".repeat(32), endReason: "deadline" });
    expect(interval.endBootUs).toBeGreaterThanOrEqual(deadlineUs);
    expect(interval.endBootUs).toBeLessThan(deadlineUs + OFF_LATENCY_US + FEED_PERIOD_US);
    // When it goes on, nothing of what it meant to do switches RF on again.
    agent.child.kill("SIGCONT");
    await pause(300);
    expect(world.transmitLog().intervals).toHaveLength(1);
  });

  test("a stopped agent is muted when its heartbeat is stale, long before its deadline", async () => {
    await startGuard(1_000_000);
    const { agent } = await startAgent(MINUTE_US, { socket, spawn: false });
    agent.child.kill("SIGSTOP");
    expect(await ended()).toMatchObject({ endReason: "heartbeat" });
  });

  test("a killed agent is muted by its closed pipe; the guard lives on and arms a new session by a new cause", async () => {
    const guard = await startGuard();
    const { agent, deadlineUs } = await startAgent(MINUTE_US, { socket, spawn: false });
    agent.child.kill("SIGKILL");
    const interval = await ended();
    expect(interval).toMatchObject({ endReason: "pipe-closed" });
    expect(interval.endBootUs).toBeLessThan(deadlineUs);
    expect(guard.child.exitCode).toBeNull();
    const radio = await driver({ spawn: false });
    expect(await radio.readBack()).toMatchObject({ on: false, lease: null });
    const extension = { lease: Buffer.from(LEASE, "hex"), deadlineBootUs: deadlineUs };
    await expect(radio.extend(extension)).rejects.toMatchObject({ code: "radio-not-armed" });
    await expect(radio.arm(order(0xc1))).rejects.toMatchObject({ code: "radio-cause-spent" });
    expect((await radio.arm(order(0xc2))).on).toBe(true);
    await radio.close();
    expect((await ended()).endReason).toBe("commanded");
  });

  test("a killed agent takes a guard that it started with it, after the guard has muted", async () => {
    const { agent } = await startAgent(MINUTE_US, { socket, world: world.address, emitter: "tx" });
    agent.child.kill("SIGKILL");
    expect(["pipe-closed", "shutdown"]).toContain((await ended()).endReason);
    // Its socket answers nobody any more.
    for (let tries = 0; await answers(socket); tries++) {
      if (tries > 200) throw new Error("the guard outlived its agent");
      await pause(25);
    }
  });
});

describe("before the host sleeps", () => {
  test("the guard is ordered to be silent, and RF comes on again only by a new cause", async () => {
    const guard = await startGuard();
    await startAgent(MINUTE_US, { socket, spawn: false });
    const order = world.start(MUTE, ["--socket", socket]);
    expect(await order.said).toMatch(/^muted within \d+ us$/);
    expect((await ended()).endReason).toBe("commanded");
    await pause(300);
    expect(world.transmitLog().intervals).toHaveLength(1);
    expect(guard.child.exitCode).toBeNull();
  });

  test("without a guard there is nothing to silence", () => {
    const run = spawnSync(process.execPath, [MUTE, "--socket", socket], { encoding: "utf8" });
    expect(run.status).toBe(0);
    expect(run.stderr).toContain("radio-lost");
  });
});

describe("when the guard itself stands still or dies", () => {
  test("a killed guard: the device is silenced by its closed connection", async () => {
    const guard = await startGuard();
    await startAgent(MINUTE_US, { socket, spawn: false });
    guard.child.kill("SIGKILL");
    expect((await ended()).endReason).toBe("connection-closed");
  });

  test("a stopped guard: the device falls silent by itself when it is not fed", async () => {
    const guard = await startGuard();
    await startAgent(MINUTE_US, { socket, spawn: false });
    guard.child.kill("SIGSTOP");
    expect((await ended()).endReason).toBe("feed-timeout");
    // Awake again it finds out that time has passed without it, and does not switch on by itself.
    guard.child.kill("SIGCONT");
    await pause(500);
    expect(world.transmitLog().intervals).toHaveLength(1);
  });

  test("SIGTERM mutes, then exits 0", async () => {
    const guard = await startGuard();
    await startAgent(MINUTE_US, { socket, spawn: false });
    guard.child.kill("SIGTERM");
    expect(await guard.ended).toBe(0);
    expect((await ended()).endReason).toBe("shutdown");
  });

  test("a driver that started its guard says lost, starts another, says found, and is silent until it arms anew", async () => {
    const radio = await driver({ world: world.address, emitter: "tx" });
    const events: RadioEvent[] = [];
    const found = new Promise<void>((heard) => {
      radio.listen((event) => {
        events.push(event);
        if (event.kind === "found") heard();
      });
    });
    await radio.arm(order(0xd1));
    process.kill(await guardPid(), "SIGKILL");
    await found;
    expect(events.map(({ kind }) => kind)).toEqual(["lost", "found"]);
    expect((await radio.readBack()).on).toBe(false);
    expect((await radio.arm(order(0xd2))).on).toBe(true);
    await radio.close();
    expect(world.transmitLog().intervals.map(({ endReason }) => endReason)).toEqual([
      "connection-closed",
      "commanded",
    ]);
  });
});

describe("the guard's socket", () => {
  test("is of mode 0600, and a second guard on it exits 75", async () => {
    await startGuard();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const options = ["--option", `world=${world.address}`, "--option", "emitter=other"];
    const second = world.start(GUARD, ["--socket", socket, "--device", "simulated", ...options]);
    expect(await second.ended).toBe(75);
  });

  test("discards the commands that a session left unread behind it when it closed", async () => {
    const guard = await startGuard();
    const session = await rawSession();
    guard.child.kill("SIGSTOP");
    await stopped(guard);
    // Both are in the kernel's buffers before the guard runs again: the arm, and the end of its session.
    session.raw.end(`${JSON.stringify({ id: 2, command: armCommand(session) })}\n`);
    await new Promise((flushed) => session.raw.once("finish", flushed));
    session.raw.destroy();
    guard.child.kill("SIGCONT");
    const witness = await rawSession();
    expect(witness.epoch).toBe(session.epoch);
    await pause(200);
    expect(world.transmitLog().entries).toHaveLength(0);
    witness.raw.destroy();
  });

  test.each([
    ["a line of more than 4 KiB", `{"id":9,"pad":"${"x".repeat(4100)}"}\n`],
    ["what is no command", `{"id":9,"command":{"do":"arm"}}\n`],
  ])("takes %s for the end of the session, and mutes", async (_, line) => {
    await startGuard();
    const session = await rawSession();
    session.raw.write(`${JSON.stringify({ id: 2, command: armCommand(session) })}\n`);
    await world.logged(({ entries }) => entries.length === 1);
    session.raw.write(line);
    expect((await ended()).endReason).toBe("pipe-closed");
  });

  test("has room for four sessions and closes the fifth", async () => {
    await startGuard();
    const sessions = [await rawSession(), await rawSession(), await rawSession(), await rawSession()];
    await expect(rawSession()).rejects.toThrow("closed");
    for (const { raw } of sessions) raw.destroy();
  });
});

type RawSession = { readonly raw: Socket; readonly session: string; readonly epoch: number };

/** A session spoken by hand, greeted. */
function rawSession(): Promise<RawSession> {
  return new Promise((greeted, failed) => {
    const raw = connect(socket);
    raw.on("error", () => failed(new Error("closed")));
    raw.on("close", () => failed(new Error("closed")));
    raw.write(`${JSON.stringify({ id: 1, command: { do: "hello", version: 1 } })}\n`);
    raw.once("data", (chunk: Buffer) => {
      const { session, epoch } = JSON.parse(chunk.toString("utf8").split("\n")[0] as string).result;
      greeted({ raw, session, epoch });
    });
  });
}

function armCommand({ session, epoch }: RawSession): object {
  const deadlineBootUs = world.clock.read().bootUs + MINUTE_US;
  return {
    do: "arm",
    session,
    epoch,
    lease: LEASE,
    cause: "ee".repeat(32),
    deadlineBootUs,
    emission: EMISSION,
  };
}

async function stopped({ child }: Started): Promise<void> {
  while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, "latin1"))) await pause(5);
}

/** The guard that the driver in this process started: its child that was given this socket. */
async function guardPid(): Promise<number> {
  for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
      if (words.includes(socket) && words.some((word) => word.endsWith("guard/main.js"))) return Number(pid);
    } catch {
      // A process that ended meanwhile.
    }
  }
  throw new Error("no guard runs on this socket");
}

function answers(path: string): Promise<boolean> {
  return new Promise((known) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      known(true);
    });
    probe.once("error", () => known(false));
  });
}
