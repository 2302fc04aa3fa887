/** `authority renew`: the same rights for the same subjects, for a new time. */
import { join } from "node:path";
import type { Authority } from "../../authority/authority.ts";
import { issuedById, renew as renewCredential } from "../../authority/renew.ts";
import { issuedBy, standingOf } from "../../authority/standing.ts";
import { provenSubject, type Subject } from "../../authority/subject.ts";
import { authorityPrimitives, writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept, type Result } from "../../core/base/rejection.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { readInstant } from "../../profile/flag-quantity.ts";
import { loadRequest } from "../../profile/load-grant.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { credentialJson, printLicence, shortId, standingLine } from "./credential-view.ts";
import { flagValue } from "./flags.ts";
import { asWriter, refuse, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type Link = RecordOf<"credential">;
type RenewOptions = WritingOptions & {
  readonly all?: boolean;
  readonly out: string;
  readonly until?: string;
  readonly request?: string;
};

export const renew: Subcommand = (group) => {
  writing(group.command("renew"))
    .description("issue the same anew, under the authority's present credential")
    .argument("[id...]", "first digits of credentials")
    .option("--all", "instead: all that are valid now, as after `rotate-root`")
    .option("--until <instant>", "end; without it as long as the old one was given for")
    .option("--request <file>", "of the same lineage, where its key is another by now; for one id")
    .requiredOption("--out <folder>", "gets a record for each")
    .action((ids: readonly string[], options: RenewOptions) => run(ids, options));
};

async function run(ids: readonly string[], options: RenewOptions): Promise<void> {
  if (ids.length > 0 === (options.all === true) || (options.request !== undefined && ids.length !== 1)) {
    const message = "give ids, or --all; --request goes with one id";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const untilUs = options.until === undefined ? undefined : flagValue("until", options.until, readInstant);
  const subject = options.request === undefined ? undefined : subjectOf(options.request);
  if (untilUs === null || subject === null) return;
  const renewed: { readonly old: Link; readonly link: Link; readonly json: unknown }[] = [];
  await asWriter(options, async (authority, nowUs) => {
    const links = options.all === true ? accept(validOf(authority, nowUs)) : allById(authority, ids);
    if (!links.ok) return links;
    for (const old of links.value) {
      const asked = {
        link: old,
        fromUs: nowUs,
        untilUs: untilUs ?? null,
        subject: subject ?? null,
        keepOut: [],
      };
      const link = await renewCredential(authority, asked, nowUs);
      if (!link.ok) return link;
      renewed.push({ old, link: link.value, json: credentialJson(link.value, authority.view(), nowUs) });
      await writeRecordFile(join(options.out, `${shortId(link.value.id)}.record`), link.value);
    }
    return accept(null);
  });
  // What was renewed before one was refused is issued, and is told.
  if (options.json === true) {
    const credentials = renewed.map(({ old, json }) => ({ renews: toHex(old.id), renewed: json }));
    printJson({ schema: "spectrum-agent.authority-renew/1", folder: options.out, credentials });
    return;
  }
  for (const { old, link } of renewed) {
    printLine(`${standingLine(link, "valid")}; renews ${shortId(old.id)}`);
    printLicence(link);
  }
}

function subjectOf(file: string): Subject | null {
  const loaded = loadRequest(file);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return null;
  }
  const subject = provenSubject(loaded.request, authorityPrimitives());
  if (subject.ok) return subject.value;
  refuse(subject.rejections, file);
  return null;
}

function validOf(authority: Authority, nowUs: number): readonly Link[] {
  const view = authority.view();
  const valid = issuedBy(view).filter((link) => standingOf(link, view, nowUs) === "valid");
  // The latest of a subject stands for what it was renewed from.
  return valid.filter((link, i) => {
    const subject = toHex(link.body.subjectKey);
    return valid.findLastIndex(({ body }) => toHex(body.subjectKey) === subject) === i;
  });
}

function allById(authority: Authority, ids: readonly string[]): Result<readonly Link[]> {
  const links: Link[] = [];
  for (const id of ids) {
    const found = issuedById(authority.view(), id);
    if (!found.ok) return found;
    links.push(found.value);
  }
  return accept(links);
}
