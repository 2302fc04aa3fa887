/** `authority recognise`: takes a root of others for one's own, inside a scope and for a time. */
import { recognise as recogniseRoot } from "../../authority/recognise.ts";
import { ownCredential } from "../../authority/standing.ts";
import { recordFile, writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import type { Primitives } from "../../core/base/primitives.ts";
import { accept, type Result, refuse as refuseAll, rejection } from "../../core/base/rejection.ts";
import { recognition as recognitionKind } from "../../core/record/kinds/recognition.ts";
import { recordOfBytes } from "../../core/record/record-of-bytes.ts";
import { checkSigned, isInception, keyOfInception } from "../../core/record/signing-key.ts";
import { loadGrant } from "../../profile/load-grant.ts";
import { printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { boxLine, recognitionLine } from "./credential-view.ts";
import { entitlementOf } from "./entitlement-of.ts";
import { type GrantFlags, grantGiven } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type RecogniseOptions = WritingOptions &
  GrantFlags & {
    readonly root: string;
    readonly scope: string;
    readonly out: string;
    readonly documents?: boolean;
  };

export const recognise: Subcommand = (group) => {
  writing(group.command("recognise"))
    .description("take a root of others for one's own: inside a scope, for a time, and never passed on")
    .requiredOption("--root <file>", "the other root's inception, from hand to hand")
    .requiredOption("--scope <file>", "a grant: boxes with units, and what no flag says")
    .requiredOption("--out <file>", "the recognition's record, for everybody who rests on this authority")
    .option("--documents", "its policies and commodities are taken too")
    .option("--level <name>", "the highest level of the policy that a credential below it may stand for")
    .option("--verbs <verb...>", "allocate, acquire, preempt")
    .option("--class <name...>", "eligibility classes")
    .option("--exclusive", "what is let below it may be let exclusively")
    .option("--from <instant>", "begin, as 2026-01-31T12:00:00Z; at once without it")
    .option("--until <instant>", "end")
    .option("--for <duration>", "instead of --until, as 30d")
    .action((options: RecogniseOptions) => run(options));
};

async function run(options: RecogniseOptions): Promise<void> {
  const given = grantGiven(options);
  if (given === null) return;
  const loaded = loadGrant(options.scope, given);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const { bytes } = await recordFile(options.root);
  const done = await asWriter(
    options,
    async (authority, nowUs) => {
      const root = rootOf(bytes, options.root, authority.parts.primitives);
      if (!root.ok) return root;
      const own = ownCredential(authority.view(), nowUs);
      if (!own.ok) return own;
      const entitlement = entitlementOf(loaded.grant, own.value.body, nowUs);
      const documents = options.documents === true;
      return recogniseRoot(authority, { root: root.value, entitlement, documents }, nowUs);
    },
    options.scope,
  );
  if (done === null) return;
  await writeRecordFile(options.out, done);
  if (options.json === true) {
    const body = recognitionKind.body.json(done.body);
    const schema = "spectrum-agent.authority-recognise/1";
    printJson({ schema, file: options.out, recognition: toHex(done.id), body });
    return;
  }
  printLine(recognitionLine(done, "valid"));
  for (const box of done.body.scope) printLine(`  ${boxLine(box)}`);
  printLine(`recognition: ${options.out}`);
}

/** The lineage whose inception the file is, signed by its own keys. */
function rootOf(bytes: Uint8Array, file: string, primitives: Primitives): Result<Uint8Array> {
  const read = recordOfBytes(bytes, primitives);
  if (!read.ok)
    return refuseAll(...read.rejections.map((each) => ({ ...each, field: `${file} ${each.field}` })));
  const { value: record } = read;
  if (!isInception(record)) {
    const required = { record: "a root's inception" };
    return refuseAll(rejection("trust-not-inception", file, { kind: record.kind }, required));
  }
  const key = keyOfInception(record, primitives.sha256);
  const signed = key.ok
    ? checkSigned<"key-event" | "threshold-inception">(record, key.value, primitives)
    : key;
  return signed.ok ? accept(record.header.lineage) : signed;
}
