/** From an authority's folder to agents at a mosquitto that knows them by their enrolled keys: the commands, and nothing by hand. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { composeAgent, systemSurroundings } from "../../src/compose/compose.ts";
import { openMesh } from "../../src/compose/open-ports.ts";
import { trustedProfile } from "../../src/compose/trusted-profile.ts";
import { fromHex } from "../../src/core/base/bytes.ts";
import { sha256 } from "../support/broker-keys.ts";
import { type FleetDesk, fleetDesk, NAMES, row } from "../support/fleet-desk.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../support/mosquitto.ts";

const missing = hasMosquitto() ? "" : " (mosquitto is not installed)";
/** Two hosts' keys, an authority's and a broker's: scrypt takes a second for each on a slow machine. */
const TEST_MS_MAX = 120_000;
let desk: FleetDesk;
let broker: Mosquitto;
const authority = (): readonly string[] => [
  "--authority",
  desk.at("root"),
  "--passphrase-file",
  desk.at("passphrase"),
];
const lineages = new Map<string, string>();

beforeAll(async () => {
  if (missing !== "") return;
  desk = await fleetDesk();
  await desk.done("authority", "broker", ...authority(), "--host", "127.0.0.1", "--out", desk.at("broker"));
  // As root mosquitto becomes its own user.
  await chmod(desk.at(), 0o755);
  await chmod(desk.at("broker/broker.key"), 0o644);
  const conf = await readFile(desk.at("broker/mosquitto.conf"), "utf8");
  broker = await startMosquitto({
    config: (port, data) =>
      conf
        .replace(/^listener .*/m, `listener ${port} 127.0.0.1`)
        .replace(/^persistence_location .*/m, `persistence_location ${data}/`),
  });
  const mesh = `{driver: mqtt, url: "mqtts://127.0.0.1:${broker.port}", client: enrolled}`;
  const profile = await readFile(desk.at("fleet.yaml"), "utf8");
  await writeFile(desk.at("fleet.yaml"), profile.replace(/^mesh:.*\n(?: .*\n)*/m, `mesh: ${mesh}\n`));
  const rows: string[] = [];
  for (const name of ["one", "two"]) {
    rows.push(row(name, await desk.host(name)));
    const request = await readFile(desk.at(name, "request.yaml"), "utf8");
    lineages.set(name, /^lineage: ([0-9a-f]*)$/m.exec(request)?.[1] ?? "");
  }
  const enrolled = await desk.enroll(await desk.list("hosts.csv", NAMES, ...rows), desk.at("out"));
  expect(enrolled).toMatchObject({ exit: 0, stderr: "" });
  for (const name of ["one", "two"]) expect(await desk.init(name)).toMatchObject({ exit: 0, stderr: "" });
  await desk.done("authority", "broker-acl", "--authority", desk.at("root"), "--out", desk.at("broker/acl"));
  broker.reload();
}, TEST_MS_MAX);
afterAll(async () => {
  await broker?.close();
  await desk?.close();
});

/** All that comes to `subscribe`, for whoever is enrolled under `name`. */
async function profileOf(name: string) {
  const read = trustedProfile(desk.at(name, "enrolled/profile.yaml"));
  if (read.kind !== "profile") throw new Error("the signed profile is taken");
  return read.profile;
}

describe.skipIf(missing !== "")(`clients with enrolled keys${missing}`, () => {
  test(
    "speak and are heard after `fleet enroll` and `init`, and the authority announces as itself",
    async () => {
      const around = systemSurroundings("error");
      const one = await profileOf("one");
      const two = await profileOf("two");
      expect(one.mesh).toMatchObject({
        isEnrolled: true,
        keyPath: null,
        caPath: desk.at("one/enrolled/broker/ca.pem"),
        certPath: desk.at("one/enrolled/broker/device.pem"),
      });
      const agents = [await composeAgent(one, around), await composeAgent(two, around)];
      const heard: string[] = [];
      const self = JSON.parse(
        await desk.done(
          "authority",
          "broker-acl",
          "--authority",
          desk.at("root"),
          "--out",
          desk.at("other.acl"),
          "--json",
        ),
      ) as { readonly authority: string };
      const mesh = {
        ...one.mesh,
        isEnrolled: false,
        certPath: desk.at("root/broker/announcer.pem"),
        keyPath: desk.at("root/broker/announcer.key"),
      };
      // Under another client id than the announcer's own, which the broker would end.
      const ear = await openMesh({ mesh }, around, new Uint8Array(32).fill(7));
      try {
        ear.listen((event) => {
          if (event.kind === "message") heard.push(event.message.topic);
        });
        await ear.subscribe(["spectrum/v1/agents/+/identity", "spectrum/v1/status/+"]);
        const url = `mqtts://127.0.0.1:${broker.port}`;
        await desk.done("authority", "announce", "--authority", desk.at("root"), "--broker", url);
        const expected = [
          ...["one", "two"].map((name) => `spectrum/v1/agents/${lineages.get(name)}/identity`),
          `spectrum/v1/status/${self.authority}`,
          `spectrum/v1/status/${self.authority}-policy`,
        ];
        await expect.poll(() => [...new Set(heard)].sort(), { timeout: 20_000 }).toEqual(expected.sort());
      } finally {
        await ear.close();
        for (const agent of agents) await agent.stop();
      }
    },
    TEST_MS_MAX,
  );

  test("an agent whose certificate is of another key ends at its start, and names the file", async () => {
    const profile = await profileOf("one");
    const mesh = { ...profile.mesh, certPath: desk.at("two/enrolled/broker/device.pem") };
    const signer = createSoftwareSigner(systemEntropy());
    const lineage = fromHex(lineages.get("one") ?? "") as Uint8Array;
    const opened = openMesh({ mesh }, systemSurroundings("error"), lineage, { signer, sha256 });
    await expect(opened).rejects.toMatchObject({
      code: "mesh-certificate-key",
      message: expect.stringContaining("two/enrolled/broker/device.pem"),
    });
  });

  test(
    "one host at a time gets the same by `issue --broker`, and anew by `broker-cert`; strangers get nothing",
    async () => {
      await desk.host("three");
      const request = ["--request", desk.at("three/request.yaml")];
      const without = await desk.command(
        "authority",
        "broker-cert",
        ...authority(),
        ...request,
        "--out",
        desk.at("three"),
      );
      expect([without.exit, without.stderr]).toEqual([4, expect.stringContaining("broker-not-entitled")]);
      const several = ["--keys", "2", "--owner", "Delegate Ltd", "--passphrase-file", desk.at("passphrase")];
      await desk.done("authority", "init", "--out", desk.at("delegate"), ...several);
      const issued = async (): Promise<string> =>
        desk.done("authority", "list", "--authority", desk.at("root"), "--json");
      const before = await issued();
      const delegate = ["--request", desk.at("delegate/request.yaml"), "--scope", desk.at("grant.yaml")];
      const refused = await desk.command(
        "authority",
        "issue",
        ...authority(),
        ...delegate,
        ...["--out", desk.at("delegate.record"), "--broker", desk.at("delegate")],
      );
      expect([refused.exit, refused.stderr]).toEqual([4, expect.stringContaining("broker-no-device")]);
      expect(await issued()).toBe(before);
      const paper = ["--scope", desk.at("grant.yaml"), "--out", desk.at("three/own.record")];
      await desk.done(
        "authority",
        "issue",
        ...authority(),
        ...request,
        ...paper,
        "--broker",
        desk.at("three"),
      );
      const [ca, device] = await Promise.all(
        ["ca.pem", "device.pem"].map((name) => readFile(desk.at("three/broker", name), "utf8")),
      );
      expect(ca).toBe(await readFile(desk.at("root/broker/ca.pem"), "utf8"));
      await desk.done("authority", "broker-cert", ...authority(), ...request, "--out", desk.at("three"));
      const anew = await readFile(desk.at("three/broker/device.pem"), "utf8");
      expect(anew).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
      expect(anew).not.toBe(device);
    },
    TEST_MS_MAX,
  );

  test.each([
    [["--host", "Broker Example"], "no lower-case host name"],
    [["--host", "::1"], "no lower-case host name"],
    [["--host", "-x.example"], "no lower-case host name"],
  ])("`authority broker` refuses %j and writes nothing", async (words, told) => {
    const out = desk.at("elsewhere");
    const said = await desk.command("authority", "broker", ...authority(), ...words, "--out", out);
    expect([said.exit, said.stderr]).toEqual([2, expect.stringContaining(told)]);
    await expect(readFile(join(out, "broker.key"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
