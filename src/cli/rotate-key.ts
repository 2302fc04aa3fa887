/** `spectrum-agent rotate-key`: the next key of the same device takes over a lineage, while its agent is stopped. */

import { systemSurroundings } from "../compose/compose.ts";
import { rotateDeviceKey } from "../compose/rotate-device-key.ts";
import { toHex } from "../core/base/bytes.ts";
import { explainCode } from "../core/base/codes.ts";
import { readDuration } from "../profile/flag-quantity.ts";
import { flagValue } from "./authority/flags.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { fail, printJson, printLine } from "./output.ts";
import { comparison, instant } from "./quantities.ts";
import { readProfile } from "./read-profile.ts";

type RotateOptions = { readonly profile: string; readonly grace: string; readonly json?: boolean };

export const rotateKey: CommandModule = {
  name: "rotate-key",
  summary: "replace the signing key of a profile's agent by the one that its lineage committed to",
  register(program) {
    program
      .command("rotate-key")
      .description(rotateKey.summary)
      .requiredOption("--profile <file>", "the agent's profile; the agent is stopped meanwhile")
      .option(
        "--grace <duration>",
        "how long others still take in what the old key signed; 0s where it was stolen",
        "1h",
      )
      .option("--json", "one JSON document")
      .action((options: RotateOptions) => run(options));
  },
};

async function run({ profile: file, grace, json }: RotateOptions): Promise<void> {
  const graceUs = flagValue("grace", grace, readDuration);
  const profile = graceUs === null ? null : readProfile(file);
  if (graceUs === null || profile === null) return;
  const rolled = await rotateDeviceKey(profile, systemSurroundings("error"), graceUs);
  if (!rolled.ok) {
    for (const { code, field, measured, required } of rolled.rejections) {
      fail({
        code,
        message: `${field}: ${comparison(measured, required)}`,
        hint: "",
        exit: exitCodes.credential,
      });
    }
    const [first] = rolled.rejections;
    process.exitCode = (first === undefined ? null : explainCode(first.code)?.exit) ?? exitCodes.credential;
    return;
  }
  const { header, body, id } = rolled.value;
  const { acceptedUntilUs } = body;
  if (json === true) {
    const [lineage, key] = [toHex(header.lineage), toHex(header.signerKey)];
    const schema = "spectrum-agent.rotate-key/1";
    printJson({ schema, lineage, key, rotation: toHex(id), seq: header.seq, acceptedUntilUs });
    return;
  }
  const end = acceptedUntilUs === 0 ? "at once no longer" : `until ${instant(acceptedUntilUs)}`;
  printLine(
    `lineage ${toHex(header.lineage)} is signed by key ${toHex(header.signerKey)} from position ${header.seq} on`,
  );
  printLine(`records of the key before it are taken in ${end}`);
  printLine(
    "credentials that name the device's attestation key go on; others have to be renewed for the new key",
  );
  if (profile.mesh.isEnrolled) {
    printLine(
      "the certificate for the broker is of the old key: have `authority broker-cert` write one by a new request",
    );
  }
}
