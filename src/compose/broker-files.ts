/** Files for a broker and for the clients that it is to know, from an authority's desk. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeWhole } from "../adapters/authority/whole-file.ts";
import { tlsKey } from "../adapters/certificate/tls-key.ts";
import { createPrivateFile } from "../adapters/signatures/private-file.ts";
import type { BrokerDesk } from "../authority/broker-desk.ts";
import type { BrokerHost } from "../core/x509/broker-certificates.ts";
import { ENROLLED_FILES } from "../profile/mesh-schema.ts";
import { shippedFile } from "../profile/shipped-file.ts";
import { makeFolder } from "./make-folder.ts";

/** Below an authority's folder: by which it announces. The key is not encrypted, since a timer may say it. */
export const ANNOUNCER_FILES = {
  ca: "broker/ca.pem",
  cert: "broker/announcer.pem",
  key: "broker/announcer.key",
} as const;

const SHIPPED = "profiles/broker/mosquitto.conf";
const SHIPPED_FOLDER = "/etc/spectrum-agent/broker/";

export type BrokerOrder = {
  readonly hosts: readonly BrokerHost[];
  readonly out: string;
  /** mosquitto's acl_file. */
  readonly acl: string;
};

/** Certificate, key, access list and configuration for a mosquitto. PortError `signer-key-exists` where a key stands there. */
export async function writeBrokerFolder(desk: BrokerDesk, { hosts, out, acl }: BrokerOrder): Promise<void> {
  const folder = resolve(out);
  await makeFolder(folder);
  const { publicKey, privatePem } = tlsKey();
  await createPrivateFile(join(folder, "broker.key"), privatePem);
  const shipped = await readFile(shippedFile(SHIPPED), "utf8");
  const files = {
    "ca.pem": desk.ca,
    "broker.pem": await desk.certifyBroker(publicKey, hosts),
    acl,
    "mosquitto.conf": shipped.replaceAll(SHIPPED_FOLDER, `${folder}/`),
  };
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), utf8.encode(text));
}

/** The authority's own client, made once. */
export async function writeAnnouncer(desk: BrokerDesk, authority: string): Promise<void> {
  const { publicKey, privatePem } = tlsKey();
  const key = join(resolve(authority), ANNOUNCER_FILES.key);
  if ((await readFile(key).catch(() => null)) !== null) return;
  await writeWhole(
    join(resolve(authority), ANNOUNCER_FILES.cert),
    utf8.encode(await desk.certifyAnnouncer(publicKey)),
  );
  await createPrivateFile(key, privatePem);
}

/** Into a folder of the profile's, where an enrolled client looks unless told. */
export async function writeDeviceFiles(ca: string, device: string, out: string): Promise<void> {
  for (const [name, text] of [
    [ENROLLED_FILES.ca, ca],
    [ENROLLED_FILES.device, device],
  ] as const) {
    const path = join(resolve(out), name);
    await makeFolder(dirname(path));
    await writeWhole(path, utf8.encode(text));
  }
}

const utf8 = new TextEncoder();
