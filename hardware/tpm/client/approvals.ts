/** PCR approvals as they lie in a file or a folder, read again whenever the host is in a state that none of them names. */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  APPROVAL_CHARACTERS_MAX,
  type ApprovalDemand,
  approvalFindings,
  type PcrApproval,
  readPcrApproval,
} from "../../../src/core/attestation/pcr-approval.ts";
import type { Rejection } from "../../../src/core/base/rejection.ts";

export type Handed = { readonly file: string; readonly approval: PcrApproval };

/** Approvals for one key's policy, and for each file that holds none, why. Signatures are not looked at here. */
export type Approvals = { readonly handed: readonly Handed[]; readonly refused: readonly string[] };

/** More files than that are more states than a host is in; the first by name are read. */
const FILES_MAX = 64;

/** Never rejects: what cannot be read is `refused`. */
export async function readApprovals(path: string, demand: ApprovalDemand): Promise<Approvals> {
  const handed: Handed[] = [];
  const refused: string[] = [];
  for (const file of await filesOf(path, refused)) {
    const read = await textOf(file);
    if (typeof read !== "object") {
      refused.push(`${file}: ${read}`);
      continue;
    }
    const answer = readPcrApproval(read.text);
    const found = answer.ok ? approvalFindings(answer.value, demand) : answer.rejections;
    if (answer.ok && found.length === 0) handed.push({ file, approval: answer.value });
    else refused.push(`${file}: ${found.map(said).join("; ")}`);
  }
  return { handed, refused };
}

/** Names with a dot before them are of files that somebody still writes. */
async function filesOf(path: string, refused: string[]): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
    if (names.length > FILES_MAX)
      refused.push(`${path}: ${names.length} files, of which ${FILES_MAX} are read`);
    return names.slice(0, FILES_MAX).map((name) => join(path, name));
  } catch (error) {
    refused.push(trouble(error));
    return [];
  }
}

async function textOf(path: string): Promise<{ readonly text: string } | string> {
  try {
    const file = await open(path, "r");
    try {
      // One more than there may be: what is too long is seen to be.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(APPROVAL_CHARACTERS_MAX + 1), 0);
      return { text: buffer.toString("utf8", 0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return trouble(error);
  }
}

function said({ code, field, measured, required }: Rejection): string {
  const at = field === "" ? "" : ` ${field}`;
  return `${code}${at}: ${JSON.stringify(measured)}, required ${JSON.stringify(required)}`;
}

function trouble(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
