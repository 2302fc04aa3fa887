/**
 * A thousand hosts over simulated TPMs: each makes its key and its request, one list enrols them all, and each opens its own
 * file. The time is told, never asserted; SPECTRUM_FLEET_HOSTS for another number.
 */
import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { trustedProfile } from "../../src/compose/trusted-profile.ts";
import { type FleetDesk, fleetDesk, NAMES, row } from "../support/fleet-desk.ts";

const HOSTS = Number(process.env["SPECTRUM_FLEET_HOSTS"] ?? 1_000);
/** What was written is read again for one in so many: reading a profile takes longer than all else of it. */
const EACH = 25;
const TEST_MS_MAX = 1_200_000;

const names: readonly string[] = Array.from({ length: HOSTS }, (_, i) => `host-${i + 1}`);

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const beganMs = performance.now();
  const done = await work();
  const tookMs = Math.round(performance.now() - beganMs);
  process.stdout.write(`fleet of ${HOSTS}: ${what} ${tookMs} ms, ${(tookMs / HOSTS).toFixed(1)} ms a host\n`);
  return done;
}

async function requested(desk: FleetDesk): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const name of names) rows.push(row(name, await desk.host(name)));
  return rows;
}

test(
  `${HOSTS} hosts are enrolled from one list, and each opens its own file alone`,
  async () => {
    const desk = await fleetDesk();
    try {
      const rows = await timed("requests", () => requested(desk));
      const list = await desk.list("hosts.csv", NAMES, ...rows);
      const enrolled = await timed("enrolment", () => desk.enroll(list, desk.at("out")));
      expect(enrolled).toEqual({ exit: 0, stderr: "", stdout: `${HOSTS} hosts: ${desk.at("out")}\n` });
      expect((await readdir(desk.at("out"))).length).toBe(HOSTS + 1);
      await timed("init", async () => {
        for (const name of names) expect(await desk.init(name)).toMatchObject({ exit: 0, stderr: "" });
      });
      for (const name of names.filter((_, i) => i % EACH === 0)) {
        const read = trustedProfile(desk.at(name, "enrolled/profile.yaml"));
        expect(read.kind === "profile" ? read.profile.name : read).toBe(name);
      }
      const [first = "", last = ""] = [names[0], names.at(-1)];
      const stolen = await desk.init(first, desk.at("out", `${last}.enroll`), "--out", desk.at("stolen"));
      expect([stolen.exit, stolen.stderr]).toEqual([78, expect.stringContaining("enrolment-other-host")]);
    } finally {
      await desk.close();
    }
  },
  TEST_MS_MAX,
);
