/** A credential as people and scripts read it. */
import type { AuthorityView } from "../../authority/authority.ts";
import { type Standing, standingOf } from "../../authority/standing.ts";
import { LICENCE_ASSERTED } from "../../core/audit/marks.ts";
import { toHex } from "../../core/base/bytes.ts";
import type { BudgetTerm } from "../../core/record/budget-fields.ts";
import { credential as credentialKind } from "../../core/record/kinds/credential.ts";
import { recognition as recognitionKind } from "../../core/record/kinds/recognition.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Box } from "../../core/record/spectrum-fields.ts";
import { formatPowerLimit } from "../../profile/units.ts";
import { printLine } from "../output.ts";
import { band, duration, ID_DIGITS, instant } from "../quantities.ts";

type Link = RecordOf<"credential">;

/** For `--json`: the body by its own table, with what is known of it here. */
export function credentialJson(
  link: Link,
  view: AuthorityView,
  nowUs: number,
): Readonly<Record<string, unknown>> {
  return {
    credential: toHex(link.id),
    issuer: toHex(link.header.lineage),
    standing: standingOf(link, view, nowUs),
    licence: licenceOf(link),
    body: credentialKind.body.json(link.body),
  };
}

export function standingLine(link: Link, standing: Standing): string {
  const { owner, level, verbs, exclusive, untilUs, subjectLineage } = link.body;
  const shared = exclusive ? "exclusive" : "shared";
  const what = `${level} (${verbs.join(" ")}), ${shared}, until ${instant(untilUs)}`;
  return `${shortId(link.id)}  ${standing.padEnd(7)}  ${what}: ${owner}, lineage ${shortId(subjectLineage)}`;
}

/** For `--json`, as `credentialJson`. */
export function recognitionJson(
  record: RecordOf<"recognition">,
  view: AuthorityView,
  nowUs: number,
): Readonly<Record<string, unknown>> {
  const standing = standingOf(record, view, nowUs);
  return { recognition: toHex(record.id), standing, body: recognitionKind.body.json(record.body) };
}

export function recognitionLine({ id, body }: RecordOf<"recognition">, standing: Standing): string {
  const { root, level, verbs, documents, untilUs } = body;
  const taken = documents ? ", its policies and commodities too" : "";
  const what = `up to ${level} (${verbs.join(" ")})${taken}, until ${instant(untilUs)}`;
  return `${shortId(id)}  ${standing.padEnd(7)}  recognises root ${shortId(root)}: ${what}`;
}

export function boxLine({ lowerHz, upperHz, area, fromUs, untilUs, limits, commodityClass }: Box): string {
  const power = limits.map(formatPowerLimit).join(", ");
  const time = `${instant(fromUs)} to ${instant(untilUs)}`;
  return `${band(lowerHz, upperHz)}, area of ${area.length} corners, ${time}, ${power}, ${commodityClass}`;
}

/** `at most 20 settlements in any 1 h`, and what of. */
export function budgetLine({ unit, allowed, windowUs, window, ...of }: BudgetTerm): string {
  const area = of.area === null ? null : `in an area of ${of.area.length} corners`;
  const level = of.level === null ? null : `at level ${of.level}`;
  const wherein = [of.commodityClass, of.leaseClass, level, area].filter((each) => each !== null).join(", ");
  const span = window === "sliding" ? `any ${duration(windowUs)}` : `${duration(windowUs)} by the calendar`;
  return `at most ${allowed} ${unit} in ${span}${wherein === "" ? "" : ` (${wherein})`}`;
}

/** What every place has to say of a licence that nobody but its holder vouches for (PROTOCOL §3). */
export function licenceOf({ body }: Link): string | null {
  return body.licenceAsserted ? LICENCE_ASSERTED : null;
}

export function printLicence(link: Link): void {
  const licence = licenceOf(link);
  if (licence !== null) printLine(licence);
}

export function shortId(id: Uint8Array): string {
  return toHex(id).slice(0, ID_DIGITS);
}
