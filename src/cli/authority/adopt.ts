/** `authority adopt`: takes in what entitles the authority itself: a credential from above, or a root's new licence. */
import { adopt as adoptCredential, license } from "../../authority/entitle.ts";
import { writeSnapshot } from "../../authority/revoke.ts";
import { recordFile, recordFolder } from "../../compose/offline-authority.ts";
import { accept } from "../../core/base/rejection.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { loadLicence } from "../../profile/load-grant.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { credentialJson, printLicence, standingLine } from "./credential-view.ts";
import { entitlementOf } from "./entitlement-of.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type AdoptOptions = WritingOptions & {
  readonly credential?: string;
  readonly trust?: string;
  readonly documents?: string;
  readonly licence?: string;
};

export const adopt: Subcommand = (group) => {
  writing(group.command("adopt"))
    .description("take in the credential that another authority issued to this one, or a root's new licence")
    .option("--credential <file>", "from `authority issue`")
    .option("--trust <file>", "with --credential: the root's inception")
    .option("--documents <folder>", "with --credential: from the other's `authority publish`")
    .option("--licence <file>", "instead: a root's licence anew")
    .action((options: AdoptOptions) => run(options));
};

async function run(options: AdoptOptions): Promise<void> {
  const { credential, trust, documents, licence } = options;
  if (licence !== undefined && credential === undefined) return relicense(options, licence);
  if (credential === undefined || trust === undefined || documents === undefined || licence !== undefined) {
    const message = "give --credential, --trust and --documents; or --licence alone";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const files = {
    credential: await recordFile(credential),
    trust: await recordFile(trust),
    documents: await recordFolder(documents),
  };
  const done = await asWriter(options, async (authority, nowUs) => {
    const adopted = await adoptCredential(authority, files, nowUs);
    if (!adopted.ok) return adopted;
    // Whoever rests on this authority will ask for its snapshot.
    const first = await writeSnapshot(adopted.value.authority, [], nowUs);
    if (!first.ok) return first;
    return accept({ link: adopted.value.credential, view: adopted.value.authority.view(), nowUs });
  });
  if (done !== null) tell(done, options);
}

async function relicense(options: AdoptOptions, file: string): Promise<void> {
  const loaded = loadLicence(file);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const done = await asWriter(
    options,
    async (authority, nowUs) => {
      const entitlement = entitlementOf(loaded.licence, loaded.licence, nowUs);
      const link = await license(authority, entitlement, nowUs);
      return link.ok ? accept({ link: link.value, view: authority.view(), nowUs }) : link;
    },
    file,
  );
  if (done !== null) tell(done, options);
}

type Told = {
  readonly link: RecordOf<"credential">;
  readonly view: Parameters<typeof credentialJson>[1];
  readonly nowUs: number;
};

function tell({ link, view, nowUs }: Told, { json }: AdoptOptions): void {
  if (json === true) {
    printJson({ schema: "spectrum-agent.authority-adopt/1", ...credentialJson(link, view, nowUs) });
    return;
  }
  printLine(standingLine(link, "valid"));
  printLicence(link);
}
