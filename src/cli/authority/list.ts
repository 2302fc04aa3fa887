/** `authority list`: what an authority issued, and how each of them stands. */
import { issuedBy, recognisedBy, standingOf } from "../../authority/standing.ts";
import { readAuthority } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { printJson, printLine } from "../output.ts";
import {
  credentialJson,
  licenceOf,
  recognitionJson,
  recognitionLine,
  standingLine,
} from "./credential-view.ts";
import { type AuthorityOptions, reading, refuse, type Subcommand } from "./shared-options.ts";

export const list: Subcommand = (group) => {
  reading(group.command("list"))
    .description("list what the authority issued: valid, expired, revoked")
    .action((options: AuthorityOptions) => run(options));
};

async function run({ authority: folder, json }: AuthorityOptions): Promise<void> {
  const read = await readAuthority(folder, async (opened, nowUs) => accept({ view: opened.view(), nowUs }));
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const { view, nowUs } = read.value;
  const [issued, recognised] = [issuedBy(view), recognisedBy(view)];
  if (json === true) {
    const credentials = issued.map((link) => credentialJson(link, view, nowUs));
    const recognitions = recognised.map((each) => recognitionJson(each, view, nowUs));
    const authority = toHex(view.self);
    printJson({ schema: "spectrum-agent.authority-list/1", authority, credentials, recognitions });
    return;
  }
  printLine(`authority ${toHex(view.self)}: ${issued.length} credentials`);
  for (const link of issued) printLine(standingLine(link, standingOf(link, view, nowUs)));
  for (const each of recognised) printLine(recognitionLine(each, standingOf(each, view, nowUs)));
  for (const licence of new Set(issued.map(licenceOf))) if (licence !== null) printLine(licence);
}
