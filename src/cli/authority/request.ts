/** `authority request`: who asks for a credential, as a file for the authority that is to issue it. */
import { claimOf } from "../../authority/entitle.ts";
import { enrol, systemSurroundings } from "../../compose/compose.ts";
import { authorityPrimitives, readAuthority, writeTextFile } from "../../compose/offline-authority.ts";
import { equalBytes, toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { NO_AK_NAME } from "../../core/record/identity.ts";
import { formatRequest, type Request } from "../../profile/request-schema.ts";
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
  const made = profile === undefined ? await ofAuthority(authority ?? "") : await ofAgent(profile);
  if (made === null) return;
  await writeTextFile(out, formatRequest(made));
  const { owner, tier, lineage: id } = made;
  const lineage = toHex(id);
  // What goes into an authority's --ek-hashes, from hand to hand.
  const ekHash = made.tpm === null ? null : toHex(authorityPrimitives().sha256(made.tpm.ekPublic));
  if (json === true) {
    printJson({ schema: "spectrum-agent.authority-request/1", request: out, lineage, owner, tier, ekHash });
    return;
  }
  printLine(`request of ${owner} (key ${tier}), lineage ${lineage}: ${out}`);
  if (ekHash !== null) printLine(`endorsement key ${ekHash}`);
}

async function ofAuthority(folder: string): Promise<Request | null> {
  const read = await readAuthority(folder, async (opened) => accept({ ...claimOf(opened), tpm: null }));
  if (read.ok) return read.value;
  refuse(read.rejections);
  return null;
}

async function ofAgent(file: string): Promise<Request | null> {
  const profile = readProfile(file);
  if (profile === null) return null;
  const identity = await enrol(profile, systemSurroundings("error"));
  const { lineage, keyId, akName: name, tier, keyRecords: records, evidence: tpm } = identity;
  const akName = equalBytes(name, NO_AK_NAME) ? null : name;
  return { lineage, keyId, akName, tier, owner: profile.owner, records, tpm };
}
