/** Who may speak at a broker, and hear which offers: by the classes of the credentials to acquire that hold (PROTOCOL §3 Eligibility). */
import { toHex } from "../core/base/bytes.ts";
import type { AuthorityView } from "./authority.ts";
import { issuedBy, standingOf } from "./standing.ts";

export type Listener = {
  /** Lineage id, in hex. */
  readonly lineage: string;
  /** In the order of their names, each once; none for whoever may only let. */
  readonly classes: readonly string[];
  /** When the first of these credentials ends. */
  readonly untilUs: number;
};

/**
 * Of what the authority issued itself, in the order of the lineages: an authority below it knows its own subjects. A
 * credential that ended, was revoked or begins later opens nothing.
 */
export function listenersOf(view: AuthorityView, nowUs: number): readonly Listener[] {
  const all = new Map<string, Listener>();
  for (const link of issuedBy(view)) {
    const { subjectLineage, verbs, eligibilityClasses, untilUs } = link.body;
    if (standingOf(link, view, nowUs) !== "valid") continue;
    const heard = verbs.includes("acquire") ? eligibilityClasses : [];
    const lineage = toHex(subjectLineage);
    const so = all.get(lineage);
    all.set(lineage, {
      lineage,
      classes: [...new Set([...(so?.classes ?? []), ...heard])].sort(),
      untilUs: Math.min(so?.untilUs ?? untilUs, untilUs),
    });
  }
  return [...all.keys()].sort().map((lineage) => all.get(lineage) as Listener);
}
