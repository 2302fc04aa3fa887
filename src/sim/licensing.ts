/** The authority of a world at work: it issues, revokes by numbered snapshots, and hands out record files (PROTOCOL §3). */
import { assert } from "../core/base/assert.ts";
import { equalBytes, sortedUnique } from "../core/base/bytes.ts";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { policyTopic, statusTopic } from "../core/wire/topic.ts";
import type { Abroad, Recogniser } from "./abroad.ts";
import type { Chance } from "./chance.ts";
import type { SimWorld } from "./drivers.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { Host, HostIdentity } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import type { HostFiles } from "./host-files.ts";
import type { Incumbent, Manner } from "./incumbent.ts";
import { issue, type WorldAuthority, worldIncumbent, worldOverseer } from "./market.ts";
import type { Overseer, Word } from "./overseer.ts";
import type { Register } from "./register.ts";
import type { Timeline } from "./timeline.ts";

/** [lowerHz, upperHz). */
export type Band = { readonly lowerHz: number; readonly upperHz: number };

export type Licensing = {
  /** Its present credential neither was revoked nor ran out. */
  isEntitled(host: Host): boolean;
  /** What its present credential lets it do in a window; none before it has one. */
  budgetsOf(host: Host): readonly BudgetTerm[];
  /** The first credential of a host, which may run out in mid-run until another one is issued, and its record files. */
  admit(host: Host, identity: HostIdentity): Promise<void>;
  /** The host's credential is listed in the next snapshot, which goes round and is in everybody's files from now on. */
  revoke(host: Host): void;
  /** A new credential in place of the old one; its process starts anew with it. `lastsUs` null: it does not run out. */
  renew(host: Host, lastsUs: number | null): void;
  /** A snapshot that lists what the one before listed. */
  proclaim(): void;
  /** Silence in a band, everywhere in the world, by an authority below that side's root. */
  preempt(band: Band, lastsUs: number | null, manner: Manner, by: Recogniser): void;
  /** Whether some hosts are of another root. */
  hasAbroad(): boolean;
  /** The recognition by that side is listed in the next snapshot. */
  unrecognise(by: Recogniser): void;
  /** Another one in its place. `lastsUs` null: it does not run out. `isNarrow`: for none of the bands that are let. */
  recognise(by: Recogniser, lastsUs: number | null, isNarrow: boolean): void;
  /** The lineage above all others. */
  root(): Uint8Array;
  /** A word about a lease from above; `handOn` gets it after what it stands on. */
  acknowledge(
    settlement: RecordOf<"settlement">,
    word: Word,
    handOn: (said: readonly AnyRecord[]) => void,
  ): void;
  /** A policy takes the place of the latest one: it goes round, and is in everybody's files from now on. True UTC, µs. */
  succeed(startUs: number, endUs: number): void;
};

export type LicensingParts = {
  readonly authority: () => WorldAuthority;
  /** Null in worlds of one root. */
  readonly abroad: () => Abroad | null;
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly register: Register;
  readonly chance: Chance;
  readonly counts: FaultCounts;
};

const RUNS_OUT_PERMILLE = 350;
const RUNS_OUT_US_MIN = 20_000_000;
const RUNS_OUT_US_MAX = 120_000_000;
/** From the end of a credential until its host has another one. */
const WITHOUT_US = 20_000_000;
/** Far below what one snapshot can list: after so many nobody is revoked any more. */
const REVOKED_MAX = 200;

export function newLicensing(parts: LicensingParts): Licensing {
  return new Desk(parts);
}

type Licensee = { readonly identity: HostIdentity; credential: RecordOf<"credential"> };

class Desk implements Licensing {
  readonly #parts: LicensingParts;
  readonly #licensees = new Map<Host, Licensee>();
  readonly #revoked: Uint8Array[] = [];
  readonly #incumbents = new Map<Recogniser, Incumbent>();
  #overseer: Overseer | null = null;
  /** An author writes one record at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: LicensingParts) {
    this.#parts = parts;
  }

  isEntitled(host: Host): boolean {
    const credential = this.#licensees.get(host)?.credential;
    if (credential === undefined || this.#revoked.some((each) => equalBytes(each, credential.id)))
      return false;
    if (this.#isAbroad(host) && !this.#isRecognised()) return false;
    return credential.body.untilUs > WORLD_BEGAN_US + this.#parts.timeline.nowUs();
  }

  budgetsOf(host: Host): readonly BudgetTerm[] {
    return this.#licensees.get(host)?.credential.body.budgets ?? [];
  }

  async admit(host: Host, identity: HostIdentity): Promise<void> {
    const { chance, counts, timeline } = this.#parts;
    const lastsUs = chance.hits(RUNS_OUT_PERMILLE) ? chance.between(RUNS_OUT_US_MIN, RUNS_OUT_US_MAX) : null;
    this.#licensees.set(host, { identity, credential: await this.#issue(host, identity, lastsUs) });
    this.#give(host);
    if (lastsUs === null) return;
    timeline.at(timeline.nowUs() + lastsUs + WITHOUT_US, () => {
      counts.count("credential-ran-out");
      this.renew(host, null);
    });
  }

  revoke(host: Host): void {
    const licensee = this.#licensees.get(host);
    if (licensee === undefined || this.#revoked.length >= REVOKED_MAX) return;
    const { id } = licensee.credential;
    if (this.#revoked.some((each) => equalBytes(each, id))) return;
    this.#revoked.push(id);
    this.proclaim();
  }

  renew(host: Host, lastsUs: number | null): void {
    const licensee = this.#licensees.get(host);
    if (licensee === undefined) return;
    this.#inTurn(async () => {
      licensee.credential = await this.#issue(host, licensee.identity, lastsUs);
      this.#give(host);
      host.kill();
      host.start();
    });
  }

  proclaim(): void {
    this.#inTurn(async () => {
      for (const authority of this.#authorities()) await this.#writeSnapshot(authority);
      this.#giveAll();
    });
  }

  /** Each root lists what either let fall: of what is not its own nobody heeds it. */
  async #writeSnapshot({ author }: WorldAuthority): Promise<void> {
    const { world, timeline, register } = this.#parts;
    const before = newestSnapshot(author.records());
    const snapshot = await author.write("status-snapshot", {
      number: before.body.number + 1,
      previousSnapshot: before.id,
      issuedUs: WORLD_BEGAN_US + timeline.nowUs(),
      revoked: sortedUnique(this.#revoked),
    });
    register.proclaimed(snapshot);
    world.broker.retain(statusTopic(author.inception.header.lineage), world.pack(snapshot.envelope));
  }

  hasAbroad(): boolean {
    return this.#parts.abroad() !== null;
  }

  unrecognise(by: Recogniser): void {
    const standing = this.#parts.abroad()?.standing(by);
    if (standing === undefined || this.#revoked.length >= REVOKED_MAX) return;
    this.#revoked.push(standing.id);
    this.proclaim();
  }

  recognise(by: Recogniser, lastsUs: number | null, isNarrow: boolean): void {
    const { abroad, timeline } = this.#parts;
    this.#inTurn(async () => {
      const { box } = this.#parts.authority();
      const untilUs = lastsUs === null ? box.untilUs : WORLD_BEGAN_US + timeline.nowUs() + lastsUs;
      const scope = [isNarrow ? { ...box, upperHz: box.lowerHz + 1 } : box];
      await abroad()?.recognise(by, { untilUs, scope });
      this.#giveAll();
    });
  }

  #isAbroad = (host: Host): boolean => this.#parts.abroad()?.belongs(host) === true;

  #isRecognised(): boolean {
    const { abroad, authority, timeline } = this.#parts;
    const nowUs = WORLD_BEGAN_US + timeline.nowUs();
    const { box } = authority();
    return (["home", "abroad"] as const).every((by) => {
      const standing = abroad()?.standing(by);
      if (standing === undefined || this.#revoked.some((each) => equalBytes(each, standing.id))) return false;
      const { untilUs, scope } = standing.body;
      return untilUs > nowUs && scope.some(({ upperHz }) => upperHz === box.upperHz);
    });
  }

  #authorities(): readonly WorldAuthority[] {
    const abroad = this.#parts.abroad();
    return [this.#parts.authority(), ...(abroad === null ? [] : [abroad.authority])];
  }

  #giveAll(): void {
    const shared = this.#shared();
    for (const host of this.#licensees.keys()) this.#give(host, shared);
  }

  preempt({ lowerHz, upperHz }: Band, lastsUs: number | null, manner: Manner, by: Recogniser): void {
    const { world, authority, abroad, timeline, register } = this.#parts;
    this.#inTurn(async () => {
      const root = by === "home" ? authority() : (abroad()?.authority ?? authority());
      const { commodityClass, area } = root.box;
      const name = by === "home" ? "incumbent" : "incumbent abroad";
      const around = { register, nowUs: timeline.nowUs, name };
      const incumbent = this.#incumbents.get(by) ?? (await worldIncumbent(root, world, around));
      this.#incumbents.set(by, incumbent);
      await incumbent.preempt({ lowerHz, upperHz, area, commodityClass }, lastsUs, manner);
    });
  }

  root(): Uint8Array {
    return this.#parts.authority().author.inception.header.lineage;
  }

  acknowledge(
    settlement: RecordOf<"settlement">,
    word: Word,
    handOn: (said: readonly AnyRecord[]) => void,
  ): void {
    const { world, authority, abroad, register } = this.#parts;
    this.#inTurn(async () => {
      this.#overseer ??= await worldOverseer(authority(), abroad()?.authority ?? null, world, register);
      handOn(await this.#overseer.acknowledge(settlement, word));
    });
  }

  succeed(startUs: number, endUs: number): void {
    const { world, authority, register } = this.#parts;
    this.#inTurn(async () => {
      const { author } = authority();
      const last = newestPolicy(author.records());
      const succeeds = { predecessor: last.id, endUs };
      const policy = await author.write("policy", { ...last.body, startUs, succeeds });
      register.succeeded(policy);
      world.broker.retain(policyTopic(author.inception.header.lineage), world.pack(policy.envelope));
      this.#giveAll();
    });
  }

  #inTurn(act: () => Promise<void>): void {
    this.#last = this.#last.then(act);
  }

  async #issue(
    host: Host,
    { key, inception }: HostIdentity,
    lastsUs: number | null,
  ): Promise<RecordOf<"credential">> {
    const { authority, abroad, world, timeline, register } = this.#parts;
    const issuer = this.#isAbroad(host) ? (abroad()?.authority ?? authority()) : authority();
    const { name, role, settings } = host.spec;
    const subject = { name, role, owner: settings.owner, key, lineage: inception.header.lineage };
    const made = await issue(issuer, world, { ...subject, nowUs: timeline.nowUs() }, lastsUs);
    register.issued(made);
    return made;
  }

  /** What its next start reads: of leaf credentials its own last one. */
  #give(host: Host, documents: HostFiles["documents"] = this.#shared()): void {
    const licensee = this.#licensees.get(host);
    assert(licensee !== undefined, "who is given files was admitted");
    const { abroad, authority, world } = this.#parts;
    const { author } = this.#isAbroad(host) ? (abroad()?.authority ?? authority()) : authority();
    const trust = [world.pack(author.inception.envelope)];
    host.give({ trust, documents: [...documents, world.pack(licensee.credential.envelope)] });
  }

  /** What is in everybody's files: of snapshots the newest. */
  #shared(): HostFiles["documents"] {
    return this.#authorities().flatMap(({ author }) => {
      const newest = newestSnapshot(author.records());
      const shared = author.records().filter((each) => isGround(each) || each === newest);
      return shared.map(({ envelope }) => this.#parts.world.pack(envelope));
    });
  }
}

function newestSnapshot(records: readonly AnyRecord[]): RecordOf<"status-snapshot"> {
  const newest = records.findLast((each) => each.kind === "status-snapshot");
  assert(newest !== undefined, "an authority begins with a snapshot");
  return newest;
}

function newestPolicy(records: readonly AnyRecord[]): RecordOf<"policy"> {
  const newest = records.findLast((each) => each.kind === "policy");
  assert(newest !== undefined, "an authority begins with a policy");
  return newest;
}

function isGround(record: AnyRecord): boolean {
  if (record.kind === "credential") return record.body.parent === null;
  return record.kind !== "status-snapshot";
}
