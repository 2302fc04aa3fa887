/** A level above the parties of a world: it says that it has a lease in hand, rightly or wrongly (PROTOCOL §6). */
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { SimWorld } from "./drivers.ts";
import type { Register } from "./register.ts";

/**
 * `twice`: rightfully, in two records; `other`: of another lease, or of no settlement; `low`: its author's level is below what
 * policy asks; `abroad`: by a credential of another root, which the seller's recognises.
 */
export type Word = "rightful" | "twice" | "other" | "low" | "abroad";

export type Overseer = {
  /** The acknowledgement, after what it stands on. One at a time. */
  acknowledge(settlement: RecordOf<"settlement">, word: Word): Promise<readonly AnyRecord[]>;
};

type Issue = (
  subject: Pick<Credential, "subjectLineage" | "subjectKey">,
  rights: Pick<Credential, "verbs" | "level" | "budgets">,
) => Promise<RecordOf<"credential">>;

export type OverseerParts = {
  readonly world: SimWorld;
  readonly register: Register;
  /** The root issues to it. */
  readonly issue: Issue;
  /** So does the root abroad, in worlds that have one. */
  readonly issueAbroad: Issue | null;
  /** Whose word policy asks for, and one below it. */
  readonly levels: { readonly asked: string; readonly below: string };
};

export async function openOverseer(parts: OverseerParts): Promise<Overseer> {
  const { world, register, issue, issueAbroad, levels } = parts;
  const { primitives } = world;
  const signing = { signer: world.signer("overseer"), primitives, entropy: world.entropy("overseer") };
  const author: OfflineAuthor = await offlineAuthor({ ...signing, owner: "Overseer", tier: "software" });
  const { lineage, signerKey } = author.inception.header;
  const subject = { subjectLineage: lineage, subjectKey: signerKey };
  const rightful = await issue(subject, { verbs: ["audit"], level: levels.asked, budgets: [] });
  const low = await issue(subject, { verbs: ["audit"], level: levels.below, budgets: [] });
  const abroad =
    (await issueAbroad?.(subject, { verbs: ["audit"], level: levels.asked, budgets: [] })) ?? null;
  let last: Uint8Array = author.inception.id;
  return {
    async acknowledge(settlement, word) {
      const isOther = word === "other" || (word === "abroad" && abroad === null);
      const link = word === "low" ? low : word === "abroad" ? (abroad ?? rightful) : rightful;
      const body = { artifact: settlement.body.artifact, record: isOther ? last : settlement.id };
      const given = [await author.write("acknowledgement", body, link.id)];
      if (word === "twice") given.push(await author.write("acknowledgement", body, link.id));
      if (word === "rightful" || word === "twice") for (const each of given) register.acknowledged(each);
      last = settlement.id;
      return [author.inception, link, ...given];
    },
  };
}
