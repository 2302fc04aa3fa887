/** Addresses that never leave this host: the only ones for which a connection without TLS is made or taken. */
import { isIPv4 } from "node:net";

/** The address to use for `host`, or null when it is none of this host's own. A name is not resolved: it could lie. */
export function loopbackAddress(host: string): string | null {
  if (host === "localhost") return "127.0.0.1";
  if (host === "::1" || (isIPv4(host) && host.startsWith("127."))) return host;
  return null;
}
