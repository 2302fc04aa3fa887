/** `authority issue`: a request file and a grant in, a credential file out. */
import { issue as issueCredential } from "../../authority/issue.ts";
import { ownCredential } from "../../authority/standing.ts";
import { provenSubject } from "../../authority/subject.ts";
import { writeRecordFile } from "../../compose/offline-authority.ts";
import { accept } from "../../core/base/rejection.ts";
import { loadGrant, loadRequest } from "../../profile/load-grant.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { boxLine, credentialJson, printLicence, standingLine } from "./credential-view.ts";
import { entitlementOf } from "./entitlement-of.ts";
import { type GrantFlags, grantGiven } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type IssueOptions = WritingOptions &
  GrantFlags & { readonly request: string; readonly scope: string; readonly out: string };

export const issue: Subcommand = (group) => {
  writing(group.command("issue"))
    .description("issue a credential to whoever a request proves, inside the authority's own scope")
    .requiredOption("--request <file>", "from `authority request`")
    .requiredOption("--scope <file>", "the grant: boxes with units, and what no flag says")
    .requiredOption("--out <file>", "the credential's record")
    .option("--level <name>", "a level of the policy")
    .option("--verbs <verb...>", "allocate, acquire, issue, audit, preempt")
    .option("--class <name...>", "eligibility classes")
    .option("--exclusive", "nobody else may let any of it")
    .option("--no-exclusive", "shared")
    .option("--depth <n>", "links that may follow below, 0 to 4")
    .option("--from <instant>", "begin, as 2026-01-31T12:00:00Z; at once without it")
    .option("--until <instant>", "end")
    .option("--for <duration>", "instead of --until, as 30d")
    .action((options: IssueOptions) => run(options));
};

async function run(options: IssueOptions): Promise<void> {
  const given = grantGiven(options);
  if (given === null) return;
  const request = loadRequest(options.request);
  const loaded = loadGrant(options.scope, given);
  if (!request.ok) failProfile(request.errors);
  if (!loaded.ok) failProfile(loaded.errors);
  if (!request.ok || !loaded.ok) return;
  const done = await asWriter(
    options,
    async (authority, nowUs) => {
      const subject = provenSubject(request.request, authority.parts.primitives);
      if (!subject.ok) {
        const { rejections } = subject;
        return {
          ok: false,
          rejections: rejections.map((each) => ({ ...each, field: `request ${each.field}` })),
        };
      }
      const own = ownCredential(authority.view(), nowUs);
      if (!own.ok) return own;
      const entitlement = entitlementOf(loaded.grant, own.value.body, nowUs);
      const issued = await issueCredential(authority, subject.value, entitlement, nowUs);
      return issued.ok ? accept({ link: issued.value, view: authority.view(), nowUs }) : issued;
    },
    options.scope,
  );
  if (done === null) return;
  const { link, view, nowUs } = done;
  await writeRecordFile(options.out, link);
  if (options.json === true) {
    const known = credentialJson(link, view, nowUs);
    printJson({ schema: "spectrum-agent.authority-issue/1", file: options.out, ...known });
    return;
  }
  printLine(standingLine(link, "valid"));
  for (const box of link.body.scope) printLine(`  ${boxLine(box)}`);
  printLicence(link);
  printLine(`credential: ${options.out}`);
}
