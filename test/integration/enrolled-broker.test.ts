/** Mutual TLS by enrolled keys, at a real mosquitto with the shipped configuration: who is let in, as whom, and who is not. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { enrolledClient } from "../../src/adapters/certificate/enrolled-client.ts";
import { openMqttMesh, type TlsFiles } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import { createSoftwareSigner } from "../../src/adapters/signatures/software-signer.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import { aclText } from "../../src/cli/authority/broker-acl.ts";
import { fromHex, toHex } from "../../src/core/base/bytes.ts";
import { agentTopic, classTopic } from "../../src/core/wire/topic.ts";
import type { ShownCertificate } from "../../src/ports/client-certificate.ts";
import type { Signer } from "../../src/ports/signatures.ts";
import { message, quiet, until, watch } from "../conformance/mesh.ts";
import { context, defaults } from "../conformance/mesh-worlds.ts";
import { tpmBenches } from "../conformance/tpm-benches.ts";
import { tpmContext } from "../conformance/tpm-context.ts";
import {
  forgedLeaf,
  sha256,
  type TestKey,
  testAuthority,
  testKey,
  testLeaf,
} from "../support/broker-keys.ts";
import { repository } from "../support/built.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../support/mosquitto.ts";

const missing = hasMosquitto() ? "" : " (mosquitto is not installed)";
const [root, mine, other, third] = ["11", "ab", "cd", "ef"].map(
  (byte) => fromHex(byte.repeat(32)) as Uint8Array,
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const authority = testAuthority(root);
const CELL = "8a1fb46622dffff";
const cleanups: (() => Promise<unknown>)[] = [];
let folder = "";
let broker: Mosquitto;
const at = (name: string): string => join(folder, name);

type Listed = readonly (readonly [lineage: Uint8Array, classes: readonly string[]])[];

async function writeAcl(listed: Listed): Promise<void> {
  const nowUs = Date.now() * 1000;
  const listeners = listed.map(([id, classes]) => ({ lineage: toHex(id), classes, untilUs: nowUs }));
  await writeFile(at("acl"), aclText(root, nowUs, listeners));
}

/** The shipped file, at this test's place. */
async function shipped(): Promise<(port: number, data: string) => string> {
  const text = await readFile(join(repository, "profiles/broker/mosquitto.conf"), "utf8");
  return (port, data) =>
    `${text
      .replaceAll("/etc/spectrum-agent/broker", folder)
      .replace(/^listener .*/m, `listener ${port} 127.0.0.1`)
      .replace(
        /^persistence_location .*/m,
        `persistence_location ${data}/`,
      )}\nlog_dest stderr\nlog_type error\n`;
}

beforeAll(async () => {
  if (missing !== "") return;
  folder = await mkdtemp(join(tmpdir(), "enrolled-broker-"));
  await chmod(folder, 0o755);
  const key = testKey();
  await writeFile(at("ca.pem"), authority.ca);
  await writeFile(at("broker.pem"), authority.broker(key, [{ address: Uint8Array.of(127, 0, 0, 1) }]));
  await writeFile(at("broker.key"), key.pem);
  await writeAcl([
    [mine, ["bench"]],
    [other, []],
  ]);
  broker = await startMosquitto({ config: await shipped() });
}, 30_000);
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await broker?.close();
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

async function open(clientId: string, own: TlsFiles["own"]): Promise<ReturnType<typeof watch>> {
  const mesh = await openMqttMesh(context, {
    ...defaults,
    clientId,
    host: "127.0.0.1",
    port: broker.port,
    tls: { caPath: at("ca.pem"), own },
    reconnectFirstUs: 20_000,
    reconnectMaxUs: 100_000,
  });
  cleanups.push(() => mesh.close());
  return watch(mesh);
}

/** As an agent opens it: its signer, and the certificate that the authority wrote. */
async function enrolled(lineage: Uint8Array, signer: Signer): Promise<ReturnType<typeof watch>> {
  const name = toHex(lineage).slice(0, 8);
  const key: TestKey = { ...testKey(), point: signer.publicKey };
  await writeFile(at(`${name}.pem`), authority.device(lineage, key));
  const { clock, entropy } = context;
  return open(
    name,
    enrolledClient({ signer, lineage, devicePath: at(`${name}.pem`), clock, entropy, sha256 }),
  );
}

const software = (): Signer => createSoftwareSigner(systemEntropy());
const shown = (certificates: Omit<ShownCertificate, "untilUs">): TlsFiles["own"] => ({
  show: async () => ({ ...certificates, untilUs: null }),
});

describe.skipIf(missing !== "")(`mutual TLS with the enrolled key${missing}`, () => {
  for (const id of ["simulated", "swtpm"]) {
    const bench = tpmBenches[id] ?? "no such bench";
    const why = typeof bench === "string" ? ` (${bench})` : "";
    it.skipIf(typeof bench === "string")(
      `lets in an agent whose key is in a TPM (${id}), and it exchanges messages${why}`,
      async () => {
        if (typeof bench === "string") return;
        const stand = await bench();
        cleanups.push(stand.stop);
        const driver = tpmDrivers.find((each) => each.id === id);
        const openTpm = stand.open ?? (await driver?.load());
        const tpm = await openTpm?.(tpmContext("broker"), stand.options);
        if (tpm === undefined) throw new Error(`no driver ${id}`);
        cleanups.push(() => tpm.close());
        const [one, two] = [await enrolled(mine, tpm.signer), await enrolled(other, software())];
        await until(() => one.isUp() && two.isUp());
        await one.mesh.subscribe([agentTopic(mine, "inbox")]);
        await two.mesh.subscribe([agentTopic(other, "inbox")]);
        await one.mesh.publish(message(agentTopic(other, "inbox"), Uint8Array.of(1)));
        await two.mesh.publish(message(agentTopic(mine, "inbox"), Uint8Array.of(2)));
        await until(() => one.messages().length === 1 && two.messages().length === 1);
        expect([one.messages()[0]?.bytes[0], two.messages()[0]?.bytes[0]]).toEqual([2, 1]);
      },
      30_000,
    );
  }

  const device = testKey();
  const leaf = testKey();
  const nowUs = Date.now() * 1000;
  it.each([
    ["without a certificate", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", () => null],
    [
      "with a certificate of another authority",
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      () => {
        const elsewhere = testAuthority(root).device(mine, device);
        return shown({ chain: testLeaf(leaf, mine, device) + elsewhere, key: leaf.pem });
      },
    ],
    [
      "with a certificate that is over",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
      () => {
        const ended = testLeaf(leaf, mine, device, { untilUs: nowUs - 60_000_000 });
        return shown({ chain: ended + authority.device(mine, device), key: leaf.pem });
      },
    ],
    [
      "with a certificate of a time to come, by a clock that is ahead",
      "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      () => {
        const early = testLeaf(leaf, mine, device, { fromUs: nowUs + 600_000_000 });
        return shown({ chain: early + authority.device(mine, device), key: leaf.pem });
      },
    ],
    [
      "with a certificate that another device's key signed",
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      () => {
        const stolen = testLeaf(leaf, mine, testKey());
        return shown({ chain: stolen + authority.device(mine, device), key: leaf.pem });
      },
    ],
    [
      "under the name of another lineage, certified by its own device",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
      () => {
        const forged = forgedLeaf(leaf, device, mine, [["CN", toHex(other)]]);
        return shown({ chain: forged + authority.device(mine, device), key: leaf.pem });
      },
    ],
    [
      "without any name",
      "refused by the broker (4)",
      () => {
        const nameless = forgedLeaf(leaf, device, mine, []);
        return shown({ chain: nameless + authority.device(mine, device), key: leaf.pem });
      },
    ],
    [
      "without the certificate of its device",
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      () => shown({ chain: testLeaf(leaf, mine, device), key: leaf.pem }),
    ],
  ])("lets nobody in %s", async (_, why, own) => {
    const one = await open("nobody", own());
    await until(() => one.isDown());
    await quiet();
    expect(one.lifecycle()).not.toContain("up");
    const reasons = one.events.flatMap((event) => (event.kind === "down" ? [event.reason] : []));
    expect(reasons).toEqual([why]);
  });

  /** Certificates that end after two seconds, at first; what is shown later is the test's. */
  function ending(later: () => Promise<ShownCertificate>): { own: TlsFiles["own"]; shown: () => number } {
    const first = { chain: testLeaf(leaf, mine, device) + authority.device(mine, device), key: leaf.pem };
    let count = 0;
    const show = async (): Promise<ShownCertificate> =>
      count++ === 0 ? { ...first, untilUs: Date.now() * 1000 + 2_000_000 } : later();
    return { own: { show }, shown: () => count };
  }
  const lasting = async (): Promise<ShownCertificate> => {
    const chain = testLeaf(leaf, mine, device) + authority.device(mine, device);
    return { chain, key: leaf.pem, untilUs: null };
  };

  it("changes to a connection with a new certificate before the old one ends, and keeps what it listens to", async () => {
    const { own, shown: count } = ending(lasting);
    const one = await open("renewed", own);
    await one.mesh.subscribe([agentTopic(mine, "inbox")]);
    await until(() => one.lifecycle().length === 3);
    expect(one.lifecycle()).toEqual(["up", "down", "up"]);
    expect(count()).toBe(2);
    await one.mesh.publish(message(agentTopic(mine, "inbox"), Uint8Array.of(1)));
    await until(() => one.messages().length === 1);
    // And the old one does not come back.
    await quiet();
    expect([one.lifecycle().length, count()]).toEqual([3, 2]);
  });

  it.each([
    [
      "does not take the new certificate",
      async () => ({ ...(await lasting()), chain: testLeaf(leaf, mine, device) }),
    ],
    ["is not even asked, since there is none", () => Promise.reject(new Error("no certificate"))],
  ])("keeps the standing connection where the broker %s", async (_, later) => {
    const { own, shown: count } = ending(later);
    const one = await open("standing", own);
    await one.mesh.subscribe([agentTopic(mine, "inbox")]);
    await until(() => count() === 2);
    await quiet();
    await one.mesh.publish(message(agentTopic(mine, "inbox"), Uint8Array.of(1)));
    await until(() => one.messages().length === 1);
    expect(one.lifecycle()).toEqual(["up"]);
  });

  it("comes back by itself where the standing connection is lost while the new one is refused", async () => {
    let refusals = 0;
    const { own } = ending(async () => {
      refusals += 1;
      if (refusals > 2) return lasting();
      return { ...(await lasting()), chain: testLeaf(leaf, mine, device) };
    });
    const one = await open("lost", own);
    await until(() => one.isUp());
    await until(() => refusals === 1);
    await open("lost", { show: lasting });
    await until(() => refusals > 2 && one.lifecycle().filter((kind) => kind === "up").length >= 2);
  });

  it("lets each publish under its own lineage only, and hear the classes that it is entitled to", async () => {
    const [one, two] = [await enrolled(mine, software()), await enrolled(other, software())];
    await until(() => one.isUp() && two.isUp());
    for (const each of [one, two]) await each.mesh.subscribe(["spectrum/v1/#"]);
    await two.mesh.publish(message(agentTopic(mine, "identity"), Uint8Array.of(1)));
    await two.mesh.publish(message(classTopic(CELL, "bench", "offer", mine), Uint8Array.of(2)));
    await two.mesh.publish(message(classTopic(CELL, "bench", "offer", other), Uint8Array.of(3)));
    await one.mesh.publish(message(agentTopic(mine, "identity"), Uint8Array.of(4)));
    await until(() => two.messages().length > 0);
    await quiet();
    expect(one.messages().map(({ bytes }) => bytes[0])).toEqual([3, 4]);
    expect(two.messages().map(({ bytes }) => bytes[0])).toEqual([4]);
  });

  it("hears nothing more of whoever is no longer on the access list, though its certificate still holds", async () => {
    const [one, two] = [await enrolled(mine, software()), await enrolled(third, software())];
    await until(() => one.isUp() && two.isUp());
    await one.mesh.subscribe(["spectrum/v1/#"]);
    const word = message(agentTopic(third, "identity"), Uint8Array.of(1));
    await two.mesh.publish(word);
    await quiet();
    expect(one.messages()).toEqual([]);
    await writeAcl([
      [mine, ["bench"]],
      [third, []],
    ]);
    broker.reload();
    await quiet();
    await two.mesh.publish(word);
    await until(() => one.messages().length > 0);
    await writeAcl([[mine, ["bench"]]]);
    broker.reload();
    await quiet();
    await two.mesh.subscribe(["spectrum/v1/#"]);
    const before = one.messages().length;
    await two.mesh.publish(word);
    await one.mesh.publish(message(agentTopic(mine, "identity"), Uint8Array.of(2)));
    await until(() => one.messages().length > before);
    await quiet();
    expect(
      one
        .messages()
        .slice(before)
        .map(({ bytes }) => bytes[0]),
    ).toEqual([2]);
    expect(two.messages()).toEqual([]);
  });
});
