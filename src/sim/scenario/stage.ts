/** A scenario's world put together: hosts of production agents where the file puts them, watched by every invariant. */
import type { AgentSettings } from "../../agent/agent-settings.ts";
import { assert } from "../../core/base/assert.ts";
import type { AgentProfile } from "../../profile/agent-profile.ts";
import type { Scenario, ScenarioAgent, WayPoint } from "../../profile/scenario.ts";
import { type Chance, newChance } from "../chance.ts";
import type { OpenWorld, SimWorld, Transmission } from "../drivers.ts";
import type { Host } from "../host.ts";
import { trueClock } from "../host-clock.ts";
import { noLoad } from "../host-load.ts";
import { newRegister } from "../register.ts";
import { newHost } from "../simulated-host.ts";
import { CENTRE_SITE } from "../sites.ts";
import { newTimeline, type Timeline } from "../timeline.ts";
import { Witness } from "../witness.ts";
import { type Licence, openLicence } from "./licence.ts";
import { type MeshRules, newMeshRules } from "./mesh-rules.ts";
import { newTrace, type Trace } from "./trace.ts";

export type StageParts = {
  readonly openWorld: OpenWorld;
  /** Resolves once every promise that can go on without time has done so. */
  readonly settle: () => Promise<void>;
  readonly settingsOf: (profile: AgentProfile) => AgentSettings;
};

/** Keys and credentials are made before: the scenario's time begins here, at a whole second of the world's. */
const START_US = 10_000_000;
/** A receiver fixes once a second: a track moves it so often. */
const MOVE_EVERY_US = 1_000_000;
/** Hosts that are switched on together are never up together. */
const STARTS_WITHIN_US = 300_000;

export class Stage {
  readonly timeline: Timeline;
  readonly world: SimWorld;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly witness: Witness;
  readonly trace: Trace;
  readonly rules: MeshRules;
  readonly transmissions: Transmission[] = [];
  /** Which bits of a disk rot. */
  readonly draw: (below: number) => number;
  readonly #scenario: Scenario;
  readonly #parts: StageParts;
  readonly #settings: ReadonlyMap<string, AgentSettings>;
  readonly #names = new Map<string, string>();
  readonly #register = newRegister();
  readonly #starts: Chance;
  #licence: Licence | null = null;

  constructor(scenario: Scenario, seed: number, parts: StageParts) {
    this.#scenario = scenario;
    this.#parts = parts;
    const chance = newChance(seed);
    const timeline = newTimeline(parts.settle);
    const trace = newTrace(() => this.nowUs());
    const onTransmission = (each: Transmission): void => {
      this.transmissions.push(each);
      trace.transmitted(each);
      this.witness.transmitted(each);
    };
    this.timeline = timeline;
    this.trace = trace;
    this.world = parts.openWorld({ seed, sites: 1, clock: trueClock(timeline), onTransmission });
    this.witness = new Witness({
      timeline,
      primitives: this.world.primitives,
      register: this.#register,
      ground: { policy: scenario.policy, schema: scenario.commodity },
      hosts: () => [...this.hosts.values()],
      offered: () => {},
      excused: ({ invariant, message }) => {
        if (!scenario.breaks.includes(invariant)) return false;
        trace.broke(invariant, message);
        return true;
      },
    });
    const { policy } = scenario;
    this.#settings = new Map(
      scenario.agents.map((agent) => {
        const settings = { ...parts.settingsOf(agent.profile), policy: policy.name };
        const offers = agent.role === "holder" ? settings.offers : [];
        return [agent.name, { ...settings, offers, wishes: agent.role === "holder" ? [] : settings.wishes }];
      }),
    );
    this.hosts = new Map(scenario.agents.map((agent) => [agent.name, this.#host(agent, chance)]));
    const nameOf = (clientId: string): string => this.#names.get(clientId) ?? "";
    this.#starts = chance.fork("starts");
    this.rules = newMeshRules(scenario.links, chance.fork("mesh"), nameOf);
    // Last, so that no other stream is another one for it.
    this.draw = chance.fork("rot").below;
    this.world.broker.decide((from, to) => this.rules.decide(from, to));
  }

  /** µs since the scenario's start; negative before it. */
  nowUs(): number {
    return this.timeline.nowUs() - START_US;
  }

  at(atUs: number, act: () => void): void {
    this.timeline.at(START_US + atUs, act);
  }

  get licence(): Licence {
    assert(this.#licence !== null, "a stage is set before anything happens on it");
    return this.#licence;
  }

  /** Keys, credentials, and every agent started at the scenario's time 0. */
  async set(): Promise<void> {
    const { agents } = this.#scenario;
    const licence = await this.#within(
      openLicence({
        scenario: this.#scenario,
        world: this.world,
        settings: [...this.#settings.values()],
        startUs: START_US,
        nowUs: () => this.timeline.nowUs(),
        register: this.#register,
      }),
    );
    this.#licence = licence;
    for (const agent of agents) {
      const host = this.hosts.get(agent.name);
      assert(host !== undefined, "every agent has its host");
      const identity = await this.#within(host.enrol());
      this.#names.set(host.clientId(), agent.name);
      await this.#within(licence.issue(agent, host, identity));
    }
    assert(this.timeline.nowUs() < START_US, "keys and credentials are made before the scenario's start");
    for (const [name, host] of this.hosts) {
      licence.give(host);
      const track = agents.find((each) => each.name === name)?.track ?? [];
      this.at(this.#starts.below(STARTS_WITHIN_US), () => host.start());
      if (track.length > 1) this.#follow(host, track, 0);
    }
  }

  #host(agent: ScenarioAgent, chance: Chance): Host {
    const { name, role, driftPpm, track } = agent;
    const settings = this.#settings.get(name);
    assert(settings !== undefined, "settings are made for every agent");
    const { northMm, eastMm } = placeAt(track, 0);
    const spec = { name, role, site: CENTRE_SITE, driftPpm, northMm, eastMm, settings };
    const { timeline, world, witness, trace } = this;
    let known = 0;
    return newHost({
      spec,
      world,
      timeline,
      chance: chance.fork(name),
      overheard: (host, message) => witness.published(host, message),
      load: noLoad,
      events: {
        reread: (host, records) => {
          witness.reread(host, records);
          // Flushed, and the answer lost with the process or the error: durable all the same.
          for (const record of records.slice(known)) trace.recorded(host.spec.name, record);
          known = Math.max(known, records.length);
        },
        appended: (host, record) => {
          witness.appended(host, record);
          trace.recorded(host.spec.name, record);
          known = record.header.seq + 1;
        },
        began: (host, isClean) => witness.began(host, isClean),
        ended: (host) => witness.ended(host),
        noted: (host, note) => trace.noted(host.spec.name, note),
        failedStart: (host, code) => trace.failed(host.spec.name, code),
      },
    });
  }

  #follow(host: Host, track: readonly WayPoint[], atUs: number): void {
    this.at(atUs, () => {
      const { northMm, eastMm } = placeAt(track, atUs);
      host.machine.receiver.moveTo(northMm, eastMm);
      if (atUs <= (track.at(-1)?.atUs ?? 0)) this.#follow(host, track, atUs + MOVE_EVERY_US);
    });
  }

  /** What `promise` gives, while time goes on. */
  async #within<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    while (!isSettled && this.timeline.nowUs() < START_US) {
      await this.#parts.settle();
      await this.timeline.run(this.timeline.nowUs() + 1_000, () => isSettled);
    }
    return settled;
  }
}

/** Integers by multiplication and division alone, which every engine rounds alike. */
function placeAt(track: readonly WayPoint[], atUs: number): WayPoint {
  const [first] = track;
  assert(first !== undefined, "a track has at least one way-point");
  let from = first;
  for (const to of track) {
    if (atUs < to.atUs) {
      if (atUs <= from.atUs) return from;
      const part = (a: number, b: number): number =>
        a + Math.round(((b - a) * (atUs - from.atUs)) / (to.atUs - from.atUs));
      return { atUs, northMm: part(from.northMm, to.northMm), eastMm: part(from.eastMm, to.eastMm) };
    }
    from = to;
  }
  return from;
}
