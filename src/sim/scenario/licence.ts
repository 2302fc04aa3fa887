/** The root of a scenario's world: its policy and commodity, a credential for each agent, and revocations. */
import type { AgentSettings } from "../../agent/agent-settings.ts";
import type { OfflineAuthor } from "../../agent/offline-author.ts";
import { assert } from "../../core/base/assert.ts";
import { ZERO_ID } from "../../core/record/identity.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import type { Box } from "../../core/record/spectrum-fields.ts";
import type { Lease } from "../../core/settlement/lease.ts";
import { acknowledgementTopic, preemptionTopic, statusTopic } from "../../core/wire/topic.ts";
import type { Scenario, ScenarioAgent, ScenarioStep } from "../../profile/scenario.ts";
import {
  type Granted,
  roleCredential,
  VALID_FROM_US,
  worldAuthor,
  worldRootCredential,
} from "../credential-bodies.ts";
import type { SimWorld } from "../drivers.ts";
import type { Host, HostIdentity } from "../host.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import type { Register } from "../register.ts";
import { directiveOf } from "./directive.ts";
import type { RootActs } from "./orders.ts";

export type Licence = RootActs & {
  /** All records of the root, in order. */
  records(): readonly AnyRecord[];
  readonly inception: AnyRecord;
  /** Issues to a host what its role needs; `give` hands the files out once all have theirs. */
  issue(agent: ScenarioAgent, host: Host, identity: HostIdentity): Promise<void>;
  give(host: Host): void;
};

export type LicenceParts = {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly settings: readonly AgentSettings[];
  /** True time of the scenario's start, µs of the world. */
  readonly startUs: number;
  readonly nowUs: () => number;
  /** What the invariants know of credentials and snapshots. */
  readonly register: Register;
};

/** Long after the end of any scenario. */
const VALID_US = 30 * 24 * 3_600_000_000;

export async function openLicence(parts: LicenceParts): Promise<Licence> {
  const { scenario, world } = parts;
  const author = await worldAuthor(world);
  await author.write("policy", scenario.policy);
  await author.write("schema", scenario.commodity);
  const classes = scenario.agents.map(({ credential }) => credential.eligibilityClass);
  const granted = { ...lasting(parts), eligibilityClasses: [...new Set(classes)] };
  const root = await author.write("credential", worldRootCredential(world, author, scenario.policy, granted));
  const first = await author.write("status-snapshot", {
    number: 1,
    previousSnapshot: ZERO_ID,
    issuedUs: WORLD_BEGAN_US,
    revoked: [],
  });
  parts.register.proclaimed(first);
  return new RootLicence(parts, author, root.id, first);
}

class RootLicence implements Licence {
  readonly #parts: LicenceParts;
  readonly #author: OfflineAuthor;
  readonly #root: Uint8Array;
  readonly #issued = new Map<string, RecordOf<"credential">>();
  #snapshot: RecordOf<"status-snapshot">;

  constructor(
    parts: LicenceParts,
    author: OfflineAuthor,
    root: Uint8Array,
    snapshot: RecordOf<"status-snapshot">,
  ) {
    this.#parts = parts;
    this.#author = author;
    this.#root = root;
    this.#snapshot = snapshot;
  }

  get inception(): AnyRecord {
    return this.#author.inception as AnyRecord;
  }

  records(): readonly AnyRecord[] {
    return this.#author.records();
  }

  async issue(agent: ScenarioAgent, host: Host, { key, inception }: HostIdentity): Promise<void> {
    const { world, startUs } = this.#parts;
    const { level, eligibilityClass, endsUs, budgets, holdingsMaxHz } = agent.credential;
    const { name, role } = agent;
    const granted = {
      ...lasting(this.#parts),
      eligibilityClasses: [eligibilityClass],
      budgets,
      holdingsMaxHz,
      ...(endsUs === null ? {} : { untilUs: WORLD_BEGAN_US + startUs + endsUs }),
    };
    const { lineage } = inception.header;
    const subject = { name, role, level, owner: host.spec.settings.owner, key, lineage };
    const body = roleCredential(world, subject, this.#root, granted);
    const issued = await this.#author.write("credential", body, this.#root);
    this.#issued.set(agent.name, issued);
    this.#parts.register.issued(issued);
  }

  give(host: Host): void {
    const own = this.#issued.get(host.spec.name);
    const shared = this.records().filter((each) => each.kind !== "credential" || each.body.parent === null);
    const files = [...shared, ...(own === undefined ? [] : [own])].map((each) =>
      this.#bytes(each as AnyRecord),
    );
    host.give({ trust: [this.#bytes(this.inception)], documents: files });
  }

  async revoke(agent: string): Promise<void> {
    const credential = this.#issued.get(agent);
    assert(credential !== undefined, "every agent of a scenario has a credential");
    const { number, revoked } = this.#snapshot.body;
    this.#snapshot = await this.#author.write("status-snapshot", {
      number: number + 1,
      previousSnapshot: this.#snapshot.id,
      issuedUs: WORLD_BEGAN_US + this.#parts.nowUs(),
      revoked: [...revoked, credential.id],
    });
    this.#parts.register.proclaimed(this.#snapshot);
    const { lineage } = this.#author.inception.header;
    this.#parts.world.broker.retain(statusTopic(lineage), this.#bytes(this.#snapshot as AnyRecord));
  }

  async preempt(step: ScenarioStep): Promise<void> {
    const { scenario, world, register, nowUs } = this.#parts;
    const nonce = world.entropy(`directive ${step.name}`).bytes(16);
    const body = directiveOf(scenario, step, { issuedUs: WORLD_BEGAN_US + nowUs(), nonce });
    const directive = await this.#author.write("preemption", body, this.#root);
    register.directed(directive, true);
    const { lineage } = this.#author.inception.header;
    world.broker.retain(preemptionTopic(lineage, directive.id), this.#bytes(directive as AnyRecord));
  }

  async acknowledge({ derived, holderSettlement }: Lease): Promise<void> {
    const { world, register } = this.#parts;
    const { id, artifact } = derived;
    const body = { artifact: id, record: holderSettlement.id };
    const word = await this.#author.write("acknowledgement", body, this.#root);
    register.acknowledged(word);
    const { lineage } = this.#author.inception.header;
    const topic = acknowledgementTopic(artifact.consumer, lineage, word.id);
    world.broker.retain(topic, this.#bytes(word as AnyRecord));
  }

  #bytes(record: AnyRecord): Uint8Array {
    return this.#parts.world.pack(record.envelope);
  }
}

function lasting({ scenario, settings }: LicenceParts): Pick<Granted, "scope" | "untilUs"> {
  const untilUs = WORLD_BEGAN_US + VALID_US;
  return { scope: scopeOf(settings, scenario.commodity.commodityClass, untilUs), untilUs };
}

/** A box for each thing that is offered, alike ones once: scenario files hold no more than a credential may. */
function scopeOf(
  settings: readonly AgentSettings[],
  commodityClass: string,
  untilUs: number,
): readonly Box[] {
  const boxes = new Map<string, Box>();
  for (const { offer } of settings.flatMap(({ offers }) => offers)) {
    const { lowerHz, upperHz, area, limits } = offer.block;
    const box = { lowerHz, upperHz, area, fromUs: VALID_FROM_US, untilUs, limits, commodityClass };
    boxes.set(JSON.stringify(box), box);
  }
  return [...boxes.values()];
}
