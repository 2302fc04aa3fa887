/** `authority broker-acl`: which topics each agent may use at a mosquitto, from the credentials that hold now. */
import { type Listener, listenersOf } from "../../authority/listeners.ts";
import { readAuthority, writeTextFile } from "../../compose/offline-authority.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import { classEverywhereFilter, ownTopics } from "../../core/wire/topic.ts";
import { printJson, printLine } from "../output.ts";
import { instant } from "../quantities.ts";
import { type AuthorityOptions, reading, refuse, type Subcommand } from "./shared-options.ts";

type AclOptions = AuthorityOptions & { readonly out: string };

export const brokerAcl: Subcommand = (group) => {
  reading(group.command("broker-acl"))
    .description(
      "write mosquitto's acl_file: only who has a credential is heard, and hears offers of the classes that it names",
    )
    .requiredOption("--out <file>", "mosquitto's acl_file; takes the place of what stands there")
    .action((options: AclOptions) => run(options));
};

async function run({ authority: folder, out, json }: AclOptions): Promise<void> {
  const read = await readAuthority(folder, async (opened, nowUs) => {
    const view = opened.view();
    return accept({ self: view.self, nowUs, listeners: listenersOf(view, nowUs) });
  });
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const { self, nowUs, listeners } = read.value;
  await writeTextFile(out, aclText(self, nowUs, listeners));
  const validUntil = listeners.length === 0 ? null : Math.min(...listeners.map(({ untilUs }) => untilUs));
  if (json === true) {
    const agents = listeners.map(({ lineage, classes }) => ({ lineage, classes }));
    const until = validUntil === null ? null : instant(validUntil);
    printJson({
      schema: "spectrum-agent.authority-broker-acl/1",
      authority: toHex(self),
      file: out,
      agents,
      until,
    });
    return;
  }
  const until = validUntil === null ? "" : `; the first of their credentials ends ${instant(validUntil)}`;
  printLine(`${listeners.length} agents may speak: ${out}${until}`);
  printLine("mosquitto takes it at SIGHUP; write it anew after each issue and revocation");
}

/**
 * A user name is the agent's lineage id, as its certificate's common name says it (`use_identity_as_username`). Who is not
 * named has nothing, whatever certificate it shows: that keeps out whose credential was revoked.
 */
export function aclText(authority: Uint8Array, nowUs: number, listeners: readonly Listener[]): string {
  const lines = [
    `# Written by: spectrum-agent authority broker-acl, for ${toHex(authority)} at ${instant(nowUs)}`,
    "# Each: own broadcasts and state, anybody's inbox and identity, own inbox, status snapshots, recognitions, directives; and offers of its classes.",
    ...rightsOf(toHex(authority), []),
    ...listeners.flatMap(({ lineage, classes }) => rightsOf(lineage, classes)),
  ];
  return `${lines.join("\n")}\n`;
}

function rightsOf(client: string, classes: readonly string[]): readonly string[] {
  const { writes, reads } = ownTopics(client);
  return [
    "",
    `user ${client}`,
    ...writes.map((topic) => `topic write ${topic}`),
    ...[...reads, ...classes.map(classEverywhereFilter)].map((topic) => `topic read ${topic}`),
  ];
}
