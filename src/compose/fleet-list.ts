/** A fleet's list and the requests that it names, judged before anything is issued: sound hosts, and the reasons of all others. */
import {
  type FleetDesk,
  type FleetHost,
  type JudgedHost,
  judgedHost,
  twiceFaults,
} from "../authority/fleet.ts";
import type { Measure, Rejection } from "../core/base/rejection.ts";
import type { CsvFinding } from "../profile/csv-document.ts";
import { type HostColumn, type ListedHost, loadHostList } from "../profile/host-list.ts";
import { loadRequest } from "../profile/load-grant.ts";
import type { ProfileError } from "../profile/profile-error.ts";
import type { Request } from "../profile/request-schema.ts";

/** Why a row was refused, in one line. */
export type Reason = {
  /** From 1; 0 is the line of names. */
  readonly row: number;
  readonly line: number;
  readonly column: number;
  readonly host: string;
  readonly field: string;
  readonly code: string;
  readonly found: string;
  readonly allowed: string;
};

export type FleetRow = { readonly listed: ListedHost; readonly judged: JudgedHost };

export type FleetList = { readonly rows: readonly FleetRow[]; readonly reasons: readonly Reason[] };

export function fleetList(csv: string, desk: FleetDesk): FleetList {
  const { hosts, errors } = loadHostList(csv);
  const reasons: Reason[] = errors.map(reasonOf);
  const asked = hosts.flatMap((listed) => {
    const loaded = loadRequest(listed.requestPath);
    if (loaded.ok) return [{ listed, request: loaded.request }];
    reasons.push(...loaded.errors.map((each) => requestReason(listed, each)));
    return [];
  });
  const { sha256 } = desk.parts.primitives;
  const identities = asked.map(({ listed, request: { lineage, tpm } }) => {
    const ekHash = tpm === null ? null : sha256(tpm.ekPublic);
    return { row: listed.row, name: listed.name, requestPath: listed.requestPath, ekHash, lineage };
  });
  const byRow = new Map(asked.map(({ listed }) => [listed.row, listed]));
  for (const { row, fault } of twiceFaults(identities)) {
    const listed = byRow.get(row);
    if (listed !== undefined) reasons.push(faultReason(listed, fault));
  }
  const rows = asked.flatMap(({ listed, request }) => {
    const judged = judgedHost(hostOf(listed, request), desk);
    if (judged.ok) return [{ listed, judged: judged.value }];
    reasons.push(...judged.rejections.map((fault) => faultReason(listed, fault)));
    return [];
  });
  return { rows, reasons: reasons.sort((a, b) => a.row - b.row || a.column - b.column) };
}

function hostOf({ place, ekHash }: ListedHost, request: Request): FleetHost {
  const { tpm: evidence, ...claim } = request;
  return { place, ekHash, claim, evidence };
}

function reasonOf({ row, line, column, path, code, found, allowed }: CsvFinding): Reason {
  return { row, line, column, host: "", field: path, code, found, allowed };
}

/** The request has a line of its own, the list has the cell that names it. */
function requestReason(listed: ListedHost, error: ProfileError): Reason {
  const { file, line, column, path, code, found, allowed } = error;
  const where = `${file}:${line}:${column}${path === "" ? "" : ` ${path}`}`;
  const { row, name: host } = listed;
  return { row, ...listed.at("request"), host, field: "request", code, found: `${where}: ${found}`, allowed };
}

/** The first word of a fault's field is its column. */
function faultReason(listed: ListedHost, { code, field, measured, required }: Rejection): Reason {
  const column = (field.split(" ")[0] ?? "") as HostColumn;
  const { row, name: host } = listed;
  return { row, ...listed.at(column), host, field, code, found: said(measured), allowed: said(required) };
}

function said(measure: Measure): string {
  return Object.entries(measure)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
