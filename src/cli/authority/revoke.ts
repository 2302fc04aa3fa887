/** `authority revoke` and `authority snapshot`: what an authority no longer stands by, as a numbered file. */

import { releasedUs } from "../../authority/book.ts";
import { revocableById } from "../../authority/renew.ts";
import { writeSnapshot } from "../../authority/revoke.ts";
import { writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { shortId } from "./credential-view.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type SnapshotOptions = WritingOptions & { readonly out: string };

export const revoke: Subcommand = (group) => {
  writing(group.command("revoke"))
    .description("revoke credentials and recognitions, in a new status snapshot")
    .argument("<id...>", "first digits of them")
    .requiredOption("--out <file>", "the snapshot's record, for everybody who rests on this authority")
    .action((ids: readonly string[], options: SnapshotOptions) => run(ids, options));
};

export const snapshot: Subcommand = (group) => {
  writing(group.command("snapshot"))
    .description("write a new status snapshot: policies tolerate an old one for a while only")
    .requiredOption("--out <file>", "the snapshot's record")
    .action((options: SnapshotOptions) => run([], options));
};

async function run(ids: readonly string[], options: SnapshotOptions): Promise<void> {
  const done = await asWriter(options, async (authority, nowUs) => {
    const revoked: (RecordOf<"credential"> | RecordOf<"recognition">)[] = [];
    for (const id of ids) {
      const found = revocableById(authority.view(), id);
      if (!found.ok) return found;
      revoked.push(found.value);
    }
    const written = await writeSnapshot(
      authority,
      revoked.map((link) => link.id),
      nowUs,
    );
    if (!written.ok) return written;
    const view = authority.view();
    const released = revoked.map((link) => ({ link, untilUs: releasedUs(link, view) }));
    return accept({ record: written.value, released });
  });
  if (done === null) return;
  const { record, released } = done;
  await writeRecordFile(options.out, record);
  const { number, revoked, issuedUs } = record.body;
  if (options.json === true) {
    const free = released.map(({ link, untilUs }) => ({ credential: toHex(link.id), takenUntilUs: untilUs }));
    const list = revoked.map(toHex);
    const schema = "spectrum-agent.authority-snapshot/1";
    printJson({ schema, file: options.out, number, issuedUs, revoked: list, released: free });
    return;
  }
  for (const { link, untilUs } of released) {
    const whose = link.kind === "credential" ? link.body.owner : `root ${shortId(link.body.root)}`;
    printLine(`revoked ${shortId(link.id)} of ${whose}; its scope is free again from ${instant(untilUs)}`);
  }
  printLine(`snapshot ${number}, ${revoked.length} revoked, issued ${instant(issuedUs)}: ${options.out}`);
}
