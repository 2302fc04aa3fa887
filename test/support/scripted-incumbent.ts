/** An authority of a scene that silences radios: a credential below the root, and directives written by hand. */
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { Preemption } from "../../src/core/record/kinds/preemption.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import {
  type Authority,
  type ScriptedLineage,
  SECOND_US,
  START_US,
  sceneBlock,
  scriptedLineage,
} from "./scripted-authority.ts";
import { packEnvelope } from "./scripted-host.ts";
import { named } from "./scripted-keys.ts";
import type { Scene } from "./two-agents.ts";

export type Incumbent = {
  readonly lineage: ScriptedLineage;
  readonly link: RecordOf<"credential">;
  /** What a receiver has to have before its directives. */
  readonly ground: readonly AnyRecord[];
  /** Issued now, over the scene's block, for a minute. */
  directive(change?: Partial<Preemption>): RecordOf<"preemption">;
};

/** `change`: what its credential has besides the verb `preempt`, at the root's level; below the first root. */
export function scriptedIncumbent(
  scene: Scene,
  change: Partial<Credential> = {},
  name = "incumbent",
  authority: Pick<Authority, "issue"> = scene.authority,
): Incumbent {
  const { scheme } = scene;
  const lineage = scriptedLineage(scheme, name);
  const link = authority.issue(lineage, { level: "root", verbs: ["preempt"], ...change });
  let written = 0;
  return {
    lineage,
    link,
    ground: [lineage.inception, link],
    directive(given = {}) {
      written += 1;
      const { lowerHz, upperHz, area, commodityClass } = sceneBlock;
      const issuedUs = given.issuedUs ?? scene.nowUs();
      const body: Preemption = {
        zones: [{ lowerHz, upperHz, area, commodityClass }],
        issuedUs,
        untilUs: issuedUs + 60 * SECOND_US,
        cause: "incumbent",
        leasesMax: 1,
        budgets: [],
        nonce: named(`directive ${written} of ${name}`).slice(0, 16),
        ...given,
      };
      return lineage.write("preemption", body, { credential: link.id });
    },
  };
}

/** To these hosts alone, with what it stands on, as a broker would hand it out. */
export function tell(scene: Scene, { ground }: Incumbent, directive: AnyRecord, hosts = scene.hosts): void {
  for (const host of hosts) {
    for (const each of [...ground, directive])
      host.take({ kind: "message", bytes: packEnvelope(each.envelope) });
  }
}

export const BLOCK_END_US: number = START_US + 600 * SECOND_US;
