/** A fleet of hosts with real software TPMs: whose maker vouches for them, and which open nothing but their own. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trustedProfile } from "../../src/compose/trusted-profile.ts";
import { type FleetDesk, fleetDesk } from "../support/fleet-desk.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";

const TEST_MS_MAX = 180_000;
const missing = swtpmMissing();
const title = "hosts with a TPM whose maker vouches for it (swtpm)";

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  let desk: FleetDesk;
  const tpms: Swtpm[] = [];

  beforeAll(async () => {
    desk = await fleetDesk();
    for (const name of ["one", "two"]) {
      const tpm = await startSwtpm();
      tpms.push(tpm);
      await desk.host(name, `{driver: swtpm, port: ${tpm.port}, keys: ./keys}`);
    }
  }, TEST_MS_MAX);
  afterAll(async () => {
    for (const tpm of tpms) await tpm.stop();
    await desk.close();
  });

  test(
    "are enrolled by their makers' certificates; each opens its own file, and no other's",
    async () => {
      const names = "host,latitude,longitude,request";
      const rowOf = (name: string) => `${name},52.5163deg,13.3777deg,${name}/request.yaml`;
      for (const [i, name] of ["one", "two"].entries()) {
        const ca = join(tpms[i]?.folder ?? "", "ca");
        const roots = ["--ek-roots", join(ca, "swtpm-localca-rootca-cert.pem")];
        const makers = [...roots, "--ek-intermediates", join(ca, "issuercert.pem")];
        await desk.fleetProfile(`{driver: swtpm, port: ${tpms[i]?.port}, keys: ./keys}`);
        const list = await desk.list(`${name}.csv`, names, rowOf(name));
        expect(await desk.enroll(list, desk.at(`out-${name}`), ...makers)).toMatchObject({
          exit: 0,
          stderr: "",
        });
        // The other one's maker is another.
        const other = await desk.list("other.csv", names, rowOf(name === "one" ? "two" : "one"));
        expect(await desk.enroll(other, desk.at("out-other"), ...makers)).toMatchObject({ exit: 4 });
      }
      const stolen = await desk.init("two", desk.at("out-one/one.enroll"));
      expect([stolen.exit, stolen.stderr]).toEqual([78, expect.stringContaining("enrolment-other-host")]);
      for (const name of ["one", "two"]) {
        expect(await desk.init(name, desk.at(`out-${name}/${name}.enroll`))).toMatchObject({ exit: 0 });
        expect(trustedProfile(desk.at(name, "enrolled/profile.yaml")).kind).toBe("profile");
      }
      expect(await readdir(desk.at("."))).not.toContain("out-other");
      const listed = await desk.done("authority", "list", "--authority", desk.at("root"), "--json");
      expect(listed.match(/tpm-ek-verified/g)?.length).toBe(2);
    },
    TEST_MS_MAX,
  );
});
