/** A level above the parties of a world: it says that it has a lease in hand, rightly or wrongly (PROTOCOL §6). */
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { SimWorld } from "./drivers.ts";
import type { Register } from "./register.ts";

/** `other`: it names another record than the lease's settlement; `low`: its author's level is below what policy asks. */
export type Word = "rightful" | "other" | "low";

export type Overseer = {
  /** The acknowledgement, after what it stands on. One at a time. */
  acknowledge(settlement: RecordOf<"settlement">, word: Word): Promise<readonly AnyRecord[]>;
};

export type OverseerParts = {
  readonly world: SimWorld;
  readonly register: Register;
  /** The root issues to it. */
  readonly issue: (
    subject: Pick<Credential, "subjectLineage" | "subjectKey">,
    rights: Pick<Credential, "verbs" | "level" | "budgets">,
  ) => Promise<RecordOf<"credential">>;
  /** Whose word policy asks for, and one below it. */
  readonly levels: { readonly asked: string; readonly below: string };
};

export async function openOverseer({ world, register, issue, levels }: OverseerParts): Promise<Overseer> {
  const { primitives } = world;
  const signing = { signer: world.signer("overseer"), primitives, entropy: world.entropy("overseer") };
  const author: OfflineAuthor = await offlineAuthor({ ...signing, owner: "Overseer", tier: "software" });
  const { lineage, signerKey } = author.inception.header;
  const subject = { subjectLineage: lineage, subjectKey: signerKey };
  const rightful = await issue(subject, { verbs: ["audit"], level: levels.asked, budgets: [] });
  const low = await issue(subject, { verbs: ["audit"], level: levels.below, budgets: [] });
  return {
    async acknowledge(settlement, word) {
      const link = word === "low" ? low : rightful;
      const record = word === "other" ? author.inception.id : settlement.id;
      const body = { artifact: settlement.body.artifact, record };
      const given = await author.write("acknowledgement", body, link.id);
      if (word === "rightful") register.acknowledged(given);
      return [author.inception, link, given];
    },
  };
}
