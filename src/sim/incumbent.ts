/** An authority of a world that silences radios: in its scope and budget, and at times outside of either (PROTOCOL §7). */
import { type OfflineAuthor, offlineAuthor } from "../agent/offline-author.ts";
import { exposureOf } from "../core/preemption/exposure.ts";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { Credential } from "../core/record/kinds/credential.ts";
import type { PreemptedZone, Preemption } from "../core/record/kinds/preemption.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { preemptionTopic } from "../core/wire/topic.ts";
import type { SimWorld } from "./drivers.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import type { Register } from "./register.ts";

/**
 * `beyond`: a zone outside its scope; `unentitled`: under a credential without the verb; `low`: of a level that nobody
 * obeys; `hushed`: it says that it uses nothing of its budgets.
 */
export type Manner = "rightful" | "beyond" | "unentitled" | "low" | "hushed";

export type Incumbent = {
  /** Signed and handed round, with what it stands on. `lastsUs` null: without an end. */
  preempt(zone: PreemptedZone, lastsUs: number | null, manner: Manner): Promise<RecordOf<"preemption">>;
};

export type IncumbentParts = {
  readonly world: SimWorld;
  /** Its keys are drawn by it. */
  readonly name: string;
  /** Lineage of the root that issues to it. */
  readonly root: Uint8Array;
  readonly register: Register;
  /** True time of the world, µs. */
  readonly nowUs: () => number;
  /** The root issues to it; `verb` and `level` are what it may. */
  readonly issue: (
    subject: Pick<Credential, "subjectLineage" | "subjectKey">,
    rights: Pick<Credential, "verbs" | "level" | "budgets">,
  ) => Promise<RecordOf<"credential">>;
  /** Levels whose directives are obeyed, and not. */
  readonly levels: { readonly obeyed: string; readonly ignored: string };
  readonly budgets: readonly BudgetTerm[];
};

/** Far beyond every band of these worlds. */
const BEYOND_HZ = 1_000_000_000;

export async function openIncumbent(parts: IncumbentParts): Promise<Incumbent> {
  const { world, name, root, issue, levels, budgets } = parts;
  const { primitives } = world;
  const entropy = world.entropy(name);
  const signing = { signer: world.signer(name), primitives, entropy };
  const author = await offlineAuthor({ ...signing, owner: "Incumbent", tier: "software" });
  const { lineage, signerKey } = author.inception.header;
  const subject = { subjectLineage: lineage, subjectKey: signerKey };
  const rightful = await issue(subject, { verbs: ["preempt"], level: levels.obeyed, budgets });
  const idle = await issue(subject, { verbs: ["audit"], level: levels.obeyed, budgets: [] });
  const low = await issue(subject, { verbs: ["preempt"], level: levels.ignored, budgets: [] });
  const links = { rightful, beyond: rightful, unentitled: idle, low, hushed: rightful };
  return {
    async preempt(zone, lastsUs, manner) {
      const link = links[manner];
      const issuedUs = WORLD_BEGAN_US + parts.nowUs();
      const upperHz = manner === "beyond" ? zone.upperHz + BEYOND_HZ : zone.upperHz;
      const body: Preemption = {
        zones: [{ ...zone, upperHz }],
        issuedUs,
        untilUs: lastsUs === null ? null : issuedUs + lastsUs,
        cause: "incumbent",
        leasesMax: LEASES_MAX,
        budgets: [],
        nonce: entropy.bytes(16),
      };
      const exposed = exposureOf(link.body, body, earlier(author));
      const isWithin = exposed.every(({ used, allowed }) => used <= allowed);
      const stated = manner === "hushed" ? exposed.map((each) => ({ ...each, used: 0 })) : exposed;
      const directive = await author.write("preemption", { ...body, budgets: stated }, link.id);
      if (manner === "rightful" && isWithin) parts.register.directed(directive, root);
      handRound(world, lineage, [author.inception, link, directive] as readonly AnyRecord[]);
      return directive;
    },
  };
}

const LEASES_MAX = 64;

function earlier(author: OfflineAuthor): readonly Preemption[] {
  return author.records().flatMap((each) => (each.kind === "preemption" ? [each.body] : []));
}

function handRound(world: SimWorld, lineage: Uint8Array, records: readonly AnyRecord[]): void {
  for (const each of records)
    world.broker.retain(preemptionTopic(lineage, each.id), world.pack(each.envelope));
}
