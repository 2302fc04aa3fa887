/**
 * A radio behind the guard program: the deadman outlives this process. The guard is started as a child, or
 * systemd runs it and the driver attaches. When the connection is lost the guard has muted; the driver connects
 * anew by itself, and only a new arm switches on again.
 */
import type { DriverContext, OpenDriver, OptionValues } from "../../src/ports/driver.ts";
import { PortError } from "../../src/ports/port-error.ts";
import type { Radio, RadioEvent } from "../../src/ports/radio.ts";
import { type GuardChild, guardChild } from "./guard-child.ts";
import { type GuardSession, openSession } from "./guard-session.ts";
import { type GuardSocket, guardSocket } from "./guard-socket.ts";
import { emitterOption, transmitterOptions, worldOption } from "./simulated-device.ts";

/** Pause before a lost guard is looked for again, µs. */
const RECONNECT_US = 1_000_000;
/** Heartbeats in each period after which the guard would mute. */
const BEATS_A_PERIOD = 5;

/** Rejects with PortError: `radio-option-invalid`, `radio-guard-failed`, `radio-lost`, `radio-clock-disagrees`. */
export const openGuardedRadio: OpenDriver<Radio> = async (context, options) => {
  const listeners = new Set<(event: RadioEvent) => void>();
  const line = await keepLine(context, guardReach(context, options), (event) => {
    for (const listener of listeners) listener(event);
  });
  return {
    get capabilities() {
      return line.session().capabilities;
    },
    arm: async (order) => line.live().arm(order),
    extend: async (order) => line.live().extend(order),
    async mute() {
      const session = line.live();
      const muted = await session.mute();
      if (muted.latencyUs > session.capabilities.muteLatencyUs) {
        context.log.warn("radio.mute-slower-than-declared", { latencyUs: muted.latencyUs });
      }
      return muted;
    },
    readBack: async () => line.live().readBack(),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: line.close,
  };
};

type KeptLine = {
  /** The session under way; PortError `radio-lost` without one. */
  live(): GuardSession;
  /** The session under way or the last one. */
  session(): GuardSession;
  close(): Promise<void>;
};

/** Connects, and anew whenever the connection was lost, until it is closed. */
async function keepLine(
  context: DriverContext,
  reach: Reach,
  tell: (event: RadioEvent) => void,
): Promise<KeptLine> {
  const { clock, log } = context;
  let closed = false;
  let up = true;
  const follow = (made: Line): Line => {
    up = true;
    void made.socket.gone.then((reason) => {
      up = false;
      if (closed) return;
      log.warn("radio.guard-lost", { reason });
      tell({ kind: "lost", reason });
      rejoin();
    });
    return made;
  };
  const rejoin = (): void => {
    clock.at(clock.read().bootUs + RECONNECT_US, () => {
      if (!closed) openLine(context, reach, tell).then(rejoined, failed);
    });
  };
  const rejoined = (made: Line): void => {
    line = follow(made);
    if (closed) made.socket.close();
    else tell({ kind: "found" });
  };
  const failed = (error: unknown): void => {
    if (!(error instanceof PortError)) throw error;
    log.warn("radio.guard-not-reached", { code: error.code, reason: error.message });
    rejoin();
  };
  let line = follow(await openFirst(context, reach, tell));
  return {
    live() {
      if (!up || closed) throw new PortError("radio", "radio-lost", "no guard is connected", !closed);
      return line.session;
    },
    session: () => line.session,
    async close() {
      closed = true;
      // The closed connection mutes in any case; the order is the orderly way.
      if (up) await line.session.mute().catch(() => {});
      line.socket.close();
      await reach.leave();
    },
  };
}

async function openFirst(
  context: DriverContext,
  reach: Reach,
  tell: (event: RadioEvent) => void,
): Promise<Line> {
  try {
    return await openLine(context, reach, tell);
  } catch (error) {
    await reach.leave();
    throw error;
  }
}

type Line = { readonly socket: GuardSocket; readonly session: GuardSession };

/** How to come to the guard: by its socket alone, or by starting it first. */
type Reach = { readonly path: string; prepare(): Promise<void>; leave(): Promise<void> };

async function openLine(
  { clock }: DriverContext,
  reach: Reach,
  tell: (event: RadioEvent) => void,
): Promise<Line> {
  await reach.prepare();
  const socket = await guardSocket(reach.path, clock);
  try {
    const session = await openSession(socket, clock, tell);
    beat(clock, socket, session);
    // A guard silences its device first thing: orders before that is done would be superseded by it. One that cannot
    // be silenced just now is no reason not to attach: the guard goes on trying, and says so.
    await session.mute().catch(() => {});
    return { socket, session };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Tells the guard that this process is alive, and notices when the guard is not. */
function beat(clock: DriverContext["clock"], socket: GuardSocket, session: GuardSession): void {
  const { heartbeatUs } = session;
  if (heartbeatUs === null) return;
  let unanswered = 0;
  let cancel: () => void = () => {};
  const once = (): void => {
    if (unanswered > BEATS_A_PERIOD) {
      socket.close();
      return;
    }
    unanswered++;
    session.heartbeat().then(
      () => {
        unanswered = 0;
      },
      () => {},
    );
    cancel = clock.at(clock.read().bootUs + Math.floor(heartbeatUs / BEATS_A_PERIOD), once);
  };
  once();
  void socket.gone.then(() => cancel());
}

function guardReach(context: DriverContext, options: OptionValues): Reach {
  const { clock, log } = context;
  const path = options["socket"];
  if (typeof path !== "string") throw invalid("socket is required");
  if (options["spawn"] === false) return { path, prepare: async () => {}, leave: async () => {} };
  const args = guardArguments(path, options);
  let starting: Promise<GuardChild> | null = null;
  return {
    path,
    async prepare() {
      const child = await starting?.catch(() => null);
      if (child?.alive()) return;
      starting = guardChild(args, clock, log);
      await starting;
    },
    async leave() {
      // One that is still starting is waited for: no guard may outlive its driver.
      await (await starting?.catch(() => null))?.stop();
    },
  };
}

function guardArguments(path: string, options: OptionValues): readonly string[] {
  const figures = {
    world: worldOption(options),
    emitter: emitterOption(options),
    feedPeriodUs: options["feed-period"],
    offLatencyUs: options["mute-latency"],
    ...transmitterOptions(options),
  };
  const pairs = Object.entries(figures).filter(([, value]) => value !== undefined);
  const heartbeatUs = options["heartbeat"];
  return [
    ...["--socket", path, "--device", "simulated"],
    ...(heartbeatUs === undefined ? [] : ["--heartbeat-us", String(heartbeatUs)]),
    ...pairs.flatMap(([name, value]) => ["--option", `${name}=${value}`]),
  ];
}

function invalid(message: string): PortError {
  return new PortError("radio", "radio-option-invalid", message, false);
}
