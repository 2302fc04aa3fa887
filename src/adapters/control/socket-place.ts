/** Puts a listening unix socket at its path with its rights from the first moment on, over a dead agent's leftover. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { connect, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { PortError } from "../../ports/port-error.ts";

/** sun_path holds 108 bytes, one of them the final zero. */
const PATH_BYTES_MAX = 107;
const OWNER_ONLY = 0o600;
const OWNER_AND_GROUP = 0o660;

/**
 * Listens at `path`; `group` (a name in /etc/group) may use it too. Resolves to what removes it again. Rejects with
 * `control-in-use` when somebody answers there, `control-group-unknown`, `control-failed`.
 */
export async function placeSocket(server: Server, path: string, group: string | null): Promise<() => void> {
  const gid = group === null ? null : gidOf(group);
  // A name of the nursery's length is checked before anything is made.
  const longest = Math.max(Buffer.byteLength(path), Buffer.byteLength(join(dirname(path), ".c123456", "s")));
  if (longest > PATH_BYTES_MAX) throw failed(`${path} is too long for a socket`);
  // A connection to a plain file is refused just as one to a dead socket.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) throw failed(`${path} is there and is no socket`);
  if (await isAnswered(path)) {
    throw new PortError("control", "control-in-use", `another agent listens at ${path}`, true);
  }
  // Bound in a folder that only the owner can enter, given its rights, and only then moved to its name.
  const nursery = makeNursery(path);
  const born = join(nursery, "s");
  try {
    await listening(server, born);
    if (gid !== null) chownSync(born, process.getuid?.() ?? 0, gid);
    chmodSync(born, gid === null ? OWNER_ONLY : OWNER_AND_GROUP);
    const { ino } = statSync(born);
    renameSync(born, path);
    return () => removeOwn(path, ino);
  } catch (error) {
    server.close();
    throw unmade(path, error);
  } finally {
    rmSync(nursery, { recursive: true, force: true });
  }
}

function makeNursery(path: string): string {
  try {
    return mkdtempSync(join(dirname(path), ".c"));
  } catch (error) {
    throw unmade(path, error);
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      // From now on, an error is one connection that could not be taken.
      server.on("error", () => {});
      resolve();
    });
  });
}

/** True when a connection to the socket is taken; false when nothing is there, or a dead agent's file. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(false);
      // A backlog that is full is a living owner's.
      else if (error.code === "EAGAIN") resolve(true);
      else reject(failed(`${path}: ${error.message}`, error));
    });
  });
}

function removeOwn(path: string, ino: number): void {
  try {
    if (statSync(path).ino === ino) unlinkSync(path);
  } catch {
    // Gone already, with its folder or by another's hand.
  }
}

function gidOf(group: string): number {
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${group}:`));
  const gid = Number(line?.split(":")[2]);
  if (line !== undefined && Number.isInteger(gid)) return gid;
  throw new PortError("control", "control-group-unknown", `/etc/group has no group ${group}`, false);
}

function failed(message: string, cause?: unknown): PortError {
  return new PortError("control", "control-failed", message, false, cause);
}

function unmade(path: string, error: unknown): PortError {
  const reason = error instanceof Error ? error.message : String(error);
  return failed(`${basename(path)} could not be made: ${reason}`, error);
}
