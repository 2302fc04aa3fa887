/** The section `mesh`: where the broker is, with which certificates, and how far the agent listens. */
import { resolve } from "node:path";
import type { MeshProfile } from "./agent-profile.ts";
import { choice, complain, count, map, type Piece, type Reading, read, refuse, textLeaf } from "./leaf.ts";
import { path } from "./path-leaf.ts";
import { complaint } from "./profile-error.ts";

const URL_PATTERN = "^(mqtts?)://([A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+\\])(?::([0-9]{1,5}))?/?$";
const DEFAULT_PORTS: Readonly<Record<string, number>> = { mqtt: 1883, mqtts: 8883 };
/** Where the files of an enrolled client are unless told, from the profile's folder: as `init` writes them. */
export const ENROLLED_FILES = { ca: "broker/ca.pem", device: "broker/device.pem" } as const;
const RANGE_RINGS = { min: 0, max: 8 } as const;

export function meshSection(folder: string): Piece<MeshProfile> {
  return map(
    {
      driver: choice(["mqtt", "embedded"], "a broker that runs already, or one inside the agent at `url`"),
      url: brokerUrl("the broker, as in mqtt://127.0.0.1:1883 or mqtts://broker.example:8883"),
      ca: path(folder, "certificate of the authority that signed the broker's, PEM; mqtts only").optional(),
      cert: path(
        folder,
        "the agent's own certificate, PEM; mqtts only, with `key`, or of its enrolled key",
      ).optional(),
      key: path(folder, "the key of `cert`, PEM; none with `client: enrolled`").optional(),
      client: choice(
        ["file", "enrolled"],
        "whose key shows who the agent is: that in `key`, or the enrolled one, whose certificate `cert` is",
      ).prefault("file"),
      range: count(
        RANGE_RINGS.min,
        RANGE_RINGS.max,
        "rings of H3 cells around the own one to listen to",
      ).prefault(1),
    },
    "the carrier of records between agents",
  ).transform((mesh, context): MeshProfile => {
    const encrypted = mesh.url.startsWith("mqtts:");
    const isEnrolled = mesh.client === "enrolled";
    for (const name of ["ca", "cert", "key"] as const) {
      if (mesh[name] === undefined || encrypted) continue;
      const told = complaint("fields-conflict", "nothing with mqtt://", "write mqtts:// in `url` to encrypt");
      complain(context, [name], told);
    }
    if (encrypted && mesh.ca === undefined && !isEnrolled) {
      const told = complaint("fields-conflict", "`ca` beside mqtts://", "it says whose broker this is");
      complain(context, ["url"], told);
    }
    if (isEnrolled && !encrypted) {
      const told = complaint("fields-conflict", "mqtts:// in `url`", "a certificate is shown by TLS only");
      complain(context, ["client"], told);
    }
    if (isEnrolled && mesh.key !== undefined) {
      complain(
        context,
        ["key"],
        complaint("fields-conflict", "none with `client: enrolled`: the TPM has it"),
      );
    }
    if (!isEnrolled && (mesh.cert === undefined) !== (mesh.key === undefined)) {
      const given = mesh.cert === undefined ? "key" : "cert";
      complain(context, [given], complaint("fields-conflict", "`cert` and `key` together, or neither"));
    }
    if (mesh.driver === "embedded" && encrypted) {
      const told = complaint("fields-conflict", "mqtt:// with driver embedded", "run mosquitto for TLS");
      complain(context, ["url"], told);
    }
    const { driver, url, ca = null, cert = null, key = null, range } = mesh;
    const files = isEnrolled ? ENROLLED_FILES : { ca: null, device: null };
    const fallback = (name: string | null): string | null => (name === null ? null : resolve(folder, name));
    const caPath = ca ?? fallback(files.ca);
    const certPath = cert ?? fallback(files.device);
    return { driver, url, caPath, certPath, keyPath: key, isEnrolled, rangeRings: range };
  });
}

/** Scheme, host and port; no user, since a profile holds no secret, and no path. */
export function brokerUrl(description: string): Piece<string> {
  const allowed = "mqtt://host:port or mqtts://host:port";
  return textLeaf({ description, pattern: URL_PATTERN }, allowed, (text): Reading<string> => {
    const parts = new RegExp(URL_PATTERN).exec(text);
    if (parts === null) {
      const hint = text.includes("@") ? "a profile holds no password: give the agent a certificate" : "";
      return refuse(complaint("field-form", allowed, hint));
    }
    const [, scheme = "", host = "", written] = parts;
    const port = written === undefined ? DEFAULT_PORTS[scheme] : Number(written);
    if (port === undefined || port < 1 || port > 65_535) {
      return refuse(complaint("field-range", "a port from 1 to 65535"));
    }
    return read(`${scheme}://${host}:${port}`);
  });
}
