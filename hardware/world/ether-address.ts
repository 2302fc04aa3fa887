/** Where a world process listens: `unix:/path` or `tcp:127.0.0.1:port`. Loopback only: it proves nothing to strangers. */

export type EtherAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly port: number };

/** Longest path that Linux takes for a unix socket, bytes (sun_path is 108 with its final zero). */
const SOCKET_PATH_BYTES_MAX = 107;

/** The address that `text` names, or null. Port 0 lets the listener choose one. */
export function etherAddress(text: string): EtherAddress | null {
  if (text.startsWith("unix:/")) {
    const path = text.slice("unix:".length);
    return Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX ? { kind: "unix", path } : null;
  }
  const port = /^tcp:127\.0\.0\.1:(0|[1-9][0-9]{0,4})$/.exec(text)?.[1];
  return port !== undefined && Number(port) <= 65_535 ? { kind: "tcp", port: Number(port) } : null;
}

/** What `net.connect` and `server.listen` take for `address`. */
export function socketOptions(address: EtherAddress): { path: string } | { host: string; port: number } {
  return address.kind === "unix" ? { path: address.path } : { host: "127.0.0.1", port: address.port };
}
