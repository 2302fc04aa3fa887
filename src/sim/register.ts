/** What the authority of a world wrote, as those who watch need it: when credentials end, and what snapshots list. */
import type { OfflineAuthor } from "../agent/offline-author.ts";
import { toHex } from "../core/base/bytes.ts";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Box } from "../core/record/spectrum-fields.ts";

export type Register = {
  /** End of a credential by its hex id, true UTC, µs; null: not of this authority. */
  endOf(credential: string): number | null;
  /** What a credential lets: each of these boxes, and nothing across two of them; null: not of this authority. */
  scopeOf(credential: string): readonly Box[] | null;
  /** Its budgets; none of a credential that this authority did not write. */
  budgetsOf(credential: string): readonly BudgetTerm[];
  /** Hex ids of the credentials that a snapshot lists; null: not of this authority. */
  listedIn(snapshot: string): ReadonlySet<string> | null;
  /** When a snapshot was issued, true UTC, µs; null: not of this authority. */
  issuedUsOf(snapshot: string): number | null;
  /** A root, with the snapshots that it begins with. */
  began(root: Pick<OfflineAuthor, "records">): void;
  issued(credential: RecordOf<"credential">): void;
  proclaimed(snapshot: RecordOf<"status-snapshot">): void;
  /** Hex lineage of the root by which a directive, by its hex id, is to be obeyed; null: by nobody. */
  rightfulRootOf(directive: string): string | null;
  directed(directive: RecordOf<"preemption">, root: Uint8Array): void;
  /** Of root `of`, by root `by`, both in hex, whether they stand or not. */
  recognitionsOf(of: string, by: string): readonly RecordOf<"recognition">[];
  /** Hex lineage of the root that issued it; null: of no root of this world. */
  rootOf(credential: string): string | null;
  /** By its hex id; null: of no root of this world. */
  recognitionOf(recognition: string): RecordOf<"recognition"> | null;
  recognised(recognition: RecordOf<"recognition">): void;
  /** The artifact that a rightful acknowledgement, by its hex id, is about; null: none of this world's overseer. */
  acknowledgedBy(acknowledgement: string): string | null;
  acknowledged(acknowledgement: RecordOf<"acknowledgement">): void;
  /** Policies that took another one's place, in the order in which they were written. */
  policies(): readonly RecordOf<"policy">[];
  succeeded(policy: RecordOf<"policy">): void;
};

export function newRegister(): Register {
  const ends = new Map<string, number>();
  const scopes = new Map<string, readonly Box[]>();
  const budgets = new Map<string, readonly BudgetTerm[]>();
  const lists = new Map<string, ReadonlySet<string>>();
  const issuedUs = new Map<string, number>();
  const rightful = new Map<string, string>();
  const roots = new Map<string, string>();
  const recognitions = new Map<string, RecordOf<"recognition">>();
  const acknowledgements = new Map<string, string>();
  const policies: RecordOf<"policy">[] = [];
  const self: Register = {
    endOf: (credential) => ends.get(credential) ?? null,
    budgetsOf: (credential) => budgets.get(credential) ?? [],
    issuedUsOf: (snapshot) => issuedUs.get(snapshot) ?? null,
    listedIn: (snapshot) => lists.get(snapshot) ?? null,
    scopeOf: (credential) => scopes.get(credential) ?? null,
    acknowledgedBy: (acknowledgement) => acknowledgements.get(acknowledgement) ?? null,
    acknowledged({ id, body }) {
      acknowledgements.set(toHex(id), toHex(body.artifact));
    },
    policies: () => policies,
    succeeded(policy) {
      policies.push(policy);
    },
    rootOf: (credential) => roots.get(credential) ?? null,
    recognitionOf: (recognition) => recognitions.get(recognition) ?? null,
    recognised: (recognition) => void recognitions.set(toHex(recognition.id), recognition),
    issued({ id, header, body }) {
      roots.set(toHex(id), toHex(header.lineage));
      budgets.set(toHex(id), body.budgets);
      ends.set(toHex(id), body.untilUs);
      scopes.set(toHex(id), body.scope);
    },
    rightfulRootOf: (directive) => rightful.get(directive) ?? null,
    directed: ({ id }, root) => void rightful.set(toHex(id), toHex(root)),
    recognitionsOf: (of, by) =>
      [...recognitions.values()].filter(
        ({ header, body }) => toHex(header.lineage) === by && toHex(body.root) === of,
      ),
    proclaimed({ id, body }) {
      lists.set(toHex(id), new Set(body.revoked.map(toHex)));
      issuedUs.set(toHex(id), body.issuedUs);
    },
    began(root) {
      for (const each of root.records()) if (each.kind === "status-snapshot") self.proclaimed(each);
    },
  };
  return self;
}
