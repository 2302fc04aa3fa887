/** `authority show`: one credential, and the chain that it hangs on, from the root down. */

import type { AuthorityView } from "../../authority/authority.ts";
import { issuedById } from "../../authority/renew.ts";
import { chainFrom, standingOf } from "../../authority/standing.ts";
import { readAuthority } from "../../compose/offline-authority.ts";
import { numberOf, termKey } from "../../core/authority/budgets.ts";
import { accept } from "../../core/base/rejection.ts";
import type { Credential } from "../../core/record/kinds/credential.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { printJson, printLine } from "../output.ts";
import { hertz, instant } from "../quantities.ts";
import {
  boxLine,
  budgetLine,
  credentialJson,
  printLicence,
  shortId,
  standingLine,
} from "./credential-view.ts";
import { type AuthorityOptions, reading, refuse, type Subcommand } from "./shared-options.ts";

type Link = RecordOf<"credential">;
type ShowOptions = AuthorityOptions & { readonly chain?: boolean };

export const show: Subcommand = (group) => {
  reading(group.command("show"))
    .description("show a credential; with --chain every link from the root, and what each takes away")
    .argument("<id>", "first digits of the credential")
    .option("--chain", "every link above it too")
    .action((id: string, options: ShowOptions) => run(id, options));
};

async function run(id: string, { authority: folder, chain: whole, json }: ShowOptions): Promise<void> {
  const read = await readAuthority(folder, async (opened, nowUs) => {
    const view = opened.view();
    const link = issuedById(view, id);
    return link.ok ? accept({ link: link.value, view, nowUs }) : link;
  });
  if (!read.ok) {
    refuse(read.rejections, folder);
    return;
  }
  const { link, view, nowUs } = read.value;
  const links = whole === true ? chainFrom(link, view).links.toReversed() : [link];
  if (json === true) {
    const shown = links.map((each, i) => ({
      ...credentialJson(each, view, nowUs),
      narrows: narrowing(each.body, links[i - 1]?.body),
    }));
    printJson({ schema: "spectrum-agent.authority-show/1", links: shown });
    return;
  }
  for (const [i, each] of links.entries()) printLink(each, links[i - 1], view, nowUs);
  const [top] = links;
  if (top !== undefined) printLicence(top);
}

function printLink(link: Link, above: Link | undefined, view: AuthorityView, nowUs: number): void {
  const { body, header } = link;
  printLine(standingLine(link, standingOf(link, view, nowUs)));
  const depth = `${body.depthLeft} more links may follow`;
  printLine(
    `  issued by ${shortId(header.lineage)}, from ${instant(body.fromUs)}, key ${body.tier}, ${depth}`,
  );
  for (const box of body.scope) printLine(`  ${boxLine(box)}`);
  for (const term of body.budgets) printLine(`  ${budgetLine(term)}`);
  if (body.holdingsMaxHz !== null) printLine(`  holds at most ${hertz(body.holdingsMaxHz)} at one time`);
  const classes = body.eligibilityClasses.join(" ");
  if (classes !== "") printLine(`  classes: ${classes}`);
  for (const { scheme, value } of body.identifiers.value ?? []) printLine(`  ${scheme}: ${value}`);
  for (const each of narrowing(body, above?.body)) printLine(`  narrows: ${each}`);
}

/** In what a link is less than the one above it. */
function narrowing(body: Credential, above: Credential | undefined): readonly string[] {
  if (above === undefined) return [];
  const told: string[] = [];
  if (body.level !== above.level) told.push(`level ${above.level} to ${body.level}`);
  const verbs = above.verbs.filter((verb) => !body.verbs.includes(verb));
  if (verbs.length > 0) told.push(`without ${verbs.join(" ")}`);
  const classes = above.eligibilityClasses.filter((each) => !body.eligibilityClasses.includes(each));
  if (classes.length > 0) told.push(`without classes ${classes.join(" ")}`);
  if (above.exclusive && !body.exclusive) told.push("exclusive to shared");
  if (body.untilUs < above.untilUs) told.push(`ends ${instant(body.untilUs)}, not ${instant(above.untilUs)}`);
  if (body.fromUs > above.fromUs) told.push(`begins ${instant(body.fromUs)}, not ${instant(above.fromUs)}`);
  told.push(...numbers(body, above));
  const [now, before] = [megahertz(body), megahertz(above)];
  if (now !== before)
    told.push(`${before} MHz in ${above.scope.length} boxes to ${now} in ${body.scope.length}`);
  told.push(`depth ${above.depthLeft} to ${body.depthLeft}`);
  return told;
}

/** Of budgets and ceiling. */
function numbers(body: Credential, above: Credential): readonly string[] {
  const budgets = body.budgets.flatMap((term) => {
    const before = numberOf(above, termKey(term));
    return before === term.allowed ? [] : [`${before ?? "any number of"} ${term.unit} to ${term.allowed}`];
  });
  const [hz, beforeHz] = [body.holdingsMaxHz, above.holdingsMaxHz];
  if (hz === null || hz === beforeHz) return budgets;
  return [...budgets, `holdings of ${beforeHz === null ? "any width" : hertz(beforeHz)} to ${hertz(hz)}`];
}

/** Of all boxes together. */
function megahertz({ scope }: Credential): string {
  const hz = scope.reduce((sum, { lowerHz, upperHz }) => sum + upperHz - lowerHz, 0);
  return String(hz / 1e6);
}
