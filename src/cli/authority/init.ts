/** `authority init`: keys, a commitment to the next ones, the inception; for a root its policy, commodity and licence too. */

import type { Authority } from "../../authority/authority.ts";
import { claimOf, license } from "../../authority/entitle.ts";
import { writeSnapshot } from "../../authority/revoke.ts";
import { createAuthority, writeTextFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept, type Result } from "../../core/base/rejection.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Licence } from "../../profile/grant.ts";
import { loadCommodity, loadPolicy } from "../../profile/load.ts";
import { loadLicence } from "../../profile/load-grant.ts";
import { formatRequest } from "../../profile/request-schema.ts";
import { shippedFile } from "../../profile/shipped-file.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { printLicence } from "./credential-view.ts";
import { entitlementOf } from "./entitlement-of.ts";
import { type KeyFlags, keyPlan } from "./flags.ts";
import { passphrases, refuse, type Subcommand } from "./shared-options.ts";

type InitOptions = KeyFlags & {
  readonly out: string;
  readonly owner: string;
  readonly passphraseFile?: readonly string[];
  readonly licence?: string;
  readonly policy: string;
  readonly commodity: string;
  readonly json?: boolean;
};

export const init: Subcommand = (group) => {
  group
    .command("init")
    .description("make an authority: a root under a licence, or one that asks another for its credential")
    .requiredOption("--out <folder>", "absent or empty; gets records, keys and trust/root.record")
    .requiredOption("--owner <text>", "who answers for it, 1 to 64 printable ASCII characters")
    .option("--keys <n>", "keys that sign together, 1 to 8", "1")
    .option("--threshold <k>", "as many of them have to sign; all, unless told")
    .option("--suite <name>", "p256 or ed25519", "p256")
    .option("--passphrase-file <file...>", "one for all keys, or one for each; asked for without it")
    .option("--licence <file>", "what a root grants under; without it, another authority has to be asked")
    .option("--policy <file>", "a root's common policy", shippedFile("profiles/policies/bench-cabled.yaml"))
    .option(
      "--commodity <file>",
      "a root's commodity",
      shippedFile("profiles/commodities/spectrum-block.yaml"),
    )
    .option("--json", "one JSON document")
    .action((options: InitOptions) => run(options));
};

const OWNER = /^[!-~]([ -~]{0,62}[!-~])?$/;

async function run(options: InitOptions): Promise<void> {
  const plan = keyPlan(options);
  if (plan === null) return;
  if (!OWNER.test(options.owner)) {
    const message = "--owner takes 1 to 64 printable ASCII characters, no space at either end";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const ground = options.licence === undefined ? null : rootGround(options, options.licence);
  if (ground === undefined) return;
  const place = {
    folder: options.out,
    passphrases: await passphrases(options.passphraseFile ?? [], true),
  };
  const made = await createAuthority(place, { owner: options.owner, plan }, async (authority, nowUs) => {
    return ground === null ? accept({ authority, credential: null }) : makeRoot(authority, ground, nowUs);
  });
  if (!made.ok) {
    refuse(made.rejections, options.licence);
    return;
  }
  const { authority, credential } = made.value;
  const requestPath = `${options.out}/request.yaml`;
  if (credential === null)
    await writeTextFile(requestPath, formatRequest({ ...claimOf(authority), tpm: null }));
  const self = toHex(authority.view().self);
  const trust = credential === null ? null : `${options.out}/trust/root.record`;
  const request = credential === null ? requestPath : null;
  if (options.json === true) {
    const { keys, threshold } = plan;
    const ids = { credential: credential === null ? null : toHex(credential.id) };
    printJson({
      schema: "spectrum-agent.authority-init/1",
      authority: self,
      keys,
      threshold,
      trust,
      request,
      ...ids,
    });
    return;
  }
  printLine(`authority ${self}: ${plan.threshold} of ${plan.keys} keys sign`);
  if (credential !== null) printLicence(credential);
  printLine(trust === null ? `request for the authority above: ${request}` : `root to hand out: ${trust}`);
  printLine(
    `keep ${options.out}/keys/1 elsewhere: these keys take over when those in keys/0 are lost or stolen`,
  );
}

type Ground = {
  readonly licence: Licence;
  readonly policy: Extract<ReturnType<typeof loadPolicy>, { ok: true }>["policy"];
  readonly commodity: Extract<ReturnType<typeof loadCommodity>, { ok: true }>["commodity"];
};

/** All faults of all files before any key is made; undefined after they were told. */
function rootGround({ policy, commodity }: InitOptions, licence: string): Ground | undefined {
  const [grants, rules, unit] = [loadLicence(licence), loadPolicy(policy), loadCommodity(commodity)];
  const errors = [grants, rules, unit].flatMap((loaded) => (loaded.ok ? [] : loaded.errors));
  if (errors.length > 0) failProfile(errors);
  if (!grants.ok || !rules.ok || !unit.ok) return undefined;
  return { licence: grants.licence, policy: rules.policy, commodity: unit.commodity };
}

type Made = { readonly authority: Authority; readonly credential: RecordOf<"credential"> | null };

async function makeRoot(
  authority: Authority,
  { licence, policy, commodity }: Ground,
  nowUs: number,
): Promise<Result<Made>> {
  const { folder, pack } = authority.parts;
  await authority.write({ kind: "policy", body: policy.body });
  await authority.write({ kind: "schema", body: commodity.body });
  const [inception] = authority.view().lineage.records;
  if (inception !== undefined) await folder.keepRoot(pack(inception.envelope));
  const rooted = await authority.reload();
  if (!rooted.ok) return rooted;
  const licensed = await license(rooted.value, entitlementOf(licence, licence, nowUs), nowUs);
  if (!licensed.ok) return licensed;
  const first = await writeSnapshot(rooted.value, [], nowUs);
  return first.ok ? accept({ authority: rooted.value, credential: licensed.value }) : first;
}
