/** Opens the ports that a profile names, each by its registry. */
import { join } from "node:path";
import { gnssDrivers } from "../../hardware/gnss/registry.ts";
import { radioDrivers } from "../../hardware/radio/registry.ts";
import { tpmDrivers } from "../../hardware/tpm/registry.ts";
import { enrolledClient } from "../adapters/certificate/enrolled-client.ts";
import { startBroker } from "../adapters/mqtt/embedded-broker.ts";
import { openMqttMesh, type TlsFiles } from "../adapters/mqtt/mqtt-mesh.ts";
import { openNodeDisk } from "../adapters/store/node-disk.ts";
import { openSegmentStore } from "../adapters/store/segment-store.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Sha256 } from "../core/base/primitives.ts";
import { limits } from "../core/wire/limits.ts";
import type { DriverContext, DriverEntry } from "../ports/driver.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Mesh } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import type { Radio } from "../ports/radio.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";
import type { AgentProfile, MeshProfile } from "../profile/agent-profile.ts";
import type { DriverChoice, Drivers } from "../profile/driver-registry.ts";
import { makeFolder, PRIVATE_MODE } from "./make-folder.ts";

/** Every driver, for the profile's checks. */
export const drivers: Drivers = { tpm: tpmDrivers, gnss: gnssDrivers, radio: radioDrivers };

export function openTpm({ tpm }: AgentProfile, context: DriverContext): Promise<Tpm> {
  return openDriver(tpmDrivers, tpm, context);
}

export function openGnss({ gnss }: AgentProfile, context: DriverContext): Promise<Gnss> {
  return openDriver(gnssDrivers, gnss, context);
}

async function openDriver<Port>(
  entries: readonly DriverEntry<Port>[],
  { driver, options }: DriverChoice,
  context: DriverContext,
): Promise<Port> {
  const entry = entries.find(({ id }) => id === driver);
  if (entry === undefined) throw profileFault([`no driver ${driver}`]);
  const open = await entry.load();
  return open(context, options);
}

export async function openRadio({ radio }: AgentProfile, context: DriverContext): Promise<Radio | null> {
  return radio === null ? null : openDriver(radioDrivers, radio, context);
}

export async function openStore(statePath: string, entropy: Entropy): Promise<Store> {
  const folder = join(statePath, "log");
  await makeFolder(folder, PRIVATE_MODE);
  return openSegmentStore({ disk: await openNodeDisk(folder), entropy });
}

/** Whose key TLS is set up with, where the profile says `client: enrolled`. */
export type EnrolledKey = { readonly signer: Signer; readonly sha256: Sha256 };

/** `enrolled`: null for whoever has no enrolled key. PortErrors of the certificate files that no waiting mends. */
export async function openMesh(
  { mesh }: Pick<AgentProfile, "mesh">,
  context: DriverContext,
  lineage: Uint8Array,
  enrolled: EnrolledKey | null = null,
): Promise<Mesh> {
  const { hostname, port, protocol } = new URL(mesh.url);
  const tls = protocol === "mqtts:" ? await tlsOf(mesh, context, lineage, enrolled) : null;
  const number = Number(port === "" ? (tls === null ? 1883 : 8883) : port);
  if (mesh.driver === "embedded") await startBroker({ host: hostname, port: number });
  return openMqttMesh(context, {
    host: hostname,
    port: number,
    tls,
    clientId: toHex(lineage).slice(0, 32),
    clean: true,
    will: null,
    maxMessageBytes: limits.ENVELOPE_BYTES_MAX,
    inFlightMax: 256,
  });
}

async function tlsOf(
  { caPath, certPath, keyPath, isEnrolled }: MeshProfile,
  { clock, entropy }: DriverContext,
  lineage: Uint8Array,
  enrolled: EnrolledKey | null,
): Promise<TlsFiles> {
  if (caPath === null)
    throw profileFault(["mesh.ca: mqtts:// needs the certificate that the broker's is checked by"]);
  if (certPath === null) return { caPath, own: null };
  if (!isEnrolled) return { caPath, own: keyPath === null ? null : { certPath, keyPath } };
  if (enrolled === null) throw profileFault(["mesh.client: nobody here has an enrolled key"]);
  const own = enrolledClient({ ...enrolled, lineage, devicePath: certPath, clock, entropy });
  // Once before the first connection: what is of another key is a mistake that no waiting mends.
  await own.show().catch((error: unknown) => {
    if (error instanceof PortError && error.port === "mesh" && !error.retryable) throw error;
  });
  return { caPath, own };
}

export function profileFault(lines: readonly string[]): PortError {
  return new PortError("profile", "profile-documents", lines.join("; "), false);
}
