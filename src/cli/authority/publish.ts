/** `authority publish`: what everybody needs who rests on this authority: keys, policy, its own chain, the latest snapshots, directives that stand. */
import { join } from "node:path";
import { PUBLIC_KINDS, publicRecords } from "../../authority/public-records.ts";
import { readAuthority, writeRecordFile } from "../../compose/offline-authority.ts";
import { accept } from "../../core/base/rejection.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { printJson, printLine } from "../output.ts";
import { shortId } from "./credential-view.ts";
import { type AuthorityOptions, reading, refuse, type Subcommand } from "./shared-options.ts";

type PublishOptions = AuthorityOptions & { readonly out: string };

export const publish: Subcommand = (group) => {
  reading(group.command("publish"))
    .description("write the records that hosts and authorities below need, as `documents` of a profile")
    .requiredOption("--out <folder>", "gets them; a newer snapshot takes the place of the older one")
    .action((options: PublishOptions) => run(options));
};

async function run({ authority: folder, out, json }: PublishOptions): Promise<void> {
  const read = await readAuthority(folder, async (opened, nowUs) =>
    accept(publicRecords(opened.view(), nowUs)),
  );
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const files = read.value.map((record) => ({ record, name: nameOf(record) }));
  for (const { record, name } of files) await writeRecordFile(join(out, name), record);
  const names = files.map(({ name }) => name);
  if (json === true) printJson({ schema: "spectrum-agent.authority-publish/1", folder: out, files: names });
  else printLine(`${names.length} records: ${out}`);
}

function nameOf({ kind, id, header }: AnyRecord): string {
  const rank = PUBLIC_KINDS.indexOf(kind);
  const position = String(header.seq).padStart(6, "0");
  const about = kind === "status-snapshot" ? shortId(header.lineage) : `${position}-${shortId(id)}`;
  return `${rank}-${kind}-${about}.record`;
}
