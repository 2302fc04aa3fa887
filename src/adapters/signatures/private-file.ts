/** Files that only their owner may touch: keys, and the passphrases of keys. */
import { constants, mkdir, open } from "node:fs/promises";
import { PortError } from "../../ports/port-error.ts";

/** A PKCS#8 PEM of either suite takes less than 600 bytes. */
const PRIVATE_FILE_BYTES_MAX = 4096;

/**
 * Checked on the opened file, not on its name, so that nothing can be swapped in between. Rejects with PortError
 * {port: "signer"}: `signer-key-unreadable`, `signer-key-invalid` (no file, or too long for one), `signer-key-permissions`.
 */
export async function readPrivateFile(path: string, what: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (cause: NodeJS.ErrnoException) => {
      const said = `cannot open the ${what} ${path}: ${cause.code}`;
      throw new PortError("signer", "signer-key-unreadable", said, false, cause);
    },
  );
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > PRIVATE_FILE_BYTES_MAX) {
      throw new PortError("signer", "signer-key-invalid", `${path} is no ${what}`, false);
    }
    const mode = status.mode & 0o777;
    if ((mode & 0o077) !== 0 || status.uid !== process.geteuid?.()) {
      const found = `mode ${mode.toString(8).padStart(4, "0")}, user ${status.uid}`;
      const said = `${path} is open to others (${found}); required: 0600 or 0400, own user`;
      throw new PortError("signer", "signer-key-permissions", said, false);
    }
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Writes a fresh file, 0600, flushed. Never overwrites: PortError `signer-key-exists`. */
export async function createPrivateFile(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600).catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === "EEXIST" ? "signer-key-exists" : "signer-key-unreadable";
    throw new PortError("signer", code, `cannot create the key file ${path}: ${cause.code}`, false, cause);
  });
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** With what is missing above it. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700, recursive: true });
}
