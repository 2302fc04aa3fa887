/** `authority publish`: what everybody needs who rests on this authority: keys, policy, its own chain, the latest snapshots. */
import { join } from "node:path";
import type { AuthorityView } from "../../authority/authority.ts";
import { ofKind } from "../../authority/standing.ts";
import { readAuthority, writeRecordFile } from "../../compose/offline-authority.ts";
import { latestSnapshot } from "../../core/authority/snapshots.ts";
import { equalBytes, toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import type { KindName } from "../../core/record/kinds.ts";
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
  const read = await readAuthority(folder, async (opened) => accept(publicOf(opened.view())));
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

/** In the order in which a reader can take them in. */
const KINDS: readonly KindName[] = [
  "key-event",
  "threshold-inception",
  "key-rotation",
  "policy",
  "schema",
  "credential",
  "recognition",
  "status-snapshot",
];

/** Whom else it issued to is nobody's business: of credentials only its own chain. */
function publicOf(view: AuthorityView): readonly AnyRecord[] {
  const own = ofKind(view.records, "credential").filter(({ body, header }) => {
    return equalBytes(body.subjectLineage, view.self) || !equalBytes(header.lineage, view.self);
  });
  const snapshots = ofKind(view.records, "status-snapshot");
  const issuers = [
    ...new Map(snapshots.map(({ header }) => [toHex(header.lineage), header.lineage])).values(),
  ];
  const latest = issuers.map((issuer) => latestSnapshot(snapshots, issuer)).filter((each) => each !== null);
  const rest = view.records.filter(({ kind }) => KINDS.includes(kind));
  const plain = rest.filter(({ kind }) => kind !== "credential" && kind !== "status-snapshot");
  return [...plain, ...own, ...latest];
}

function nameOf({ kind, id, header }: AnyRecord): string {
  const rank = KINDS.indexOf(kind);
  const position = String(header.seq).padStart(6, "0");
  const about = kind === "status-snapshot" ? shortId(header.lineage) : `${position}-${shortId(id)}`;
  return `${rank}-${kind}-${about}.record`;
}
