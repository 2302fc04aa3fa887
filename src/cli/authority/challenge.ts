/** `authority challenge`: asks the TPM behind a request to show itself, once somebody vouches for its endorsement key. */
import { challengeOf } from "../../authority/device-binding.ts";
import { provenSubject } from "../../authority/subject.ts";
import { bindingParts, ekTrust } from "../../compose/enrolment.ts";
import { writeTextFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { formatChallenge, formatExpected } from "../../profile/challenge-schema.ts";
import { loadRequest } from "../../profile/load-grant.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { failProfile } from "../read-profile.ts";
import { refuse, type Subcommand } from "./shared-options.ts";

type ChallengeOptions = {
  readonly request: string;
  readonly ekRoots?: readonly string[];
  readonly ekIntermediates?: readonly string[];
  readonly ekHashes?: string;
  readonly out: string;
  readonly expected: string;
  readonly json?: boolean;
};

export const challenge: Subcommand = (group) => {
  group
    .command("challenge")
    .description("make a challenge that only the TPM of a request can answer")
    .requiredOption("--request <file>", "from `authority request`")
    .option("--ek-roots <file...>", "certificates that vouch for endorsement keys: of TPM makers, PEM or DER")
    .option("--ek-intermediates <file...>", "certificates between those and the endorsement key's")
    .option(
      "--ek-hashes <file>",
      "instead, or besides: SHA-256 of each endorsement key's public area, one a line",
    )
    .requiredOption("--out <file>", "the challenge, for the host")
    .requiredOption("--expected <file>", "what its answer has to be; it stays at this desk")
    .option("--json", "one JSON document")
    .action((options: ChallengeOptions) => run(options));
};

async function run(options: ChallengeOptions): Promise<void> {
  const { ekRoots = [], ekIntermediates = [], ekHashes = null, out, json } = options;
  if (ekRoots.length === 0 && ekHashes === null) {
    const message = "give --ek-roots, --ek-hashes, or both";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const loaded = loadRequest(options.request);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const { request } = loaded;
  const parts = bindingParts();
  const subject = provenSubject(request, parts.primitives);
  const trust = await ekTrust({ roots: ekRoots, intermediates: ekIntermediates, hashes: ekHashes });
  if (!subject.ok || !trust.ok) {
    refuse(
      [...(subject.ok ? [] : subject.rejections), ...(trust.ok ? [] : trust.rejections)],
      options.request,
    );
    return;
  }
  const made = challengeOf(request, request.tpm, trust.value, parts);
  if (!made.ok) {
    refuse(made.rejections, options.request);
    return;
  }
  const { sealed, expected } = made.value;
  const { lineage, untilUs } = expected;
  await writeTextFile(options.expected, formatExpected(expected));
  await writeTextFile(out, formatChallenge({ lineage, ...sealed }));
  const facts = { ekHash: toHex(expected.ekHash), lineage: toHex(lineage), until: instant(untilUs) };
  if (json === true) printJson({ schema: "spectrum-agent.authority-challenge/1", challenge: out, ...facts });
  else {
    printLine(`challenge for ${facts.lineage}: ${out}`);
    printLine(`endorsement key ${facts.ekHash}; an answer counts until ${facts.until}`);
  }
}
