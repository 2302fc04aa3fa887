/** `authority broker`: what a mosquitto needs to know this authority's agents, in one folder. */
import { isIPv4 } from "node:net";
import { brokerDesk } from "../../authority/broker-desk.ts";
import { listenersOf } from "../../authority/listeners.ts";
import { writeAnnouncer, writeBrokerFolder } from "../../compose/broker-files.ts";
import { toHex } from "../../core/base/bytes.ts";
import { accept } from "../../core/base/rejection.ts";
import type { BrokerHost } from "../../core/x509/broker-certificates.ts";
import { printJson, printLine } from "../output.ts";
import { aclText } from "./broker-acl.ts";
import { usage } from "./flags.ts";
import { asWriter, type Subcommand, type WritingOptions, writing } from "./shared-options.ts";

type BrokerOptions = WritingOptions & { readonly host: readonly string[]; readonly out: string };

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const broker: Subcommand = (group) => {
  writing(group.command("broker"))
    .description(
      "write key, certificates, access list and configuration for a mosquitto that knows agents by their enrolled keys",
    )
    .requiredOption("--host <name...>", "where agents reach it: names, or IPv4 addresses")
    .requiredOption("--out <folder>", "gets ca.pem, broker.pem, broker.key, acl, mosquitto.conf")
    .action((options: BrokerOptions) => run(options));
};

async function run(options: BrokerOptions): Promise<void> {
  const { host: names, out, authority: folder, json } = options;
  const hosts: BrokerHost[] = [];
  for (const name of names) {
    if (isIPv4(name)) hosts.push({ address: Uint8Array.from(name.split("."), Number) });
    else if (HOST_NAME.test(name)) hosts.push({ name });
    else return usage(`--host ${name} is no lower-case host name and no IPv4 address`);
  }
  const done = await asWriter(options, async (authority, nowUs) => {
    const desk = await brokerDesk(authority, nowUs);
    const view = authority.view();
    const acl = aclText(view.self, nowUs, listenersOf(view, nowUs));
    await writeBrokerFolder(desk, { hosts, out, acl });
    await writeAnnouncer(desk, folder);
    return accept(toHex(view.self));
  });
  if (done === null) return;
  if (json === true) {
    printJson({ schema: "spectrum-agent.authority-broker/1", authority: done, folder: out, hosts: names });
    return;
  }
  printLine(`a broker at ${names.join(", ")}: mosquitto -c ${out}/mosquitto.conf`);
  printLine("profiles say: mesh: {driver: mqtt, url: mqtts://HOST:8883, client: enrolled}");
}
