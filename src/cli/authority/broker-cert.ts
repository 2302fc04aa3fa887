/** `authority broker-cert`: a certificate for the enrolled key of whoever has a credential, by which brokers know it. */
import { brokerDesk, deviceOfRequest } from "../../authority/broker-desk.ts";
import { subjectOfRequest } from "../../authority/device-binding.ts";
import { writeDeviceFiles } from "../../compose/broker-files.ts";
import { bindingParts } from "../../compose/enrolment.ts";
import { toHex } from "../../core/base/bytes.ts";
import { loadRequest } from "../../profile/load-grant.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { failProfile } from "../read-profile.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type CertOptions = WritingOptions & { readonly request: string; readonly out: string };

export const brokerCert: Subcommand = (group) => {
  writing(group.command("broker-cert"))
    .description("certify the enrolled key of a request for brokers, until its credential ends")
    .requiredOption(
      "--request <file>",
      "from `authority request`; its lineage has a credential of this authority",
    )
    .requiredOption("--out <folder>", "of the agent's profile: gets broker/ca.pem and broker/device.pem")
    .action((options: CertOptions) => run(options));
};

async function run(options: CertOptions): Promise<void> {
  const loaded = loadRequest(options.request);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return;
  }
  const { request } = loaded;
  const done = await asWriter(
    options,
    async (authority, nowUs) => {
      const subject = subjectOfRequest(request, null, bindingParts());
      if (!subject.ok) return subject;
      const device = deviceOfRequest(authority, request, nowUs);
      if (!device.ok) return device;
      const desk = await brokerDesk(authority, nowUs);
      await writeDeviceFiles(desk.ca, await desk.certifyDevice(device.value), options.out);
      return device;
    },
    options.request,
  );
  if (done === null) return;
  const { lineage, untilUs } = done;
  const told = { agent: toHex(lineage), folder: `${options.out}/broker`, until: instant(untilUs) };
  if (options.json === true) printJson({ schema: "spectrum-agent.authority-broker-cert/1", ...told });
  else printLine(`brokers know ${told.agent} until ${told.until}: ${told.folder}`);
}
