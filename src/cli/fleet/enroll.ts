/** `fleet enroll`: a list of hosts, a profile and a grant in; one sealed enrolment a host out, or the reasons why not. */
import { ownCredential } from "../../authority/standing.ts";
import { bindingParts, ekTrust } from "../../compose/enrolment.ts";
import { type EnrolledHost, enrolFleet } from "../../compose/fleet-enrolment.ts";
import { type FleetRow, fleetList, type Reason } from "../../compose/fleet-list.ts";
import { writeTextFile } from "../../compose/offline-authority.ts";
import { drivers } from "../../compose/open-ports.ts";
import { explainCode } from "../../core/base/codes.ts";
import { accept } from "../../core/base/rejection.ts";
import { type Grant, grantTimes } from "../../profile/grant.ts";
import { type FleetProfile, loadFleetProfile } from "../../profile/host-profile.ts";
import { loadGrant } from "../../profile/load-grant.ts";
import { formatReasons } from "../../profile/reasons.ts";
import { entitlementOf } from "../authority/entitlement-of.ts";
import { type GrantFlags, grantGiven } from "../authority/flags.ts";
import {
  asWriter,
  refuse,
  type Subcommand,
  type WritingOptions,
  writing,
} from "../authority/shared-options.ts";
import { exitCodes } from "../command.ts";
import { printJson, printLine, printMessage } from "../output.ts";
import { failProfile } from "../read-profile.ts";

type EnrollOptions = WritingOptions &
  GrantFlags & {
    readonly csv: string;
    readonly profile: string;
    readonly scope: string;
    readonly out: string;
    readonly reasons?: string;
    readonly ekRoots?: readonly string[];
    readonly ekIntermediates?: readonly string[];
    readonly ekHashes?: string;
  };

export const enroll: Subcommand = (group) => {
  writing(group.command("enroll"))
    .description("issue to every host of a list, and seal profile, credential and documents for its TPM")
    .requiredOption(
      "--csv <file>",
      "columns host, latitude, longitude, request; ek-hash and broker where they are known",
    )
    .requiredOption(
      "--profile <file>",
      "of all hosts; each gets it with its own name, signed by the authority",
    )
    .requiredOption("--scope <file>", "the grant that each of them gets, as of `authority issue`")
    .requiredOption("--out <folder>", "a fresh one: HOST.enroll for each, and operator.record")
    .option("--reasons <file>", "why rows are refused; OUT.reasons.csv unless told")
    .option("--ek-roots <file...>", "certificates that vouch for endorsement keys: of TPM makers, PEM or DER")
    .option("--ek-intermediates <file...>", "certificates between those and the endorsement keys'")
    .option(
      "--ek-hashes <file>",
      "SHA-256 of each endorsement key's public area, one a line; the list may have them too",
    )
    .option("--level <name>", "a level of the policy")
    .option("--verbs <verb...>", "allocate, acquire, issue, audit, preempt")
    .option("--class <name...>", "eligibility classes")
    .option("--until <instant>", "end of the credentials")
    .option("--for <duration>", "instead of --until, as 30d")
    .action((options: EnrollOptions) => run(options));
};

async function run(options: EnrollOptions): Promise<void> {
  const given = grantGiven(options);
  if (given === null) return;
  const [profile, grant] = [loadFleetProfile(options.profile, drivers), loadGrant(options.scope, given)];
  if (!profile.ok) failProfile(profile.errors);
  if (!grant.ok) failProfile(grant.errors);
  if (!profile.ok || !grant.ok) return;
  const { ekRoots: roots = [], ekIntermediates: intermediates = [], ekHashes: hashes = null } = options;
  const trust = await ekTrust({ roots, intermediates, hashes });
  if (!trust.ok) {
    refuse(trust.rejections);
    return;
  }
  const parts = bindingParts();
  const { scope } = grantTimes(grant.grant, parts.nowUs);
  const { rows, reasons } = fleetList(options.csv, { scope, trust: trust.value, parts });
  if (reasons.length > 0) await refuseRows(reasons, options);
  else await enrolled(rows, { fleet: profile.fleet, grant: grant.grant }, options);
}

type Ground = { readonly fleet: FleetProfile; readonly grant: Grant };

async function enrolled(
  rows: readonly FleetRow[],
  { fleet, grant }: Ground,
  options: EnrollOptions,
): Promise<void> {
  const hosts = await asWriter(
    options,
    async (authority, nowUs) => {
      const own = ownCredential(authority.view(), nowUs);
      if (!own.ok) return own;
      const entitlement = entitlementOf(grant, own.value.body, nowUs);
      const done = await enrolFleet(authority, {
        rows,
        fleet,
        entitlement,
        parts: bindingParts(),
        out: options.out,
      });
      return done.ok ? accept(done.value.hosts) : done;
    },
    options.scope,
  );
  if (hosts !== null) tell(hosts, options);
}

function tell(hosts: readonly EnrolledHost[], { out, json }: EnrollOptions): void {
  if (json === true) printJson({ schema: "spectrum-agent.fleet-enroll/1", folder: out, hosts });
  else printLine(`${hosts.length} hosts: ${out}`);
}

const TOLD_MAX = 20;

/** Nothing is issued, nothing else is written. */
async function refuseRows(reasons: readonly Reason[], options: EnrollOptions): Promise<void> {
  const file = options.reasons ?? `${options.out}.reasons.csv`;
  await writeTextFile(file, formatReasons(reasons));
  for (const { line, column, host, field, code, found, allowed } of reasons.slice(0, TOLD_MAX)) {
    const where = [host, field].filter((each) => each !== "").join(" ");
    printMessage(`${options.csv}:${line}:${column}: ${where}: ${code}: found ${found}, allowed ${allowed}`);
  }
  const rows = new Set(reasons.map(({ row }) => row)).size;
  printMessage(`${rows} rows refused, nothing issued; all ${reasons.length} reasons: ${file}`);
  const malformed = reasons.some(({ code }) => explainCode(code)?.exit === exitCodes.badConfiguration);
  process.exitCode = malformed ? exitCodes.badConfiguration : exitCodes.refusedByPolicy;
}
