/**
 * Device and network trouble in mid-lease (PROTOCOL §2, §5; DESIGN §4): not ready with a reason, RF off, and on again
 * without a restart once the trouble is over. Muting waits for none of broker, receiver, TPM and disk.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentProcess } from "../support/agent-process.ts";
import { runCommand } from "../support/agent-process.ts";
import { enrolFleet, type Fleet, fleetMissing, SHORT_POLICY, type Template } from "../support/fleet.ts";
import { SCENARIO_MS_MAX, stage } from "../support/fleet-scene.ts";
import { feedReceiver, programMissing, startGpsd, startPtyPair } from "../support/gpsd.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";

/** gpsd says 21 m and 35 m of a receiver that sends no GST sentence: both sides' errors count against the window. */
const NMEA_POLICY = [...SHORT_POLICY, ["spatial-window", "100m"]] as const;
/** Less than the log likes to set aside ahead of itself: once the rest is taken, the next page is refused. */
const SMALL_DISK_BYTES = 196_608;
const title = (text: string, missing: string | null): string =>
  missing === null ? text : `${text} (${missing})`;
const gnssMissing = fleetMissing ?? programMissing("gpsd", "socat");
const tpmMissing = fleetMissing ?? swtpmMissing();
const diskMissing = fleetMissing ?? smallDiskMissing();

/** Where `feedReceiver` says that it is. */
const RECEIVER_PLACE = { latitude: "52.52deg", longitude: "13.405deg" };

let template: Template;
const inFleet = stage(() => template);

beforeAll(async () => {
  if (fleetMissing === null) template = await enrolFleet({});
});
afterAll(() => template?.leave());

describe.concurrent("trouble in mid-lease", () => {
  test.skipIf(fleetMissing !== null)(
    title(
      "lost broker: both are not ready, RF ends by its deadline, and comes back with the broker",
      fleetMissing,
    ),
    () =>
      inFleet(async ({ fleet }) => {
        const pids = await transmitting(fleet);
        await fleet.broker.kill9();
        await notReady(fleet.holder, fleet, "mesh");
        await notReady(fleet.consumer, fleet, "mesh");
        await silent(fleet);
        await fleet.broker.start();
        await recovered(fleet, pids);
      }),
    SCENARIO_MS_MAX,
  );

  test.skipIf(tpmMissing !== null)(
    title(
      "lost TPM of the consumer: no request can be signed, RF ends by its deadline, and comes back with the TPM",
      tpmMissing,
    ),
    async () => {
      const tpm = await startSwtpm();
      await withTpm({ consumer: { tpm: driverOf(tpm) } }, tpm, "consumer");
    },
    SCENARIO_MS_MAX,
  );

  test.skipIf(tpmMissing !== null)(
    title(
      "lost TPM of the holder: no renewal can be signed, RF ends by its deadline, and comes back with the TPM",
      tpmMissing,
    ),
    async () => {
      const tpm = await startSwtpm();
      await withTpm({ holder: { tpm: driverOf(tpm) } }, tpm, "holder");
    },
    SCENARIO_MS_MAX,
  );

  test.skipIf(gnssMissing !== null)(
    title(
      "lost gpsd: RF goes off after policy's holdover, and a new lease is settled when it is back",
      gnssMissing,
    ),
    async () => {
      const pty = await startPtyPair();
      let receiver = feedReceiver(pty);
      let gpsd = await startGpsd(pty.path);
      const agent = { gnss: `{driver: gpsd, port: ${gpsd.port}}`, time: "{}" };
      const plan = { holder: agent, consumer: agent, offer: RECEIVER_PLACE, policy: NMEA_POLICY };
      const own = await enrolFleet(plan);
      try {
        await stage(() => own)(async ({ fleet }) => {
          const pids = await transmitting(fleet);
          const { artifact } = await fleet.settled();
          // Nobody would read what the receiver says, and its writes would wait for that.
          receiver.stop();
          await gpsd.stop();
          await notReady(fleet.holder, fleet, "gnss");
          await notReady(fleet.consumer, fleet, "gnss");
          await silent(fleet);
          await fleet.eventually("the lease to be given up", async () => {
            const leases = (await fleet.consumer.status())?.leases ?? [];
            return leases.every(({ relinquishment }) => relinquishment !== null) ? true : null;
          });
          gpsd = await startGpsd(pty.path, gpsd.port);
          receiver = feedReceiver(pty);
          await recovered(fleet, pids, artifact);
        });
      } finally {
        await own.leave();
        receiver.stop();
        await gpsd.stop();
        await pty.stop();
      }
    },
    SCENARIO_MS_MAX,
  );

  test.skipIf(diskMissing !== null)(
    title(
      "full disk of the consumer: no request can be stored, RF ends by its deadline, and comes back with room",
      diskMissing,
    ),
    () => onSmallDisk("consumer"),
    SCENARIO_MS_MAX,
  );

  test.skipIf(diskMissing !== null)(
    title(
      "full disk of the holder: no renewal can be stored, RF ends by its deadline, and comes back with room",
      diskMissing,
    ),
    () => onSmallDisk("holder"),
    SCENARIO_MS_MAX,
  );
});

type Pids = readonly [holder: number, consumer: number];

async function transmitting(fleet: Fleet): Promise<Pids> {
  fleet.holder.start();
  fleet.consumer.start();
  await fleet.settled();
  return [fleet.holder.pid(), fleet.consumer.pid()];
}

/** As `status --json` says it to a person: exit 75, and the reason. */
async function notReady(agent: AgentProcess, fleet: Fleet, port: string): Promise<void> {
  await fleet.eventually(`${port} to be a reason for not being ready`, async () =>
    (await agent.status())?.notReady[port] === undefined ? null : true,
  );
  const { code, stdout } = await runCommand(["status", "--profile", agent.profile, "--json"]);
  const said = JSON.parse(stdout) as { ready: boolean; notReady: Readonly<Record<string, string>> };
  expect(said.ready).toBe(false);
  expect(said.notReady[port]).toMatch(/\S/);
  expect(code).toBe(75);
}

/** The invariants hold each end against what was granted; here only that there is one while the trouble lasts. */
async function silent(fleet: Fleet): Promise<void> {
  await fleet.eventually("RF to go off", () =>
    fleet.transmitLog().intervals.every(({ endBootUs }) => endBootUs !== null) ? true : null,
  );
}

/** RF is on again, both are ready, and both are still the processes that they were. */
async function recovered(fleet: Fleet, pids: Pids, unlike?: string): Promise<void> {
  await fleet.settled(unlike);
  await fleet.eventually("both to be ready", async () => {
    const both = [await fleet.holder.status(), await fleet.consumer.status()];
    return both.every((status) => status?.ready === true) ? true : null;
  });
  expect([fleet.holder.pid(), fleet.consumer.pid()]).toEqual(pids);
}

function driverOf({ port }: Swtpm): string {
  return `{driver: swtpm, port: ${port}, keys: ./keys}`;
}

/** Another TPM is another key: this fleet is enrolled for itself. */
async function withTpm(
  plan: Parameters<typeof enrolFleet>[0],
  tpm: Swtpm,
  side: "holder" | "consumer",
): Promise<void> {
  const own = await enrolFleet(plan);
  try {
    await stage(() => own)(async ({ fleet }) => {
      const pids = await transmitting(fleet);
      await tpm.powerCut();
      await notReady(fleet[side], fleet, "signer");
      await silent(fleet);
      await tpm.restart();
      await recovered(fleet, pids);
    });
  } finally {
    await own.leave();
    await tpm.stop();
  }
}

/** The log of one side lies on a small file system of its own, which is filled up and emptied again. */
async function onSmallDisk(side: "holder" | "consumer"): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), "spectrum-disk-"));
  mount(disk);
  try {
    await inFleet(async ({ fleet }) => {
      await fleet[side].moveLog(join(disk, "log"));
      const pids = await transmitting(fleet);
      await fill(join(disk, "filler"), fleet);
      await notReady(fleet[side], fleet, "store");
      await silent(fleet);
      rmSync(join(disk, "filler"));
      await recovered(fleet, pids);
    });
  } finally {
    spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

function mount(folder: string): boolean {
  const size = `size=${SMALL_DISK_BYTES}`;
  return spawnSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder], { stdio: "ignore" }).status === 0;
}

/** A small file system can only be made by root, and not in every container. */
function smallDiskMissing(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-disk-"));
  try {
    if (!mount(folder)) return "no small file system can be mounted here";
    spawnSync("umount", [folder]);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Takes all the room that there is. A batch of the log that tries for zeros behind it takes the whole disk for an
 * instant and gives it back: what a first filling finds full may be free a moment later.
 */
async function fill(path: string, fleet: Fleet): Promise<void> {
  await fleet.eventually("the disk to be full, and not of the log", () => {
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    spawnSync("dd", ["if=/dev/zero", `of=${path}`, "bs=4096", "oflag=append", "conv=notrunc"], {
      stdio: "ignore",
    });
    const { size } = statSync(path);
    return size === before && size > SMALL_DISK_BYTES / 2 ? true : null;
  });
}
