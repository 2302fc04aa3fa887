/** Issuing: a link below the authority's own credential, written only when every verifier would take it (PROTOCOL §3). */
import { checkScope } from "../core/authority/scope.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { areaOf } from "../core/geometry/area.ts";
import { interiorsDisjoint } from "../core/geometry/containment.ts";
import type { RecordOf } from "../core/record/record.ts";
import { limits } from "../core/wire/limits.ts";
import type { Authority } from "./authority.ts";
import { bookFaults, splitFaults } from "./book.ts";
import { credentialBody, type Entitlement } from "./entitlement.ts";
import { chainFaults, chainFrom, fallenLinks, ownCredential } from "./standing.ts";
import type { Subject } from "./subject.ts";

const NONCE_BYTES = 16;

/** Refuses with every excess over the authority's own scope, every link above that does not hold, and its book's word. */
export async function issue(
  authority: Authority,
  subject: Subject,
  entitlement: Entitlement,
  nowUs: number,
): Promise<Result<RecordOf<"credential">>> {
  const view = authority.view();
  const own = ownCredential(view, nowUs);
  if (!own.ok) return own;
  const malformed = checkScope(entitlement.scope);
  if (malformed.length > 0) return refuse(...malformed);
  const nonce = authority.parts.entropy.bytes(NONCE_BYTES);
  const body = credentialBody({ subject, entitlement, parent: own.value.id, nonce });
  const what = { kind: "credential", body, credential: own.value.id } as const;
  const draft = authority.draft(what);
  const faults = [
    ...tooLong(draft),
    ...fallenLinks(chainFrom(own.value, view), view, nowUs),
    ...chainFaults(draft, view, nowUs),
    ...keptOut(entitlement),
  ];
  // Geometry that is void has no place in the book either.
  if (faults.length === 0) faults.push(...bookFaults(body, view), ...splitFaults(body, own.value.body, view));
  return faults.length > 0 ? refuse(...faults) : accept(await authority.write(what));
}

/** Many boxes with many limits and corners each are no record any more. */
export function tooLong({
  envelope: { payload },
}: Pick<RecordOf<"credential">, "envelope">): readonly Rejection[] {
  const bytesMax = limits.RECORD_BYTES_MAX;
  if (payload.length <= bytesMax) return [];
  return [rejection("record-too-long", "scope", { bytes: payload.length }, { bytesMax })];
}

/** `scope-kept-out` for each box that meets an area that has to stay free. */
export function keptOut({ scope, keepOut }: Entitlement): readonly Rejection[] {
  return keepOut.flatMap((corners, at) => {
    const kept = areaOf(corners, `keep-out[${at}]`);
    if (!kept.ok) return kept.rejections;
    return scope.flatMap((box, i) => {
      const area = areaOf(box.area, "area");
      if (!area.ok || interiorsDisjoint(area.value, kept.value)) return [];
      return [rejection("scope-kept-out", `scope[${i}].area`, { keepOut: at }, { area: "free of it" })];
    });
  });
}
