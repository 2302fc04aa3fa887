/** cloud-init's user-data for a host of a fleet: the units, its enrolment, and who signs for it. Nothing in it is secret. */
import { formatYaml } from "./yaml-document.ts";

export type CloudFile = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly owner: string;
  readonly mode: string;
};

export type CloudConfig = {
  readonly files: readonly CloudFile[];
  /** Each a command with its words: no shell reads them. */
  readonly commands: readonly (readonly string[])[];
};

/** A file `#cloud-config` (cloud-init's modules write_files and runcmd). */
export function cloudConfigText({ files, commands }: CloudConfig): string {
  const written = files.map(({ path, bytes, owner, mode }) => ({
    path,
    encoding: "b64",
    content: Buffer.from(bytes).toString("base64"),
    owner,
    permissions: mode,
    // Users of the units are made by the first command.
    defer: true,
  }));
  return `#cloud-config\n${formatYaml({ write_files: written, runcmd: commands })}`;
}
