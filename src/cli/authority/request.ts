/** `authority request`: who asks for a credential, as a file for the authority that is to issue it. */
import { claimOf } from "../../authority/entitle.ts";
import type { Claim } from "../../authority/subject.ts";
import { enrol, systemSurroundings } from "../../compose/compose.ts";
import { readAuthority, writeTextFile } from "../../compose/offline-authority.ts";
import { equalBytes, toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { NO_AK_NAME } from "../../core/record/identity.ts";
import { formatRequest } from "../../profile/request-schema.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { readProfile } from "../read-profile.ts";
import { refuse, type Subcommand } from "./shared-options.ts";

type RequestOptions = {
  readonly profile?: string;
  readonly authority?: string;
  readonly out: string;
  readonly json?: boolean;
};

export const request: Subcommand = (group) => {
  group
    .command("request")
    .description("write a request for a credential: for the agent of a profile, or for an authority itself")
    .option("--profile <file>", "the agent's; its key and inception are made where there are none yet")
    .option("--authority <folder>", "instead: an authority that another one is to entitle")
    .requiredOption("--out <file>", "the request")
    .option("--json", "one JSON document")
    .action((options: RequestOptions) => run(options));
};

async function run({ profile, authority, out, json }: RequestOptions): Promise<void> {
  if ((profile === undefined) === (authority === undefined)) {
    const message = "give either --profile or --authority";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const claim = profile === undefined ? await ofAuthority(authority ?? "") : await ofAgent(profile);
  if (claim === null) return;
  await writeTextFile(out, formatRequest(claim));
  const { owner, tier } = claim;
  if (json === true) {
    const lineage = toHex(claim.lineage);
    printJson({ schema: "spectrum-agent.authority-request/1", request: out, lineage, owner, tier });
  } else printLine(`request of ${owner} (key ${tier}), lineage ${toHex(claim.lineage)}: ${out}`);
}

async function ofAuthority(folder: string): Promise<Claim | null> {
  const read = await readAuthority(folder, async (opened) => accept(claimOf(opened)));
  if (read.ok) return read.value;
  refuse(read.rejections);
  return null;
}

async function ofAgent(file: string): Promise<Claim | null> {
  const profile = readProfile(file);
  if (profile === null) return null;
  const { lineage, keyId, akName, tier, inception } = await enrol(profile, systemSurroundings("error"));
  const name = equalBytes(akName, NO_AK_NAME) ? null : akName;
  return { lineage, keyId, akName: name, tier, owner: profile.owner, records: [inception] };
}
