/** The production agent on a simulated machine: its process starts, ends, and starts anew. */
import { type RunningAgent, runAgent } from "../agent/agent-loop.ts";
import { noFailpoints } from "../agent/failpoints.ts";
import { openAgent, ownKey, ownRadio } from "../agent/open-agent.ts";
import { openLog } from "../agent/open-log.ts";
import type { Note } from "../core/agent/effect.ts";
import type { Agent } from "../core/agent/turn.ts";
import { assert } from "../core/base/assert.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Log } from "../ports/log.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import type { Radio } from "../ports/radio.ts";
import type { Frame, Store } from "../ports/store.ts";
import type { Chance } from "./chance.ts";
import type { SimGuard, SimMachine, SimWorld } from "./drivers.ts";
import {
  FLUSH_HALF_US,
  type Host,
  type HostEvents,
  type HostIdentity,
  type HostSpec,
  type HostWeather,
} from "./host.ts";
import { type BootClock, bootClock, hostClock } from "./host-clock.ts";
import { type HostFiles, readHostFiles } from "./host-files.ts";
import { type HostLoad, noLoad } from "./host-load.ts";
import { type Life, newLife } from "./life.ts";
import { livingGnss, livingMesh, livingRadio, livingStore, livingTpm } from "./living-ports.ts";
import { ownRecords } from "./own-records.ts";
import type { Timeline } from "./timeline.ts";

const RESTART_US = 1_000_000;

export type HostParts = {
  readonly spec: HostSpec;
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly events: HostEvents;
  /** Whoever listens to the broker hears what a host hands over. */
  readonly overheard: (host: Host, message: MeshMessage) => void;
  readonly load: Pick<HostLoad, "lateUs">;
};

export function newHost(parts: HostParts): Host {
  return new SimulatedHost(parts);
}

const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

class SimulatedHost implements Host {
  readonly spec: HostSpec;
  readonly machine: SimMachine;
  readonly weather: HostWeather = {
    storeBeforeUs: FLUSH_HALF_US,
    storeAfterUs: FLUSH_HALF_US,
    wallErrorUs: 0,
    isDiskBorrowed: false,
  };
  readonly #parts: HostParts;
  #boot: BootClock;
  #bootLife: Life = newLife();
  #life: Life = newLife();
  #guard: Promise<SimGuard> | null = null;
  #dropGuard: () => void = () => {};
  #unplug: () => void = () => {};
  #lineage: Uint8Array | null = null;
  #running: RunningAgent | null = null;
  #store: Store | null = null;
  /** Read by the next start: whoever is given files many times in between reads the last ones only. */
  #files: HostFiles | null = null;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.spec = parts.spec;
    this.machine = parts.world.machine(parts.spec.name, parts.spec);
    this.#life.end();
    this.#boot = this.#freshBoot();
    const { timeline } = parts;
    // The operation that it struck ends first; then the whole host is without power for a while.
    this.machine.disk.onPowerLoss(() =>
      timeline.at(timeline.nowUs(), () => {
        this.powerCut();
        timeline.at(timeline.nowUs() + RESTART_US, () => this.start());
      }),
    );
  }

  #freshBoot(): BootClock {
    const { chance, timeline, spec } = this.#parts;
    return bootClock(
      chance.bytes(16),
      timeline.nowUs() - chance.between(1_000_000, 60_000_000),
      spec.driftPpm,
    );
  }

  async enrol(): Promise<HostIdentity> {
    const { world, spec } = this.#parts;
    const context = { clock: this.#clockOf(newLife()), entropy: world.entropy(spec.name), log: silentLog };
    const tpm = await this.machine.tpm.open(context);
    const store = await this.machine.disk.open();
    const key = ownKey(tpm);
    const { owner } = spec.settings;
    const { folded } = await openLog({ ...world, ...context, store, signer: tpm.signer, key, owner });
    await store.close();
    await tpm.close();
    assert(folded.state.inception !== null, "an opened log has its inception");
    this.#lineage = folded.state.inception.header.lineage;
    return { key, inception: folded.state.inception };
  }

  give(files: HostFiles): void {
    this.#files = files;
  }

  running(): RunningAgent | null {
    return this.#running;
  }

  agent(): Agent | null {
    return this.#running?.agent ?? null;
  }

  frames(): AsyncIterable<Frame> | null {
    return this.#running === null ? null : (this.#store?.frames() ?? null);
  }

  lineage(): Uint8Array {
    assert(this.#lineage !== null, "a host is enrolled before anything else");
    return this.#lineage;
  }

  clientId(): string {
    return toHex(this.lineage()).slice(0, 32);
  }

  start(): void {
    if (this.#life.isAlive()) return;
    const life = newLife();
    this.#life = life;
    this.#open(life).then(
      () => {},
      (error: unknown) => {
        // What no device trouble explains is a defect: it must not pass for a failed start.
        if (!(error instanceof PortError)) throw error;
        if (this.#life !== life) return;
        this.#parts.events.failedStart?.(this, error.code);
        this.kill();
        this.#parts.timeline.at(this.#parts.timeline.nowUs() + RESTART_US, () => this.start());
      },
    );
  }

  kill(): void {
    if (!this.#life.isAlive()) return;
    this.#life.end();
    this.#running = null;
    this.#dropGuard();
    this.#dropGuard = () => {};
    this.#unplug();
    // Of a killed process the disk keeps what the system was given; a power cut is what loses it.
    this.#parts.world.broker.kill(this.clientId());
    this.#parts.events.ended(this);
  }

  powerCut(): void {
    this.kill();
    this.machine.disk.crash();
    this.machine.tpm.powerCut();
    this.#bootLife.end();
    this.#bootLife = newLife();
    void this.#guard?.then((guard) => guard.powerCut());
    this.#guard = null;
    this.#boot = this.#freshBoot();
  }

  freeze(): void {
    this.#life.freeze();
  }

  thaw(): void {
    this.#life.thaw();
  }

  setDrift(driftPpm: number): void {
    this.#boot.setDrift(this.#parts.timeline.nowUs(), driftPpm);
  }

  #clockOf(life: Life) {
    const { timeline } = this.#parts;
    const wallErrorUs = (): number => this.weather.wallErrorUs;
    // The guard has its priority from the system: it is not late.
    const { lateUs } = life === this.#bootLife ? noLoad : this.#parts.load;
    return hostClock({ timeline, boot: this.#boot, life, wallErrorUs, lateUs });
  }

  async #open(life: Life): Promise<void> {
    const { world, spec, events } = this.#parts;
    const clock = this.#clockOf(life);
    const context = { clock, entropy: world.entropy(spec.name), log: silentLog };
    const tpm = await life.keep(this.machine.tpm.open(context));
    const opened = await life.keep(this.machine.disk.open());
    this.#store = opened;
    if (!this.weather.isDiskBorrowed) events.began(this, opened.tail.kind === "clean");
    const reread = async (): Promise<void> => events.reread(this, await ownRecords(opened, world.primitives));
    const times = {
      beforeUs: () => this.weather.storeBeforeUs,
      afterUs: () => this.weather.storeAfterUs,
    };
    const store = livingStore({ store: opened, life, clock, times, reread });
    const radio = spec.role === "consumer" ? await this.#connect(life, context) : null;
    const receiver = this.machine.receiver.open(clock);
    this.#unplug = () => void receiver.close();
    const gnss = livingGnss(receiver, life);
    assert(this.#files !== null, "a host is given its documents before it starts");
    const agent = await openAgent({
      ...world,
      ports: { clock, log: silentLog, store, gnss, tpm: livingTpm(tpm, life), radio },
      entropy: context.entropy,
      settings: spec.settings,
      radio: radio === null ? null : ownRadio(radio, radio.capabilities.powerMaxCentiDbm),
      documents: readHostFiles(this.#files, world.primitives),
      failpoints: noFailpoints,
      onNote: (note) => this.#noted(note),
      openMesh: async () =>
        livingMesh(world.broker.open(this.clientId(), spec.site), life, (message) =>
          this.#parts.overheard(this, message),
        ),
    });
    assert(agent.ok, "the simulation's settings name its own documents");
    await life.keep(reread());
    this.#running = await runAgent(agent.parts);
  }

  async #connect(life: Life, context: Parameters<SimGuard["connect"]>[0]): Promise<Radio> {
    this.#guard ??= this.machine.openGuard(this.#clockOf(this.#bootLife));
    const guard = await life.keep(this.#guard);
    const { radio, drop } = await life.keep(guard.connect(context));
    this.#dropGuard = drop;
    return livingRadio(radio, life);
  }

  #noted(note: Note): void {
    const { events } = this.#parts;
    if (note.what === "record") events.appended(this, note.record);
    events.noted?.(this, note);
  }
}
