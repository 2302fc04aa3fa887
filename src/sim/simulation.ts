/** One seeded world from its beginning to its end: production agents, faults, and invariants all the while (DESIGN §2). */
import type { Agent } from "../core/agent/turn.ts";
import { ascii, concat, toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { newChance } from "./chance.ts";
import type { OpenWorld, SimWorld, Transmission } from "./drivers.ts";
import { newFaultCounts } from "./fault-counts.ts";
import { type Host, type HostEvents, newHost } from "./host.ts";
import { trueClock, WORLD_BEGAN_US } from "./host-clock.ts";
import { newHostFaults } from "./host-faults.ts";
import { boundInvariants } from "./invariants/bound-invariants.ts";
import { emissionInvariants } from "./invariants/emission-invariants.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariants/invariant.ts";
import { leaseInvariants } from "./invariants/lease-invariants.ts";
import { logInvariants } from "./invariants/log-invariants.ts";
import { newLedger } from "./ledger.ts";
import { admit, type Ground, hostSpecs, worldAuthority } from "./market.ts";
import { newMeshWeather } from "./mesh-weather.ts";
import { newTimeline, type Timeline } from "./timeline.ts";
import { newWorkload } from "./workload.ts";

export type SimulationOptions = {
  /** 0 … 2^32 − 1. */
  readonly seed: number;
  readonly events: number;
  readonly agents: number;
  /** Ends at this event, before any calm: the replay of a breach. null: the whole run. */
  readonly until: number | null;
};

export type SimulationParts = {
  readonly openWorld: OpenWorld;
  /** Resolves once every promise that can go on without time has done so. */
  readonly settle: () => Promise<void>;
  readonly ground: Ground;
  /** Calls back with what an agent threw where nobody awaits it; the result ends that. */
  readonly onProgress: (events: number, virtualUs: number) => void;
  readonly onDefect: (tell: (error: unknown) => void) => () => void;
};

export type Breach = {
  readonly invariant: string;
  readonly text: string;
  readonly records: readonly string[];
  readonly atEvent: number;
  readonly atUs: number;
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
  readonly breach: Breach | null;
};

const FAULT_EVERY_US = 900_000;
const OWNER_EVERY_US = 250_000;
const MESH_CHANGES_EVERY_US = 8_000_000;
const SWEEP_EVERY_EVENTS = 256;
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
  const stop = parts.onDefect((error) => run.fail(error));
  try {
    await run.begin();
    await run.storm();
    await run.calm();
  } catch (error) {
    run.fail(error);
  } finally {
    stop();
  }
  return run.report();
}

class Run implements HostEvents {
  readonly #options: SimulationOptions;
  readonly #parts: SimulationParts;
  readonly #timeline: Timeline;
  readonly #world: SimWorld;
  readonly #hosts: readonly Host[];
  readonly #ledger = newLedger();
  readonly #counts = newFaultCounts();
  readonly #invariants: readonly Invariant[];
  readonly #records = new Map<string, number>();
  /** Own records of each host that the ledger has. */
  readonly #known = new Map<string, number>();
  readonly #misled = new Set<string>();
  readonly #weather;
  readonly #faults;
  readonly #workload;
  #hash: Uint8Array = new Uint8Array(32);
  #lines: string[] = [];
  #transmissions = 0;
  #lastOnUs = 0;
  #sweptAt = 0;
  #stormy = true;
  #breach: Breach | null = null;

  constructor(options: SimulationOptions, parts: SimulationParts) {
    this.#options = options;
    this.#parts = parts;
    const { seed, agents } = options;
    const chance = newChance(seed);
    this.#timeline = newTimeline(parts.settle);
    const timeline = this.#timeline;
    const onTransmission = (transmission: Transmission): void => this.#transmitted(transmission);
    const world = parts.openWorld({ seed, clock: trueClock(timeline), onTransmission });
    this.#world = world;
    const specs = hostSpecs(agents, world, parts.ground, chance.fork("hosts"));
    this.#hosts = specs.map((spec) =>
      newHost({ spec, world, timeline, chance: chance.fork(spec.name), events: this }),
    );
    this.#invariants = this.#watch();
    const counts = this.#counts;
    this.#weather = newMeshWeather(chance.fork("mesh"), counts);
    this.#faults = newHostFaults({
      hosts: this.#hosts,
      world,
      timeline,
      chance: chance.fork("faults"),
      counts,
      misled: (host) => this.#misled.add(host.spec.name),
    });
    this.#workload = newWorkload({ hosts: this.#hosts, chance: chance.fork("owners") });
    world.broker.decide((from, to) => this.#weather.decide(from, to));
  }

  #watch(): readonly Invariant[] {
    const watched: Watched = {
      ledger: this.#ledger,
      utcUs: () => WORLD_BEGAN_US + this.#timeline.nowUs(),
      running: () => this.#running(),
      isExempt: (host, from) => from === "time" && this.#misled.has(host),
    };
    return [
      ...logInvariants(watched),
      ...leaseInvariants(watched),
      ...emissionInvariants(watched),
      ...boundInvariants(watched),
    ];
  }

  #running(): ReadonlyMap<string, Agent> {
    const running = new Map<string, Agent>();
    for (const host of this.#hosts) {
      const agent = host.agent();
      if (agent !== null) running.set(host.spec.name, agent);
    }
    return running;
  }

  /** Keys, credentials, and every process started. */
  async begin(): Promise<void> {
    const authority = await this.#within(
      worldAuthority(this.#world, this.#parts.ground, this.#options.agents),
    );
    for (const host of this.#hosts) {
      const identity = await this.#within(host.enrol());
      await this.#within(admit(authority, this.#world, host, identity));
    }
    for (const host of this.#hosts) host.start();
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
    this.#repeat(
      OWNER_EVERY_US,
      () => true,
      () => this.#workload.act(),
    );
    this.#repeat(
      FAULT_EVERY_US,
      () => this.#stormy,
      () => this.#faults.strike(),
    );
    this.#repeat(
      MESH_CHANGES_EVERY_US,
      () => this.#stormy,
      () => this.#weather.change(),
    );
    await this.#run(Number.MAX_SAFE_INTEGER, () => this.#timeline.events() >= events);
  }

  /** Faults end; after a while everybody who is honest has found together, and new pairs settle. */
  async calm(): Promise<void> {
    this.#stormy = false;
    this.#weather.calm();
    this.#faults.calm();
    this.#misled.clear();
    const beganUs = this.#timeline.nowUs();
    await this.#run(beganUs + CALM_US, () => false);
    if (!this.#isOver() && this.#lastOnUs < beganUs + SETTLE_WITHIN_US) {
      throw new InvariantBroken(
        "honest-pairs-settle",
        `no radio went on in the last ${CALM_US - SETTLE_WITHIN_US} us of calm`,
      );
    }
  }

  #isOver(): boolean {
    const { until } = this.#options;
    return this.#breach !== null || (until !== null && this.#timeline.events() >= until);
  }

  async #run(untilUs: number, isOver: () => boolean): Promise<void> {
    await this.#timeline.run(untilUs, () => {
      const events = this.#timeline.events();
      if (events - this.#sweptAt >= SWEEP_EVERY_EVENTS) {
        this.#sweptAt = events;
        this.#parts.onProgress(events, this.#timeline.nowUs());
        this.#note(`${events} ${this.#timeline.nowUs()}`);
        this.#judge((invariant) => invariant.sweep?.());
      }
      return this.#isOver() || isOver();
    });
  }

  #repeat(everyUs: number, goesOn: () => boolean, act: () => void): void {
    const { nowUs, at } = this.#timeline;
    const again = (): void => {
      if (!goesOn()) return;
      act();
      at(nowUs() + everyUs, again);
    };
    at(nowUs() + everyUs, again);
  }

  reread(host: Host, records: readonly AnyRecord[]): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.reread?.(name, records));
    // Flushed, and the answer lost with the process or the error: durable all the same.
    for (const record of records.slice(this.#known.get(name) ?? 0)) this.appended(host, record);
  }

  appended(host: Host, record: AnyRecord): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.appended?.(name, record));
    this.#ledger.take(name, record);
    this.#known.set(name, record.header.seq + 1);
    this.#records.set(record.kind, (this.#records.get(record.kind) ?? 0) + 1);
    this.#note(`${this.#timeline.nowUs()} ${name} ${record.kind} ${record.header.seq}`);
    if (record.kind === "offer") this.#workload.offered(record);
  }

  /** The first breach ends the run; it is never thrown into an agent. */
  #judge(ask: (invariant: Invariant) => void): void {
    try {
      for (const invariant of this.#invariants) ask(invariant);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#breach ??= this.#breachOf(error);
  }

  noted(): void {}

  ended(host: Host): void {
    this.#note(`${this.#timeline.nowUs()} ${host.spec.name} ended`);
  }

  #transmitted(transmission: Transmission): void {
    const { trueUs, emitter, state, reason } = transmission;
    this.#note(`${trueUs} ${emitter} ${state} ${reason}`);
    if (state === "on") {
      this.#transmissions += 1;
      this.#lastOnUs = trueUs;
    }
    this.#judge((invariant) => invariant.transmitted?.(transmission));
  }

  #note(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length < 256) return;
    this.#chain();
  }

  #chain(): void {
    this.#hash = this.#world.primitives.sha256(concat(this.#hash, ascii(this.#lines.join("\n"))));
    this.#lines = [];
  }

  #breachOf(error: unknown): Breach {
    const at = { atEvent: this.#timeline.events(), atUs: this.#timeline.nowUs() };
    if (error instanceof InvariantBroken) {
      const { invariant, message: text, records } = error;
      return { invariant, text, records, ...at };
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { invariant: "no-agent-throws", text, records: [], ...at };
  }

  report(): SimulationReport {
    this.#chain();
    const { seed, agents } = this.#options;
    return {
      seed,
      agents,
      events: this.#timeline.events(),
      virtualUs: this.#timeline.nowUs(),
      hash: toHex(this.#hash),
      faults: this.#counts.byName(),
      records: Object.fromEntries([...this.#records].sort(([a], [b]) => (a < b ? -1 : 1))),
      transmissions: this.#transmissions,
      breach: this.#breach,
    };
  }
}
