/** `authority announce`: snapshot, policy, directives and acknowledgements that stand, at a broker for whom they are. */
import { announcements } from "../../authority/announcements.ts";
import { announce as tell } from "../../compose/announce.ts";
import { readAuthority } from "../../compose/offline-authority.ts";
import { accept } from "../../core/base/rejection.ts";
import { printJson, printLine } from "../output.ts";
import { usage } from "./flags.ts";
import { type AuthorityOptions, reading, refuse, type Subcommand } from "./shared-options.ts";

type AnnounceOptions = AuthorityOptions & {
  readonly broker: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
};

export const announce: Subcommand = (group) => {
  reading(group.command("announce"))
    .description(
      "have a broker keep the latest snapshot and policy, and directives and acknowledgements that stand",
    )
    .requiredOption("--broker <url>", "mqtt://host:port, or mqtts://host:port with --ca")
    .option("--ca <file>", "who signed the broker's certificate, PEM")
    .option("--cert <file>", "an own certificate, PEM; its common name is this authority's lineage id")
    .option("--key <file>", "its key, PEM")
    .action((options: AnnounceOptions) => run(options));
};

async function run({ authority: folder, broker: url, ca, cert, key, json }: AnnounceOptions): Promise<void> {
  if (!isBrokerUrl(url)) return usage(`--broker ${url} is no mqtt://host:port or mqtts://host:port`);
  if (url.startsWith("mqtts:") !== (ca !== undefined))
    return usage("--ca goes with mqtts://, and with it only");
  if ((cert === undefined) !== (key === undefined) || (cert !== undefined && ca === undefined))
    return usage("--cert and --key go together, and with mqtts:// only");
  const read = await readAuthority(folder, async (opened, nowUs) => {
    const view = opened.view();
    return accept({ self: view.self, all: announcements(view, nowUs) });
  });
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const { self, all } = read.value;
  await tell(self, all, { url, caPath: ca ?? null, certPath: cert ?? null, keyPath: key ?? null });
  const kept = all.flatMap(({ record }) => (record === null ? [] : [record.kind]));
  const directives = kept.filter((kind) => kind === "preemption").length;
  const acknowledgements = kept.filter((kind) => kind === "acknowledgement").length;
  const cleared = all.length - kept.length;
  const schema = "spectrum-agent.authority-announce/1";
  if (json === true) {
    printJson({ schema, broker: url, records: kept.length, directives, acknowledgements, cleared });
    return;
  }
  const standing = `${directives} standing directives, ${acknowledgements} acknowledgements`;
  printLine(`${kept.length} records, ${standing}, ${cleared} cleared: ${url}`);
}

function isBrokerUrl(text: string): boolean {
  return (
    URL.canParse(text) &&
    ["mqtt:", "mqtts:"].includes(new URL(text).protocol) &&
    new URL(text).hostname !== ""
  );
}
