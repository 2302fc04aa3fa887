/** `authority sign`: policies and commodities become records of the authority's lineage. */

import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { loadCommodity, loadPolicy } from "../../profile/load.ts";
import { exitCodes } from "../command.ts";
import { fail, printJson, printLine } from "../output.ts";
import { failProfile } from "../read-profile.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type SignOptions = WritingOptions & { readonly policy?: string; readonly commodity?: string };

export const sign: Subcommand = (group) => {
  writing(group.command("sign"))
    .description("sign a common policy, a commodity, or both")
    .option("--policy <file>", "a policy document")
    .option("--commodity <file>", "a commodity document")
    .action((options: SignOptions) => run(options));
};

async function run(options: SignOptions): Promise<void> {
  if (options.policy === undefined && options.commodity === undefined) {
    const message = "give --policy, --commodity, or both";
    fail({ code: "usage", message, hint: "", exit: exitCodes.usage });
    return;
  }
  const policy = options.policy === undefined ? null : loadPolicy(options.policy);
  const commodity = options.commodity === undefined ? null : loadCommodity(options.commodity);
  if (policy?.ok === false) failProfile(policy.errors);
  if (commodity?.ok === false) failProfile(commodity.errors);
  if (policy?.ok === false || commodity?.ok === false) return;
  const done = await asWriter(options, async (authority) => {
    const signed: { kind: string; name: string; id: string }[] = [];
    if (policy !== null) {
      const { id, kind, body } = await authority.write({ kind: "policy", body: policy.policy.body });
      signed.push({ kind, name: body.name, id: toHex(id) });
    }
    if (commodity !== null) {
      const { id, kind, body } = await authority.write({ kind: "schema", body: commodity.commodity.body });
      signed.push({ kind, name: body.name, id: toHex(id) });
    }
    return accept(signed);
  });
  if (done === null) return;
  if (options.json === true) printJson({ schema: "spectrum-agent.authority-sign/1", records: done });
  else for (const { kind, name, id } of done) printLine(`${kind} ${name}: ${id}`);
}
