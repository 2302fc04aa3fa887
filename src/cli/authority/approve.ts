/** `authority approve`: lets the signing keys of hosts work while their PCRs hold these values. */
import { approvalText } from "../../compose/enrolment.ts";
import { writeTextFile } from "../../compose/offline-authority.ts";
import { loadPcrValues } from "../../profile/pcr-values-schema.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { passphrases, type Subcommand } from "./shared-options.ts";

type ApproveOptions = {
  readonly values: string;
  readonly key: string;
  readonly passphraseFile?: readonly string[];
  readonly out: string;
  readonly json?: boolean;
};

export const approve: Subcommand = (group) => {
  group
    .command("approve")
    .description(
      "approve PCR values: keys whose policy names this approver and these PCRs sign while they hold",
    )
    .requiredOption("--values <file>", "from `authority pcrs`, of a host in the state that is approved")
    .requiredOption("--key <file>", "the approver's private key: P-256, encrypted PKCS#8 PEM")
    .option("--passphrase-file <file...>", "first line: passphrase of the key; without it, asked for")
    .requiredOption("--out <file>", "the approval, for the hosts' `pcr-approvals`; it cannot be taken back")
    .option("--json", "one JSON document")
    .action((options: ApproveOptions) => run(options));
};

async function run({ values: file, key, passphraseFile = [], out, json }: ApproveOptions): Promise<void> {
  const loaded = loadPcrValues(file);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const text = await approvalText(key, await passphrases(passphraseFile, false), loaded.values);
  await writeTextFile(out, text);
  const pcrs = loaded.values.map(({ pcr }) => pcr);
  if (json === true) printJson({ schema: "spectrum-agent.authority-approve/1", approval: out, pcrs });
  else printLine(`approval of PCRs ${pcrs.join(", ")}: ${out}`);
}
