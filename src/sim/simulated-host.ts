/** The production agent on a simulated machine: its process starts, ends, and starts anew. */
import { type RunningAgent, runAgent } from "../agent/agent-loop.ts";
import { contextOf, deviceKeys, type OpenGeneration, rollDeviceKey } from "../agent/device-keys.ts";
import { noFailpoints } from "../agent/failpoints.ts";
import { openAgent, ownKey, ownRadio } from "../agent/open-agent.ts";
import { openLog } from "../agent/open-log.ts";
import type { Note } from "../core/agent/effect.ts";
import type { Agent } from "../core/agent/turn.ts";
import { assert } from "../core/base/assert.ts";
import { toHex } from "../core/base/bytes.ts";
import type { DriverContext } from "../ports/driver.ts";
import type { Log } from "../ports/log.ts";
import { PortError } from "../ports/port-error.ts";
import type { Radio } from "../ports/radio.ts";
import type { Frame, Store } from "../ports/store.ts";
import type { SimGuard, SimMachine } from "./drivers.ts";
import {
  FLUSH_HALF_US,
  type Host,
  type HostIdentity,
  type HostParts,
  type HostSpec,
  type HostWeather,
  type Rolling,
} from "./host.ts";
import { type BootClock, bootClock, hostClock } from "./host-clock.ts";
import { type HostFiles, readHostFiles } from "./host-files.ts";
import { noLoad } from "./host-load.ts";
import { dyingAt, type Life, newLife } from "./life.ts";
import { livingGnss, livingMesh, livingRadio, livingStore, livingTpm } from "./living-ports.ts";
import { ownRecords } from "./own-records.ts";
import { type HostSessionKeys, hostSessionKeys } from "./session-keys.ts";

const RESTART_US = 1_000_000;

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
  readonly #sessionKeys: HostSessionKeys;
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
    this.#sessionKeys = hostSessionKeys(parts.world, parts.spec.name);
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
    const life = newLife();
    const context = this.#contextOf(life);
    const store = await this.machine.disk.open();
    const { tpm, nextKeyHash } = await deviceKeys(store, this.#keysFor(life, context), world.primitives);
    const key = ownKey(tpm);
    const [{ owner }, { signer }] = [spec.settings, tpm];
    const { folded } = await openLog({ ...world, ...context, store, signer, key, owner, nextKeyHash });
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
    if (!this.#life.isAlive()) this.#live((life) => this.#open(life));
  }

  rollKey({ graceUs, diesAt }: Rolling): void {
    this.kill();
    this.#live(async (life) => {
      await this.#roll(diesAt === null ? life : dyingAt(life, diesAt, () => this.#restart()), graceUs);
      if (this.#life !== life) return;
      this.kill();
      this.start();
    });
  }

  /** A process: what device trouble ends is started again as an agent, as a service supervisor does. */
  #live(run: (life: Life) => Promise<void>): void {
    const life = newLife();
    this.#life = life;
    run(life).then(
      () => {},
      (error: unknown) => {
        // What no device trouble explains is a defect: it must not pass for a failed start.
        if (!(error instanceof PortError)) throw error;
        if (this.#life !== life) return;
        this.#parts.events.failedStart?.(this, error.code);
        this.#restart();
      },
    );
  }

  #restart(): void {
    const { timeline } = this.#parts;
    this.kill();
    timeline.at(timeline.nowUs() + RESTART_US, () => this.start());
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

  #contextOf(life: Life): DriverContext {
    const { world, spec } = this.#parts;
    return { clock: this.#clockOf(life), entropy: world.entropy(spec.name), log: silentLog };
  }

  #keysFor(life: Life, context: DriverContext): OpenGeneration {
    return async (generation) =>
      livingTpm(await life.keep(this.machine.tpm.open(contextOf(context, generation))), life);
  }

  /** As `rotate-key` does. What it refuses leaves the log as it was, and the agent goes on with its present key. */
  async #roll(life: Life, graceUs: number): Promise<void> {
    const { primitives, pack } = this.#parts.world;
    const context = this.#contextOf(life);
    const opened = await this.#openDisk(life);
    if (!this.weather.isDiskBorrowed) await life.keep(this.#reread(opened));
    const store = this.#storeOf(life, context, opened);
    const acceptedUntilUs = graceUs === 0 ? 0 : context.clock.read().wallUs + graceUs;
    const open = this.#keysFor(life, context);
    const rolled = await rollDeviceKey({ store, open, acceptedUntilUs, primitives, pack });
    if (rolled.ok) this.#parts.events.appended(this, rolled.value);
    await store.close();
  }

  async #openDisk(life: Life): Promise<Store> {
    const opened = await life.keep(this.machine.disk.open());
    if (!this.weather.isDiskBorrowed) this.#parts.events.began(this, opened.tail.kind === "clean");
    return opened;
  }

  #storeOf(life: Life, { clock }: DriverContext, opened: Store): Store {
    const times = {
      beforeUs: () => this.weather.storeBeforeUs,
      afterUs: () => this.weather.storeAfterUs,
    };
    return livingStore({ store: opened, life, clock, times, reread: () => this.#reread(opened) });
  }

  async #reread(opened: Store): Promise<void> {
    this.#parts.events.reread(this, await ownRecords(opened, this.#parts.world.primitives));
  }

  async #open(life: Life): Promise<void> {
    const { world, spec } = this.#parts;
    const context = this.#contextOf(life);
    const opened = await this.#openDisk(life);
    this.#store = opened;
    const store = this.#storeOf(life, context, opened);
    const { tpm, nextKeyHash } = await deviceKeys(store, this.#keysFor(life, context), world.primitives);
    const radio = spec.role === "consumer" ? await this.#connect(life, context) : null;
    const receiver = this.machine.receiver.open(context.clock);
    this.#unplug = () => void receiver.close();
    const gnss = livingGnss(receiver, life);
    assert(this.#files !== null, "a host is given its documents before it starts");
    const ports = { clock: context.clock, log: silentLog, store, gnss, tpm, radio };
    const agent = await openAgent({
      ...world,
      ports: { ...ports, sessionKeys: this.#sessionKeys.next },
      entropy: context.entropy,
      settings: spec.settings,
      radio: radio === null ? null : ownRadio(radio, radio.capabilities.powerMaxCentiDbm),
      documents: readHostFiles(this.#files, world.primitives),
      failpoints: noFailpoints,
      nextKeyHash,
      onNote: (note) => this.#noted(note),
      openMesh: async () =>
        livingMesh(world.broker.open(this.clientId(), spec.site), life, (message) =>
          this.#parts.overheard(this, message),
        ),
    });
    assert(agent.ok, "the simulation's settings name its own documents");
    await life.keep(this.#reread(opened));
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
