/** Issuing: a link below the authority's own credential, written only when every verifier would take it (PROTOCOL §3). */
import { checkScope } from "../core/authority/scope.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { areaOf } from "../core/geometry/area.ts";
import { interiorsDisjoint } from "../core/geometry/containment.ts";
import type { RecordOf } from "../core/record/record.ts";
import { limits } from "../core/wire/limits.ts";
import type { Authority, AuthorityView } from "./authority.ts";
import { bookFaults, splitFaults } from "./book.ts";
import type { Draft } from "./draft.ts";
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
  const judged = judgedLink(authority, authority.view(), { subject, entitlement, nowUs });
  return judged.ok ? accept(await authority.write(judged.value.what)) : judged;
}

/** One credential for each, or none at all: everything is judged before the first is written, each beside those before it. */
export async function issueAll(
  authority: Authority,
  subjects: readonly Subject[],
  { entitlement, nowUs }: Omit<Judged, "subject">,
): Promise<Result<readonly RecordOf<"credential">[]>> {
  let view = authority.view();
  const drafts: IssuedDraft[] = [];
  for (const [i, subject] of subjects.entries()) {
    const judged = judgedLink(authority, view, { subject, entitlement, nowUs });
    if (!judged.ok) {
      return refuse(...judged.rejections.map((each) => ({ ...each, field: `subjects[${i}] ${each.field}` })));
    }
    drafts.push(judged.value.what);
    view = withLink(view, judged.value.draft);
  }
  const issued: RecordOf<"credential">[] = [];
  for (const what of drafts) issued.push(await authority.write(what));
  return accept(issued);
}

type Judged = { readonly subject: Subject; readonly entitlement: Entitlement; readonly nowUs: number };

type IssuedDraft = Draft<"credential"> & { readonly credential: Uint8Array };

type JudgedLink = { readonly what: IssuedDraft; readonly draft: RecordOf<"credential"> };

/** `view`: what the authority's records would be by then. */
function judgedLink(
  authority: Authority,
  view: AuthorityView,
  { subject, entitlement, nowUs }: Judged,
): Result<JudgedLink> {
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
  return faults.length > 0 ? refuse(...faults) : accept({ what, draft });
}

function withLink({ lineage, records, ...rest }: AuthorityView, link: RecordOf<"credential">): AuthorityView {
  return {
    ...rest,
    lineage: { ...lineage, records: [...lineage.records, link] },
    records: [...records, link],
  };
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
