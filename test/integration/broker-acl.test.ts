/**
 * Who hears offers at a mosquitto with the shipped configuration and the access list that an authority writes: those whose
 * credential names the class, and nobody else who has a certificate.
 */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TlsFiles } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { runCommand } from "../support/agent-process.ts";
import { authorityDone, grantFile, licenceFile } from "../support/authority-desk.ts";
import { repository } from "../support/built.ts";
import {
  type CertificateAuthority,
  hasOpenssl,
  makeAuthority,
  makeCertificate,
} from "../support/certificates.ts";
import {
  enrolFleet,
  type Fleet,
  fleetMissing,
  SHORT_POLICY,
  startFleet,
  type Template,
} from "../support/fleet.ts";
import { SCENARIO_MS_MAX } from "../support/fleet-scene.ts";
import { type Witness, witnessOf } from "../support/fleet-witness.ts";
import { pause } from "../support/world-of-one.ts";

const missing = fleetMissing ?? (hasOpenssl ? null : "openssl is not installed");
const title = (text: string): string => (missing === null ? text : `${text} (${missing})`);
const RIGHTS = {
  holder: ["--level", "licensee", "--verbs", "allocate", "acquire", "--exclusive"],
  consumer: ["--level", "user", "--verbs", "acquire"],
  stranger: ["--level", "user", "--verbs", "acquire"],
} as const;
type Name = keyof typeof RIGHTS;
const names = Object.keys(RIGHTS) as readonly Name[];
/** The holder issues its offer anew each second. */
const OFFERS_MS = 3_500;
/** Of the lease class: the root is told of its leases. */
const NOTIFIED = ["holdover", "5s\n    oversight: {level: regulator, duty: notified}"] as const;

let template: Template;
let work = "";
let certificates: CertificateAuthority;
const at = (...parts: readonly string[]): string => join(work, ...parts);
const own = new Map<string, { readonly certPath: string; readonly keyPath: string }>();

/** The stranger has a credential as good as the consumer's, of another class. */
async function enrol(folder: string): Promise<void> {
  const secret = ["--passphrase-file", at("passphrase")];
  await writeFile(at("passphrase"), "correct horse battery\n", { mode: 0o600 });
  const licence = licenceFile({
    verbs: "allocate, acquire, issue, audit, preempt",
    classes: "bench, other",
  });
  await writeFile(at("licence.yaml"), licence);
  const files = ["--licence", at("licence.yaml"), "--policy", join(folder, "policy.yaml")];
  await authorityDone("init", "--out", at("root"), "--owner", "Root Ltd", ...secret, ...files);
  await mkdir(join(folder, "stranger"));
  await cp(join(folder, "consumer/profile.yaml"), join(folder, "stranger/profile.yaml"));
  const documents = join(folder, "bench/documents");
  const lineages = new Map<Name, string>();
  for (const name of names) {
    const classes = name === "stranger" ? "other" : "bench";
    const grant = grantFile({ classes });
    await writeFile(at(`${name}-grant.yaml`), grant);
    await authorityDone(
      "request",
      "--profile",
      join(folder, name, "profile.yaml"),
      "--out",
      at(`${name}.yaml`),
    );
    const paper = ["--request", at(`${name}.yaml`), "--scope", at(`${name}-grant.yaml`)];
    const out = ["--out", join(documents, `${name}.record`), "--json"];
    const said = await authorityDone(
      "issue",
      "--authority",
      at("root"),
      ...secret,
      ...paper,
      ...out,
      ...RIGHTS[name],
    );
    const issued = JSON.parse(said) as {
      readonly credential: string;
      readonly body: { readonly subjectLineage: string };
    };
    own.set(name, makeCertificate(work, certificates, issued.body.subjectLineage));
    lineages.set(name, issued.body.subjectLineage);
    if (name === "consumer") await writeFile(at("consumer.id"), issued.credential);
  }
  await writeFile(at("lineages.json"), JSON.stringify(Object.fromEntries(lineages)));
  await authorityDone("publish", "--authority", at("root"), "--out", documents);
  await mkdir(join(folder, "bench/trust"));
  await cp(at("root/trust/root.record"), join(folder, "bench/trust/root.record"));
  const listed = await authorityDone("broker-acl", "--authority", at("root"), "--out", at("acl"), "--json");
  const { authority } = JSON.parse(listed) as { readonly authority: string };
  own.set("root", makeCertificate(work, certificates, authority));
}

/** The shipped file with the paths and the address of this test; perhaps without its access list. */
async function shipped(limited: boolean): Promise<(port: number, data: string) => string> {
  const text = await readFile(join(repository, "profiles/broker/mosquitto.conf"), "utf8");
  const broker = own.get("broker");
  const lines = text.split("\n").filter((line) => limited || !line.startsWith("acl_file "));
  const replaced: Readonly<Record<string, string>> = {
    cafile: certificates.caPath,
    certfile: `${broker?.certPath}`,
    keyfile: `${broker?.keyPath}`,
    acl_file: at("acl"),
  };
  return (port, data) => {
    const here = { ...replaced, listener: `${port} 127.0.0.1`, persistence_location: `${data}/` };
    const told = Object.entries(here);
    const text = lines.map((line) => {
      const mine = told.find(([key]) => line.startsWith(`${key} `));
      return mine === undefined ? line : mine.join(" ");
    });
    return `${text.join("\n")}\nlog_dest stderr\nlog_type error\n`;
  };
}

function tls(name: string): TlsFiles {
  const mine = own.get(name);
  if (mine === undefined) throw new Error(`${name} has no certificate`);
  return { caPath: certificates.caPath, own: mine };
}

const meshOf = (name: Name): string => {
  const { certPath, keyPath } = own.get(name) ?? { certPath: "", keyPath: "" };
  return `{driver: mqtt, url: "mqtts://127.0.0.1:PORT", ca: ${certificates.caPath}, cert: ${certPath}, key: ${keyPath}}`;
};

/** Both agents, and an ear for each name; all of it until `scenario` ends. */
async function listening(
  limited: boolean,
  scenario: (fleet: Fleet, ears: Readonly<Record<Name | "root", Witness>>) => Promise<void>,
): Promise<void> {
  const fleet = await startFleet(template, {
    broker: { config: await shipped(limited) },
    holder: { mesh: meshOf("holder") },
    consumer: { mesh: meshOf("consumer") },
  });
  try {
    const ear = (name: Name | "root"): Promise<Witness> => witnessOf(fleet.broker.port, tls(name));
    const ears = {
      holder: await ear("holder"),
      consumer: await ear("consumer"),
      stranger: await ear("stranger"),
      root: await ear("root"),
    };
    try {
      await scenario(fleet, ears);
    } finally {
      await Promise.all(Object.values(ears).map((each) => each.close()));
    }
  } finally {
    await fleet.leave();
  }
}

async function settle(fleet: Fleet): Promise<string> {
  fleet.holder.start();
  fleet.consumer.start();
  return (await fleet.settled()).artifact;
}

/** The authority says that it has the lease in hand, at the broker, with a certificate in its own name. */
async function acknowledged({ consumer, broker }: Fleet, artifact: string): Promise<void> {
  const bundle = at("lease.bundle");
  const asked = await runCommand(["export", artifact, "--profile", consumer.profile, "--out", bundle]);
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  const desk = ["--authority", at("root")];
  const word = ["--bundle", bundle, "--out", at("word.record"), "--passphrase-file", at("passphrase")];
  await authorityDone("acknowledge", artifact, ...desk, ...word);
  const { certPath, keyPath } = own.get("root") ?? { certPath: "", keyPath: "" };
  const shown = ["--ca", certificates.caPath, "--cert", certPath, "--key", keyPath];
  await authorityDone("announce", ...desk, "--broker", `mqtts://127.0.0.1:${broker.port}`, ...shown);
}

const kindsOf = ({ heard }: Witness): readonly string[] => [...new Set(heard.map(({ kind }) => kind))];

beforeAll(async () => {
  if (missing !== null) return;
  work = await mkdtemp(join(tmpdir(), "broker-acl-test-"));
  // mosquitto reads what is there as its own user.
  await chmod(work, 0o755);
  certificates = makeAuthority(work, "site");
  await writeFile(at("san.cnf"), "subjectAltName=IP:127.0.0.1\n");
  own.set("broker", makeCertificate(work, certificates, "broker", at("san.cnf")));
  template = await enrolFleet({ policy: [...SHORT_POLICY, NOTIFIED], enrol });
}, SCENARIO_MS_MAX);
afterAll(async () => {
  await template?.leave();
  if (work !== "") await rm(work, { recursive: true, force: true });
});

describe.skipIf(missing !== null)(title("at the shipped broker"), () => {
  test(
    "two agents settle, and whoever lacks the class hears identities and nothing of the trade",
    () =>
      listening(true, async (fleet, { consumer, stranger }) => {
        await settle(fleet);
        await pause(OFFERS_MS);
        expect(kindsOf(consumer)).toContain("offer");
        expect(kindsOf(stranger)).toEqual(["key-event"]);
      }),
    SCENARIO_MS_MAX,
  );

  test(
    "the authority above a lease gets its holder's settlement, and its word reaches the consumer and nobody else",
    () =>
      listening(true, async (fleet, { root, consumer, stranger }) => {
        const artifact = await settle(fleet);
        const notices = root.heard.filter(({ kind }) => kind !== "key-event");
        const [notice] = notices.filter((each) => each.kind === "settlement");
        expect(toHex(notice?.body.artifact ?? new Uint8Array())).toBe(artifact);
        const { holder } = JSON.parse(await readFile(at("lineages.json"), "utf8")) as Record<Name, string>;
        expect(notices.map(({ header }) => toHex(header.lineage))).toEqual(notices.map(() => holder));
        await acknowledged(fleet, artifact);
        await fleet.eventually("the word", () =>
          kindsOf(consumer).includes("acknowledgement") ? true : null,
        );
        await pause(1_000);
        // The policy and the snapshot are for everybody.
        expect(kindsOf(stranger)).not.toContain("settlement");
        expect(kindsOf(stranger)).not.toContain("acknowledgement");
      }),
    SCENARIO_MS_MAX,
  );

  test(
    "without the access list the same ear hears every offer",
    () =>
      listening(false, async (fleet, { stranger }) => {
        await settle(fleet);
        await fleet.eventually("an offer", () => (kindsOf(stranger).includes("offer") ? true : null));
      }),
    SCENARIO_MS_MAX,
  );

  test(
    "nobody hears offers any more whose credential was revoked, once the list is written anew",
    () =>
      listening(true, async (fleet, { consumer, holder }) => {
        fleet.holder.start();
        await fleet.eventually("an offer", () => (kindsOf(consumer).includes("offer") ? true : null));
        const secret = ["--passphrase-file", at("passphrase")];
        const id = await readFile(at("consumer.id"), "utf8");
        await authorityDone("revoke", "--authority", at("root"), ...secret, "--out", at("status.record"), id);
        await authorityDone("broker-acl", "--authority", at("root"), "--out", at("acl"));
        fleet.broker.reload();
        await pause(OFFERS_MS);
        const [heard, ofHolder] = [consumer.heard.length, holder.heard.length];
        await pause(OFFERS_MS);
        expect(consumer.heard.slice(heard).map(({ kind }) => kind)).toEqual([]);
        expect(holder.heard.slice(ofHolder).map(({ kind }) => kind)).toContain("offer");
      }),
    SCENARIO_MS_MAX,
  );
});
