/** `authority issue`: a request file and a grant in, a credential file out. */
import { type BrokerDesk, brokerDesk, keyOfRequest } from "../../authority/broker-desk.ts";
import { type Answered, subjectOfRequest } from "../../authority/device-binding.ts";
import { issue as issueCredential } from "../../authority/issue.ts";
import { ownCredential } from "../../authority/standing.ts";
import { writeDeviceFiles } from "../../compose/broker-files.ts";
import { bindingParts } from "../../compose/enrolment.ts";
import { writeRecordFile } from "../../compose/offline-authority.ts";
import { accept } from "../../core/base/rejection.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { loadAnswer, loadExpected } from "../../profile/challenge-schema.ts";
import { loadGrant, loadRequest } from "../../profile/load-grant.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { boxLine, credentialJson, printLicence, standingLine } from "./credential-view.ts";
import { entitlementOf } from "./entitlement-of.ts";
import { type GrantFlags, grantGiven } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type IssueOptions = WritingOptions &
  GrantFlags & {
    readonly request: string;
    readonly scope: string;
    readonly out: string;
    readonly expected?: string;
    readonly answer?: string;
    readonly broker?: string;
  };

export const issue: Subcommand = (group) => {
  writing(group.command("issue"))
    .description("issue a credential to whoever a request proves, inside the authority's own scope")
    .requiredOption("--request <file>", "from `authority request`")
    .requiredOption("--scope <file>", "the grant: boxes with units, and what no flag says")
    .requiredOption("--out <file>", "the credential's record")
    .option("--expected <file>", "with --answer: from `authority challenge`")
    .option("--answer <file>", "from `authority answer`: the credential says `tpm-ek-verified`")
    .option("--broker <folder>", "of the agent's profile: gets what `authority broker-cert` writes too")
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
  const answered = answerOf(options);
  if (!request.ok || !loaded.ok || answered === null) return;
  const done = await asWriter(
    options,
    async (authority, nowUs) => {
      const subject = subjectOfRequest(request.request, answered.value, bindingParts());
      if (!subject.ok) return subject;
      const own = ownCredential(authority.view(), nowUs);
      if (!own.ok) return own;
      const entitlement = entitlementOf(loaded.grant, own.value.body, nowUs);
      // Before anything is issued: there may be no such key, and the desk's may be under a passphrase that is not at hand.
      const key = keyOfRequest(request.request, authority.parts.primitives);
      const isCertified = options.broker !== undefined;
      if (isCertified && !key.ok) return key;
      const desk = isCertified ? await brokerDesk(authority, nowUs) : null;
      const issued = await issueCredential(authority, subject.value, entitlement, nowUs);
      if (!issued.ok) return issued;
      const broker = desk === null || !key.ok ? null : await certified(desk, key.value, issued.value);
      return accept({ link: issued.value, view: authority.view(), nowUs, broker });
    },
    options.scope,
  );
  if (done === null) return;
  const { link, view, nowUs, broker } = done;
  await writeRecordFile(options.out, link);
  if (broker !== null && options.broker !== undefined)
    await writeDeviceFiles(broker.ca, broker.device, options.broker);
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

async function certified(desk: BrokerDesk, publicKey: Uint8Array, { body }: RecordOf<"credential">) {
  const { subjectLineage: lineage, untilUs } = body;
  return { ca: desk.ca, device: await desk.certifyDevice({ lineage, publicKey, untilUs }) };
}

/** Null after saying what is wrong; `value` null where the host was not asked. */
function answerOf({
  expected: kept,
  answer: given,
}: IssueOptions): { readonly value: Answered | null } | null {
  if (kept === undefined && given === undefined) return { value: null };
  if (kept === undefined || given === undefined) {
    const message = "give --expected and --answer together";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return null;
  }
  const [expected, answer] = [loadExpected(kept), loadAnswer(given)];
  if (!expected.ok) failProfile(expected.errors);
  if (!answer.ok) failProfile(answer.errors);
  if (!expected.ok || !answer.ok) return null;
  return { value: { expected: expected.expected, answer: answer.answer } };
}
