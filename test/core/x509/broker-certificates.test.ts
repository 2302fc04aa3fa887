/** What the certificates let a device say, judged by OpenSSL in a real handshake (RFC 5280 §6). */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/core/base/bytes.ts";
import { certificateToSign, type Name } from "../../../src/core/x509/certificate.ts";
import {
  certified,
  DAY_US,
  forgedLeaf,
  testAuthority,
  testKey,
  testLeaf,
} from "../../support/broker-keys.ts";

const HOST = { address: Uint8Array.of(127, 0, 0, 1) };
const [root, mine, other] = ["11", "ab", "cd"].map((byte) => fromHex(byte.repeat(32)) as Uint8Array) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const authority = testAuthority(root);
const [brokerKey, deviceKey, leafKey] = [testKey(), testKey(), testKey()];
const device = authority.device(mine, deviceKey);
const nowUs = Date.now() * 1000;

type Shown = { readonly cert: string; readonly key: string };
const broker: Shown = { cert: authority.broker(brokerKey, [HOST]), key: brokerKey.pem };
const leafOf = (cert: string): Shown => ({ cert, key: leafKey.pem });

/** The common name that the server took, or OpenSSL's word for why it takes none; `client …` where the client took no server. */
async function handshake(client: Shown, server: Shown = broker): Promise<string> {
  const listening = createServer({
    ...server,
    ca: authority.ca,
    requestCert: true,
    rejectUnauthorized: false,
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  const seen = new Promise<string>((resolve) => {
    listening.once("secureConnection", (socket: TLSSocket) => {
      const { CN: name } = socket.getPeerCertificate().subject;
      resolve(socket.authorized ? String(name) : String(socket.authorizationError));
    });
  });
  const socket = connect({ port, host: "127.0.0.1", ca: authority.ca, ...client });
  const failed = new Promise<string>((resolve) =>
    socket.on("error", (error: Error & { code?: string }) => resolve(`client ${error.code}`)),
  );
  try {
    return await Promise.race([seen, failed]);
  } finally {
    socket.destroy();
    listening.close();
  }
}

const forged = (subject: Name): string => forgedLeaf(leafKey, deviceKey, mine, subject);

const deviceName: Name = [
  ["OU", "device"],
  ["CN", toHex(mine)],
];
const client = (name: Uint8Array): Name => [["CN", toHex(name)]];

describe("a device's enrolled key", () => {
  test("certifies a key for clients under the name of its lineage", async () => {
    expect(await handshake(leafOf(testLeaf(leafKey, mine, deviceKey) + device))).toBe(toHex(mine));
    expect(await handshake(leafOf(forged(client(mine)) + device))).toBe(toHex(mine));
  });

  test("certifies nobody else, in whatever form the name is written", async () => {
    for (const subject of [client(other), [...client(other), ...client(mine)], deviceName] as const) {
      expect(await handshake(leafOf(forged(subject) + device))).not.toMatch(/^[0-9a-f]{64}/);
    }
    // A broker that takes the common name finds none.
    expect(await handshake(leafOf(forged([]) + device))).toBe("undefined");
    // What comes after its own name changes nothing: mosquitto takes the first common name (RFC 5280 §4.2.1.10, prefixes).
    expect(await handshake(leafOf(forged([...client(mine), ...client(other)]) + device))).toBe(
      `${toHex(mine)},${toHex(other)}`,
    );
  });

  test("certifies no second device, and no broker", async () => {
    const below = certificateToSign({
      ...certified(leafKey),
      issuer: deviceName,
      subject: client(mine),
      extensions: [],
    });
    const third = testKey();
    const under = leafKey.certify(
      certificateToSign({ ...certified(third), issuer: client(mine), subject: client(mine), extensions: [] }),
    );
    const chain = under + deviceKey.certify(below) + device;
    expect(await handshake({ cert: chain, key: third.pem })).not.toMatch(/^[0-9a-f]{64}/);
    const asBroker = leafOf(testLeaf(leafKey, mine, deviceKey) + device);
    expect(await handshake(asBroker, asBroker)).toBe("client INVALID_PURPOSE");
  });

  test.each([
    [
      "a key that another device signed",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      () => testLeaf(leafKey, mine, testKey()) + device,
    ],
    [
      "no certificate of the device",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      () => testLeaf(leafKey, mine, deviceKey),
    ],
    [
      "a device of another authority",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      () => {
        const elsewhere = testAuthority(root).device(mine, deviceKey);
        return testLeaf(leafKey, mine, deviceKey) + elsewhere;
      },
    ],
    [
      "a time that is over",
      "CERT_HAS_EXPIRED",
      () => testLeaf(leafKey, mine, deviceKey, { untilUs: nowUs - 1_000_000 }) + device,
    ],
    [
      "a time to come",
      "CERT_NOT_YET_VALID",
      () => testLeaf(leafKey, mine, deviceKey, { fromUs: nowUs + DAY_US / 2 }) + device,
    ],
    [
      "a device whose time is over",
      "CERT_HAS_EXPIRED",
      () => {
        const ended = authority.device(mine, deviceKey, { untilUs: nowUs - 1_000_000 });
        return testLeaf(leafKey, mine, deviceKey) + ended;
      },
    ],
  ])("is refused for %s", async (_, why, chain) => {
    expect(await handshake(leafOf(chain()))).toBe(why);
  });
});
