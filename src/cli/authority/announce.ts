/** `authority announce`: what stands of recognitions, directives and acknowledgements, snapshot and policy, at a broker for whom they are. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { announcements } from "../../authority/announcements.ts";
import { announce as tell } from "../../compose/announce.ts";
import { ANNOUNCER_FILES } from "../../compose/broker-files.ts";
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
      "have a broker keep the latest snapshot and policy, and what stands of recognitions, directives and acknowledgements",
    )
    .requiredOption("--broker <url>", "mqtt://host:port, or mqtts://host:port")
    .option("--ca <file>", "who signed the broker's certificate, PEM; this authority unless told")
    .option(
      "--cert <file>",
      "an own certificate, PEM; its common name is this authority's lineage id; what `authority broker` made unless told",
    )
    .option("--key <file>", "its key, PEM")
    .action((options: AnnounceOptions) => run(options));
};

async function run({ authority: folder, broker: url, ca, cert, key, json }: AnnounceOptions): Promise<void> {
  if (!isBrokerUrl(url)) return usage(`--broker ${url} is no mqtt://host:port or mqtts://host:port`);
  const isEncrypted = url.startsWith("mqtts:");
  if (!isEncrypted && (ca ?? cert ?? key) !== undefined)
    return usage("--ca, --cert and --key go with mqtts:// only");
  if ((cert === undefined) !== (key === undefined)) return usage("--cert and --key go together");
  const own = (file: string): string | null => {
    const path = join(folder, file);
    return isEncrypted && existsSync(path) ? path : null;
  };
  const caPath = ca ?? own(ANNOUNCER_FILES.ca);
  const [certPath, keyPath] = [cert ?? own(ANNOUNCER_FILES.cert), key ?? own(ANNOUNCER_FILES.key)];
  if (isEncrypted && caPath === null)
    return usage("--ca goes with mqtts://, unless `authority broker` was said");
  const read = await readAuthority(folder, async (opened, nowUs) => {
    const view = opened.view();
    return accept({ self: view.self, all: announcements(view, nowUs) });
  });
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const { self, all } = read.value;
  await tell(self, all, { url, caPath, certPath, keyPath });
  const kept = all.flatMap(({ record }) => (record === null ? [] : [record.kind]));
  const directives = kept.filter((kind) => kind === "preemption").length;
  const recognitions = kept.filter((kind) => kind === "recognition").length;
  const acknowledgements = kept.filter((kind) => kind === "acknowledgement").length;
  const cleared = all.length - kept.length;
  const schema = "spectrum-agent.authority-announce/1";
  const standing = { recognitions, directives, acknowledgements };
  if (json === true) {
    printJson({ schema, broker: url, records: kept.length, ...standing, cleared });
    return;
  }
  const told = `${recognitions} standing recognitions, ${directives} standing directives, ${acknowledgements} acknowledgements`;
  printLine(`${kept.length} records, ${told}, ${cleared} cleared: ${url}`);
}

function isBrokerUrl(text: string): boolean {
  return (
    URL.canParse(text) &&
    ["mqtt:", "mqtts:"].includes(new URL(text).protocol) &&
    new URL(text).hostname !== ""
  );
}
