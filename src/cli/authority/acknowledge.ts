/** `authority acknowledge`: the word that a lease's radio waits for, once its records have been verified here. */
import { acknowledge as acknowledgeLease } from "../../authority/acknowledge.ts";
import { readBundle } from "../../compose/bundles.ts";
import { writeRecordFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { printJson, printLine } from "../output.ts";
import { shortId } from "./credential-view.ts";
import { usage } from "./flags.ts";
import { asWriter, refuse, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type AcknowledgeOptions = WritingOptions & { readonly bundle: string; readonly out: string };

const ARTIFACT = /^[0-9a-f]{8,64}$/;

export const acknowledge: Subcommand = (group) => {
  writing(group.command("acknowledge"))
    .description("acknowledge a lease whose class asks for it, so that its radio may go on")
    .argument("<artifact>", "first digits of the artifact's id, eight or more")
    .requiredOption(
      "--bundle <file>",
      "the records that prove the lease, from a party's `spectrum-agent export`",
    )
    .requiredOption(
      "--out <file>",
      "the acknowledgement's record; `announce` brings it to the consumer, or a file of its `documents`",
    )
    .action((artifact: string, options: AcknowledgeOptions) => run(artifact, options));
};

async function run(artifact: string, options: AcknowledgeOptions): Promise<void> {
  if (!ARTIFACT.test(artifact)) {
    usage(`${artifact} is not the begin of an artifact's id: eight to sixty-four of 0-9 a-f`);
    return;
  }
  const bundle = await readBundle(options.bundle);
  if (!bundle.ok) {
    refuse(bundle.rejections, options.bundle);
    return;
  }
  const shown = { bundle: bundle.value, artifact };
  const written = await asWriter(
    options,
    (authority, nowUs) => acknowledgeLease(authority, shown, nowUs),
    options.bundle,
  );
  if (written === null) return;
  await writeRecordFile(options.out, written);
  const { body, id } = written;
  const ids = { acknowledgement: toHex(id), artifact: toHex(body.artifact), settlement: toHex(body.record) };
  const schema = "spectrum-agent.authority-acknowledge/1";
  if (options.json === true) printJson({ schema, file: options.out, ...ids });
  else printLine(`lease ${shortId(body.artifact)} acknowledged: ${options.out}`);
}
