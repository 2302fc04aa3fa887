/** `authority rotate-root`: the keys that were committed to take over, and commit to others. */

import { generationOf } from "../../authority/authority.ts";
import { writeSnapshot } from "../../authority/revoke.ts";
import { rotate } from "../../authority/rotate.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { readDuration } from "../../profile/flag-quantity.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { printLicence, shortId } from "./credential-view.ts";
import { flagValue, type KeyFlags, keyPlan } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type RotateOptions = WritingOptions & KeyFlags & { readonly grace?: string };

export const rotateRoot: Subcommand = (group) => {
  writing(group.command("rotate-root"))
    .description("let the next keys take over: signed by them, so whoever stole the present ones cannot")
    .option(
      "--grace <duration>",
      "records of the old keys are taken in for so long; at once no longer without it",
    )
    .option("--keys <n>", "of the set after next; as the next one without it")
    .option("--threshold <k>", "of the set after next")
    .option("--suite <name>", "of the set after next: p256 or ed25519")
    .action((options: RotateOptions) => run(options));
};

async function run(options: RotateOptions): Promise<void> {
  const graceUs = options.grace === undefined ? 0 : flagValue("grace", options.grace, readDuration);
  const plan = asked(options) ? keyPlan(options) : undefined;
  if (graceUs === null || plan === null) return;
  const done = await asWriter(options, async (authority, nowUs) => {
    const acceptedUntilUs = graceUs === 0 ? 0 : nowUs + graceUs;
    const rotated = await rotate(authority, { acceptedUntilUs, plan: plan ?? null }, nowUs);
    if (!rotated.ok) return rotated;
    // Those by the old keys are not taken in from peers for long.
    const snapshot = await writeSnapshot(authority, [], nowUs);
    return snapshot.ok ? accept({ ...rotated.value, view: authority.view() }) : snapshot;
  });
  if (done === null) return;
  const { rotation, credential, view } = done;
  const generation = generationOf(view.lineage);
  const { threshold, keys } = rotation.body.keys;
  const { acceptedUntilUs } = rotation.body;
  if (options.json === true) {
    const ids = {
      rotation: toHex(rotation.id),
      credential: credential === null ? null : toHex(credential.id),
    };
    const schema = "spectrum-agent.authority-rotate/1";
    printJson({ schema, ...ids, keys: keys.length, threshold, generation, acceptedUntilUs });
    return;
  }
  printLine(
    `keys/${generation} sign from now on, ${threshold} of ${keys.length}: rotation ${shortId(rotation.id)}`,
  );
  const end = acceptedUntilUs === 0 ? "no longer taken in" : `taken in until ${instant(acceptedUntilUs)}`;
  printLine(`records of the old keys that nobody has seen yet are ${end}`);
  if (credential === null)
    printLine("ask the authority above for a credential: spectrum-agent authority request");
  else {
    printLine(
      `own credential ${shortId(credential.id)}; issue the others anew: spectrum-agent authority renew --all`,
    );
    printLicence(credential);
  }
  printLine(`keep keys/${generation + 1} elsewhere: these keys are next`);
}

function asked({ keys, threshold, suite }: KeyFlags): boolean {
  return keys !== undefined || threshold !== undefined || suite !== undefined;
}
