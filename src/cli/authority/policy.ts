/** `authority policy`: a common policy takes the place of another one, and the list of those that stand. */

import type { AuthorityView } from "../../authority/authority.ts";
import { policiesOf } from "../../authority/standing.ts";
import { endOfPolicy, succeedPolicy } from "../../authority/succeed.ts";
import { readAuthority, writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { readDuration } from "../../profile/flag-quantity.ts";
import { loadPolicy } from "../../profile/load.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { failProfile } from "../read-profile.ts";
import { shortId } from "./credential-view.ts";
import { flagValue } from "./flags.ts";
import {
  type AuthorityOptions,
  asWriter,
  reading,
  refuse,
  type Subcommand,
  type WritingOptions,
  writing,
} from "./shared-options.ts";

type SucceedOptions = WritingOptions & {
  readonly policy: string;
  readonly succeeds?: string;
  readonly grace: string;
  readonly out: string;
};

export const policy: Subcommand = (group) => {
  const own = group.command("policy").description("common policies that follow one another");
  writing(own.command("succeed"))
    .description("sign a policy that takes another one's place from its `start` on")
    .requiredOption("--policy <file>", "a policy document")
    .option("--succeeds <id>", "first digits of its predecessor; the latest, unless told")
    .requiredOption(
      "--grace <duration>",
      "from its start until nothing is settled under its predecessor any more",
    )
    .requiredOption("--out <file>", "the policy's record, for everybody who rests on this authority")
    .action((options: SucceedOptions) => succeed(options));
  reading(own.command("list"))
    .description("the policies of the roots, with the instants between which pairs are settled under them")
    .action((options: AuthorityOptions) => list(options));
};

async function succeed(options: SucceedOptions): Promise<void> {
  const graceUs = flagValue("grace", options.grace, readDuration);
  const read = loadPolicy(options.policy);
  if (!read.ok) failProfile(read.errors);
  if (graceUs === null || !read.ok) return;
  const given = { predecessor: options.succeeds ?? null, graceUs };
  const { body } = read.policy;
  const signed = await asWriter(options, (authority, nowUs) => succeedPolicy(authority, body, given, nowUs));
  if (signed === null) return;
  await writeRecordFile(options.out, signed);
  const { name, startUs, succeeds } = signed.body;
  const predecessor = succeeds?.predecessor ?? signed.id;
  const endsUs = succeeds?.endUs ?? startUs;
  if (options.json === true) {
    const ids = { id: toHex(signed.id), predecessor: toHex(predecessor) };
    const schema = "spectrum-agent.authority-policy/1";
    printJson({ schema, file: options.out, name, ...ids, startUs, predecessorEndsUs: endsUs });
    return;
  }
  printLine(`policy ${name}, ${shortId(signed.id)}, in use from ${instant(startUs)}: ${options.out}`);
  printLine(`${shortId(predecessor)} before it: nothing is settled under it from ${instant(endsUs)}`);
}

async function list({ authority: folder, json }: AuthorityOptions): Promise<void> {
  const read = await readAuthority(folder, async (opened) => accept(standing(opened.view())));
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  if (json === true) {
    printJson({ schema: "spectrum-agent.authority-policies/1", policies: read.value });
    return;
  }
  for (const { id, name, startUs, endsUs } of read.value) {
    const until = endsUs === null ? "open" : instant(endsUs);
    printLine(`${id.slice(0, 16)}  ${name}  ${instant(startUs)}  ${until}`);
  }
}

function standing(view: AuthorityView) {
  return policiesOf(view).map((each) => ({
    id: toHex(each.id),
    name: each.body.name,
    startUs: each.body.startUs,
    endsUs: endOfPolicy(view, each),
  }));
}
