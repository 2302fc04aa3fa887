import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type MqttMeshOptions, openMqttMesh, type TlsFiles } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import { message, quiet, until, watch } from "../conformance/mesh.ts";
import { context, defaults } from "../conformance/mesh-worlds.ts";
import {
  type CertificateAuthority,
  hasOpenssl,
  makeAuthority,
  makeCertificate,
} from "../support/certificates.ts";
import { hasMosquitto, type Mosquitto, type MosquittoOptions, startMosquitto } from "../support/mosquitto.ts";

const named = (title: string, ...missing: readonly (string | false)[]): string => {
  const names = missing.filter((one) => one !== false);
  return names.length === 0 ? title : `${title} (skipped: ${names.join(", ")} not installed)`;
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function broker(options: MosquittoOptions): Promise<Mosquitto> {
  const started = await startMosquitto(options);
  cleanups.push(started.close);
  return started;
}

async function open(
  port: number,
  clientId: string,
  changed: Partial<MqttMeshOptions> = {},
): Promise<ReturnType<typeof watch>> {
  const mesh: Mesh = await openMqttMesh(context, {
    ...defaults,
    clientId,
    host: "127.0.0.1",
    port,
    tls: null,
    reconnectFirstUs: 20_000,
    reconnectMaxUs: 100_000,
    ...changed,
  });
  cleanups.push(() => mesh.close());
  return watch(mesh);
}

describe.skipIf(!hasMosquitto())(named("mosquitto", !hasMosquitto() && "mosquitto"), () => {
  it("keeps retained messages, kept sessions and their queue over a stop and a start", async () => {
    const mosquitto = await broker({ persistence: true });
    const [a, b] = [await open(mosquitto.port, "a"), await open(mosquitto.port, "b", { clean: false })];
    await until(() => a.isUp() && b.isUp());
    await b.mesh.subscribe(["t/#"]);
    await b.mesh.close();
    await a.mesh.publish(message("t/kept", Uint8Array.of(1), true));
    await a.mesh.publish(message("t/queued", Uint8Array.of(2)));
    await mosquitto.stop();
    await until(() => a.isDown());
    await mosquitto.start();
    await until(() => a.isUp());
    const back = await open(mosquitto.port, "b", { clean: false });
    await until(() => back.messages().length >= 2);
    expect(back.messages().map((one) => one.bytes[0])).toEqual([1, 2]);
    const c = await open(mosquitto.port, "c");
    await c.mesh.subscribe(["t/#"]);
    await until(() => c.messages().length === 1);
    expect(c.messages()).toEqual([message("t/kept", Uint8Array.of(1), true)]);
  });

  it("delivers a burst of 3000 to a slow start, since max_queued_messages is raised above its default", async () => {
    const mosquitto = await broker({});
    const [a, b] = [
      await open(mosquitto.port, "a", { inFlightMax: 4000 }),
      await open(mosquitto.port, "b", { clean: false }),
    ];
    await until(() => a.isUp() && b.isUp());
    await b.mesh.subscribe(["t/#"]);
    await b.mesh.close();
    const bytes = (i: number): Uint8Array => Uint8Array.of(i >> 8, i);
    await Promise.all(Array.from({ length: 3000 }, (_, i) => a.mesh.publish(message("t/x", bytes(i)))));
    const back = await open(mosquitto.port, "b", { clean: false });
    await until(() => back.messages().length === 3000);
    expect(back.messages().map((one) => one.bytes)).toEqual(Array.from({ length: 3000 }, (_, i) => bytes(i)));
  });

  it("ends the older connection of a client id, which says so and comes back", async () => {
    const mosquitto = await broker({});
    const first = await open(mosquitto.port, "twin", {
      reconnectFirstUs: 60_000_000,
      reconnectMaxUs: 60_000_000,
    });
    await until(() => first.isUp());
    const second = await open(mosquitto.port, "twin");
    await until(() => second.isUp() && first.isDown());
    expect(first.events.at(-1)).toEqual({ kind: "down", reason: "closed by the broker" });
  });
});

describe.skipIf(!hasMosquitto() || !hasOpenssl)(
  named("mosquitto with TLS", !hasMosquitto() && "mosquitto", !hasOpenssl && "openssl"),
  () => {
    let folder = "";
    let ours: CertificateAuthority;
    let foreign: CertificateAuthority;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "mesh-tls-"));
      ours = makeAuthority(folder, "ours");
      foreign = makeAuthority(folder, "foreign");
      await writeFile(join(folder, "san.cnf"), "subjectAltName=IP:127.0.0.1\n");
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    async function tlsBroker(): Promise<Mosquitto> {
      const { certPath, keyPath } = makeCertificate(folder, ours, "broker", join(folder, "san.cnf"));
      return broker({ tls: { caPath: ours.caPath, certPath, keyPath } });
    }

    async function reasonsOf(port: number, tls: TlsFiles | null): Promise<string[]> {
      const one = await open(port, "refused", { tls });
      await until(() => one.isDown());
      await quiet();
      expect(one.lifecycle()).not.toContain("up");
      return one.events.flatMap((event) => (event.kind === "down" ? [event.reason] : []));
    }

    it("carries messages between clients that each show a certificate of the same authority", async () => {
      const { port } = await tlsBroker();
      const own = makeCertificate(folder, ours, "00ff");
      const tls: TlsFiles = { caPath: ours.caPath, own };
      const [a, b] = [await open(port, "a", { tls }), await open(port, "b", { tls })];
      await b.mesh.subscribe(["t/#"]);
      await until(() => a.isUp() && b.isUp());
      await a.mesh.publish(message("t/x", new Uint8Array(4096).fill(7)));
      await until(() => b.messages().length === 1);
      expect(b.messages()).toEqual([message("t/x", new Uint8Array(4096).fill(7))]);
    });

    it("does not speak to a broker whose certificate another authority signed", async () => {
      const { port } = await tlsBroker();
      const own = makeCertificate(folder, ours, "00ff");
      expect(await reasonsOf(port, { caPath: foreign.caPath, own })).toEqual([
        expect.stringMatching(/SIGNATURE|CERT/),
      ]);
    });

    it("does not speak to a broker whose certificate names another address", async () => {
      const { certPath, keyPath } = makeCertificate(folder, ours, "broker-without-address");
      const { port } = await broker({ tls: { caPath: ours.caPath, certPath, keyPath } });
      const own = makeCertificate(folder, ours, "00ff");
      expect(await reasonsOf(port, { caPath: ours.caPath, own })).toEqual(["ERR_TLS_CERT_ALTNAME_INVALID"]);
    });

    it("is refused by the broker without a certificate, and with one of another authority", async () => {
      const { port } = await tlsBroker();
      const foreignOwn = makeCertificate(folder, foreign, "00ff");
      for (const own of [null, foreignOwn]) {
        const reasons = await reasonsOf(port, { caPath: ours.caPath, own });
        expect(reasons.length).toBeGreaterThan(0);
      }
    });

    it("tells which file is missing, and is up once it is there", async () => {
      const { port } = await tlsBroker();
      const caPath = join(folder, "late-ca.pem");
      const one = await open(port, "late", { tls: { caPath, own: makeCertificate(folder, ours, "00ff") } });
      await until(() => one.isDown());
      expect(one.events.at(-1)).toEqual({ kind: "down", reason: expect.stringContaining(caPath) });
      execFileSync("cp", [ours.caPath, caPath]);
      await until(() => one.isUp());
    });
  },
);
