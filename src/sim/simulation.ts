/** One seeded world from its beginning to its end: production agents, faults, and invariants all the while (DESIGN §2). */
import { assert } from "../core/base/assert.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import { type Abroad, openAbroad } from "./abroad.ts";
import { openUnderworld, type Underworld } from "./byzantine/underworld.ts";
import { type Chance, newChance } from "./chance.ts";
import { checkCollusionFound, checkNewAffairs } from "./collusion.ts";
import type { OpenWorld, SimWorld, Transmission } from "./drivers.ts";
import { pausedGround } from "./duty-cycles.ts";
import { type FaultCounts, newFaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";
import { type Happenings, newHappenings } from "./happenings.ts";
import type { Host } from "./host.ts";
import { trueClock } from "./host-clock.ts";
import { newHostLoad } from "./host-load.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariants/invariant.ts";
import { type Licensing, newLicensing } from "./licensing.ts";
import { type Ground, hostSpecs, rogueSliceHz, type WorldAuthority, worldAuthority } from "./market.ts";
import { overseenGround } from "./overseeing.ts";
import { worldGround } from "./proclaiming.ts";
import { newRegister, type Register } from "./register.ts";
import { sessionGround } from "./session-worlds.ts";
import { newHost } from "./simulated-host.ts";
import { siteCount } from "./sites.ts";
import { newTimeline, type Timeline } from "./timeline.ts";
import { type Breach, Witness } from "./witness.ts";

export type SimulationOptions = {
  /** 0 … 2^32 − 1. */
  readonly seed: number;
  /** Of the stormy part; a calm one follows. */
  readonly events: number;
  readonly agents: number;
  /** Ends at this event, before any calm: the replay of a breach. null: the whole run. */
  readonly until: number | null;
  /** Faults that are left out: what they would have struck goes on as it was. */
  readonly without: readonly FaultName[];
};

export type SimulationParts = {
  readonly openWorld: OpenWorld;
  /** Resolves once every promise that can go on without time has done so. */
  readonly settle: () => Promise<void>;
  readonly ground: Ground;
  readonly onProgress: (events: number, virtualUs: number) => void;
  /** Asked after each event; true ends the world there, as `until` would have. */
  readonly isInterrupted: () => boolean;
  /** Further properties that every world has to keep. None unless told. */
  readonly invariants?: (watched: Watched) => readonly Invariant[];
  /** Calls back with what an agent threw where nobody awaits it; the result ends that. */
  readonly onDefect: (tell: (error: unknown) => void) => () => void;
};

export type SimulationReport = {
  readonly seed: number;
  readonly agents: number;
  readonly events: number;
  readonly virtualUs: number;
  /** SHA-256 chain over what happened, without any signature byte; hex. */
  readonly hash: string;
  readonly faults: Readonly<Record<string, number>>;
  readonly records: Readonly<Record<string, number>>;
  readonly transmissions: number;
  /** Somebody ended it before its end: what held, held until then. */
  readonly interrupted: boolean;
  readonly breach: Breach | null;
};

const SWEEP_EVERY_EVENTS = 256;
const RECHECK_EVERY_EVENTS = 10_000;
/** The last part of a run is calm: whoever is honest must find together again. */
const CALM_US = 150_000_000;
/** In calm, the first part is for quarantines and bounds to run out. */
const SETTLE_WITHIN_US = 100_000_000;
const STARTS_WITHIN_US = 60_000_000;

export async function simulate(
  options: SimulationOptions,
  parts: SimulationParts,
): Promise<SimulationReport> {
  const run = new Run(options, parts);
  const stop = parts.onDefect((error) => run.witness.fail(error));
  try {
    await run.begin();
    await run.storm();
    await run.calm();
  } catch (error) {
    run.witness.fail(error);
  } finally {
    stop();
  }
  return run.report();
}

class Run {
  readonly witness: Witness;
  readonly #options: SimulationOptions;
  readonly #parts: SimulationParts;
  readonly #timeline: Timeline;
  readonly #world: SimWorld;
  readonly #hosts: readonly Host[];
  readonly #counts: FaultCounts = newFaultCounts();
  readonly #happenings: Happenings;
  readonly #licensing: Licensing;
  readonly #register: Register;
  readonly #ground: Ground;
  readonly #chance: Chance;
  #authority: WorldAuthority | null = null;
  #abroad: Abroad | null = null;
  #underworld: Underworld | null = null;
  #isInterrupted = false;
  #sweptAt = 0;
  #recheckedAt = 0;
  #judgedAffairs = 0;

  constructor(options: SimulationOptions, parts: SimulationParts) {
    this.#options = options;
    this.#parts = parts;
    const { seed, agents } = options;
    const without = new Set(options.without);
    const chance = newChance(seed);
    const timeline = newTimeline(parts.settle);
    const clock = trueClock(timeline);
    const aged = worldGround(parts.ground, chance.fork("ground"));
    const overseen = overseenGround(aged, chance.fork("oversight"));
    const paused = pausedGround(overseen, chance.fork("duty-cycle"));
    const onTransmission = (each: Transmission): void => this.witness.transmitted(each);
    const world = parts.openWorld({ seed, sites: siteCount(agents), clock, onTransmission });
    const ground = sessionGround(paused, world.entropy("session keys"));
    const register = newRegister();
    [this.#register, this.#chance, this.#ground] = [register, chance, ground];
    this.witness = new Witness({
      timeline,
      register,
      ground,
      primitives: world.primitives,
      hosts: () => this.#hosts,
      ...(parts.invariants === undefined ? {} : { invariants: parts.invariants }),
      offered: (offer, site) => this.#happenings.offered(offer, site),
    });
    const events = this.witness;
    const overheard = (host: Host, message: MeshMessage): void => {
      events.published(host, message);
      this.#happenings.published(host, message);
      const { topic, bytes } = message;
      if (this.#happenings.isStormy() && !without.has("byzantine")) this.#underworld?.heard(topic, bytes);
    };
    const load = newHostLoad(chance.fork("load"), this.#counts, without);
    const specs = hostSpecs(agents, world, ground, chance.fork("hosts"));
    const hosts = specs.map((spec) =>
      newHost({ spec, world, timeline, chance: chance.fork(spec.name), events, overheard, load }),
    );
    const counts = this.#counts;
    this.#timeline = timeline;
    this.#world = world;
    this.#hosts = hosts;
    const [authority, abroad] = [() => this.#licensor(), () => this.#abroad];
    const licences = { world, timeline, register, counts, chance: chance.fork("licences") };
    this.#licensing = newLicensing({ ...licences, authority, abroad });
    const [licensing, rogues] = [this.#licensing, (): void => this.#underworld?.act()];
    const sites = siteCount(agents);
    const around = { hosts, world, timeline, chance, counts, load, licensing, without, sites, ...ground };
    this.#happenings = newHappenings({ ...around, witness: events, rogues });
  }

  /** Keys, credentials, and every agent started. */
  async begin(): Promise<void> {
    this.#authority = await this.#within(worldAuthority(this.#world, this.#ground, this.#options.agents));
    this.#register.began(this.#authority.author);
    this.#abroad = await this.#within(this.#openAbroad(this.#authority));
    for (const host of this.#hosts) {
      const identity = await this.#within(host.enrol());
      await this.#within(this.#licensing.admit(host, identity));
    }
    this.#underworld = await this.#within(this.#openUnderworld());
    for (const host of this.#hosts) host.start();
  }

  #openAbroad(home: WorldAuthority): Promise<Abroad | null> {
    const [world, register, hosts, timeline] = [this.#world, this.#register, this.#hosts, this.#timeline];
    const chance = this.#chance.fork("abroad");
    return openAbroad({ world, register, hosts, timeline, ground: this.#ground, home, chance });
  }

  #openUnderworld(): Promise<Underworld> {
    return openUnderworld({
      hosts: this.#hosts,
      world: this.#world,
      timeline: this.#timeline,
      chance: this.#chance.fork("underworld"),
      counts: this.#counts,
      authority: this.#licensor(),
      register: this.#register,
      sliceHz: rogueSliceHz(this.#options.agents),
      wrote: (rogue, record) => this.witness.signed(rogue, record),
      forged: (rogue, record) => this.witness.forged(rogue, record),
    });
  }

  #licensor(): WorldAuthority {
    assert(this.#authority !== null, "a world begins with its authority");
    return this.#authority;
  }

  /** What `promise` gives, while time goes on. */
  async #within<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    const untilUs = this.#timeline.nowUs() + STARTS_WITHIN_US;
    while (!isSettled && this.#timeline.nowUs() < untilUs) {
      await this.#parts.settle();
      await this.#timeline.run(this.#timeline.nowUs() + 1_000, () => isSettled);
    }
    return settled;
  }

  async storm(): Promise<void> {
    const { events } = this.#options;
    this.#happenings.storm();
    await this.#run(Number.MAX_SAFE_INTEGER, () => this.#timeline.events() >= events);
  }

  /** Faults end; after a while everybody who is honest has found together, and new pairs settle. */
  async calm(): Promise<void> {
    this.#happenings.calm();
    const beganUs = this.#timeline.nowUs();
    await this.#run(beganUs + CALM_US, () => false);
    this.#isInterrupted = !this.#isDecided() && this.#parts.isInterrupted();
    if (this.#isOver()) return;
    const { inception } = this.#licensor().author;
    this.#checkCollusion(true);
    await this.witness.finish(this.#world.pack(inception.envelope));
    this.#happenings.finish();
    if (this.witness.lastOnUs() >= beganUs + SETTLE_WITHIN_US) return;
    const text = `no radio went on in the last ${CALM_US - SETTLE_WITHIN_US} us of calm`;
    throw new InvariantBroken("honest-pairs-settle", text);
  }

  /** What was found once is not looked for again until the end. */
  #checkCollusion(isOver: boolean): void {
    const { author } = this.#licensor();
    const { primitives, pack } = this.#world;
    const root = pack(author.inception.envelope);
    if (this.#underworld === null) return;
    const { collusion } = this.#underworld;
    const parts = { primitives, pack, root, ground: author.records() };
    if (isOver) checkCollusionFound(collusion, parts);
    else this.#judgedAffairs = checkNewAffairs(collusion, this.#judgedAffairs, parts);
  }

  #isOver(): boolean {
    return this.#isDecided() || this.#parts.isInterrupted();
  }

  /** Ended by itself, or where its options say. */
  #isDecided(): boolean {
    const { until } = this.#options;
    return this.witness.breach() !== null || (until !== null && this.#timeline.events() >= until);
  }

  async #run(untilUs: number, isDone: () => boolean): Promise<void> {
    const isDue = (): boolean => this.#timeline.events() - this.#recheckedAt >= RECHECK_EVERY_EVENTS;
    for (;;) {
      await this.#timeline.run(untilUs, () => {
        this.#sweepWhenDue();
        return this.#isOver() || isDone() || isDue();
      });
      if (!isDue()) return;
      this.#recheckedAt = this.#timeline.events();
      await this.witness.recheck(this.#world.pack(this.#licensor().author.inception.envelope));
      this.#checkCollusion(false);
    }
  }

  #sweepWhenDue(): void {
    const events = this.#timeline.events();
    if (events - this.#sweptAt < SWEEP_EVERY_EVENTS) return;
    this.#sweptAt = events;
    this.#parts.onProgress(events, this.#timeline.nowUs());
    this.witness.sweep();
  }

  report(): SimulationReport {
    const { seed, agents } = this.#options;
    return {
      seed,
      agents,
      events: this.#timeline.events(),
      virtualUs: this.#timeline.nowUs(),
      hash: this.witness.hash(),
      faults: this.#counts.byName(),
      records: this.witness.records(),
      transmissions: this.witness.transmissions(),
      interrupted: this.#isInterrupted,
      breach: this.witness.breach(),
    };
  }
}
