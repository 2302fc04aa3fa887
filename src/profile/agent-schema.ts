/** The agent profile, `schema: spectrum-agent.profile/1`: every key, its unit, its default. */
import { join } from "node:path";
import * as z from "zod";
import { TIME_RULES_DEFAULT, type TimeRules } from "../core/window/assured-time.ts";
import type { AgentProfile, LogLevel, PlaceProfile, RadioProfile } from "./agent-profile.ts";
import type { DriverChoice, DriverDescription, Drivers } from "./driver-registry.ts";
import { driverSection } from "./driver-schema.ts";
import { identifierSection } from "./grant-schema.ts";
import {
  type Complaining,
  choice,
  complain,
  flag,
  list,
  map,
  type Piece,
  printableText,
  word,
} from "./leaf.ts";
import { meshSection } from "./mesh-schema.ts";
import { standingOffer } from "./offer-schema.ts";
import { path } from "./path-leaf.ts";
import { complaint } from "./profile-error.ts";
import { drift, factor, quantity, speed } from "./quantity.ts";
import { DURATION, formatQuantity, LENGTH } from "./units.ts";
import { standingWish } from "./wish-schema.ts";

export const PROFILE_SCHEMA = "spectrum-agent.profile/1";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const IDENTIFIERS_MAX = 8;
const TRUST_MAX = 16;
const DOCUMENTS_MAX = 64;
const OFFERS_MAX = 32;
const WISHES_MAX = 32;
/** sun_path of Linux, with its closing zero. */
const SOCKET_BYTES_MAX = 107;
const DRIFT_PPM_MAX = 10_000;
const OFFSET_MM = { min: -1_000_000, max: 1_000_000 };
const DAY_US = 86_400_000_000;

/** Relative paths are taken from `folder`, which is the profile's own. */
export function agentProfile(drivers: Drivers, folder: string): Piece<AgentProfile> {
  return map({
    schema: z.literal(PROFILE_SCHEMA),
    name: word(64, "what the operator calls this agent"),
    owner: printableText(64, "who answers for it"),
    state: path(folder, "folder of its log, marks and keys"),
    control: path(folder, "its unix socket; control.sock in `state` unless told").optional(),
    log: choice(LEVELS, "least level that is logged").prefault("info"),
    production: flag("refuse simulated and replayed devices").prefault(true),
    identifiers: list(identifierSection(), 0, IDENTIFIERS_MAX, "FCC ID, FRN, lease id, …").prefault([]),
    mesh: meshSection(folder),
    tpm: driverSection(drivers.tpm, folder),
    gnss: driverSection(drivers.gnss, folder),
    radio: driverSection(drivers.radio, folder, { offset: antennaOffset() }).optional(),
    trust: list(path(folder, "a record file"), 1, TRUST_MAX, "inceptions of the trusted roots"),
    documents: list(path(folder, "a record file, or a folder of them"), 0, DOCUMENTS_MAX).prefault([]),
    policy: word(64, "name of the common policy to act under"),
    time: timeSection(),
    place: placeSection(),
    offers: list(standingOffer(), 0, OFFERS_MAX, "what this agent offers").prefault([]),
    accepts: list(standingWish(), 0, WISHES_MAX, "what this agent accepts").prefault([]),
  }).transform((written, context): AgentProfile => {
    const { name, owner, state, log, production, mesh, trust, documents, policy, time, place } = written;
    const controlPath = written.control ?? join(state, "control.sock");
    checkSocket(controlPath, written.control === undefined ? "state" : "control", context);
    const radio = written.radio === undefined ? null : radioProfile(written.radio);
    if (production) {
      refuseSimulated(drivers.tpm, "tpm", written.tpm, context);
      refuseSimulated(drivers.gnss, "gnss", written.gnss, context);
      if (radio !== null) refuseSimulated(drivers.radio, "radio", radio, context);
    }
    return {
      name,
      owner,
      statePath: state,
      controlPath,
      logLevel: log,
      production,
      identifiers: written.identifiers,
      mesh,
      tpm: choiceOf(written.tpm),
      gnss: choiceOf(written.gnss),
      radio,
      trustPaths: trust,
      documentPaths: documents,
      policy,
      time,
      place: { ...place, transportUs: time.transportUs },
      offers: written.offers,
      accepts: written.accepts,
    };
  });
}

function choiceOf({ driver, options }: DriverChoice): DriverChoice {
  return { driver, options };
}

type Offset = RadioProfile["offset"];

function radioProfile(
  section: DriverChoice & { readonly extra: Readonly<Record<string, unknown>> },
): RadioProfile {
  return { ...choiceOf(section), offset: section.extra["offset"] as Offset };
}

function antennaOffset(): Piece<Offset> {
  const along = (where: string) => quantity(LENGTH, where, OFFSET_MM).prefault("0m");
  return map(
    { north: along("negative is south"), east: along("negative is west"), up: along("negative is down") },
    "from the receiver's antenna to the transmit antenna",
  )
    .transform(({ north, east, up }): Offset => ({ northMm: north, eastMm: east, upMm: up }))
    .prefault({});
}

function timeSection(): Piece<TimeRules> {
  const us = (value: number): string => formatQuantity(DURATION, value);
  const usual = TIME_RULES_DEFAULT;
  return map(
    {
      factor: factor("the receiver's own estimate counts so many times").prefault(
        `${usual.kPermille}permille`,
      ),
      "unestimated-error": duration("stands for an estimate that the receiver does not give").prefault(
        us(usual.unestimatedErrorUs),
      ),
      "transport-bound": duration("from the instant of a fix to its receipt").prefault(us(usual.transportUs)),
      "pps-bound": duration("the same with a pulse per second").prefault(us(usual.ppsTransportUs)),
      drift: drift(DRIFT_PPM_MAX, "of the host's clock, rounded up to whole ppm").prefault(
        `${usual.driftPpm}ppm`,
      ),
      "check-system-clock": flag("refuse fixes that the system clock contradicts").prefault(
        usual.checkAgainstWall,
      ),
      "system-clock-tolerance": duration("so far apart they may be").prefault(us(usual.wallToleranceUs)),
    },
    "how much the receiver's time is worth",
  )
    .transform(
      (time): TimeRules => ({
        kPermille: time.factor,
        unestimatedErrorUs: time["unestimated-error"],
        transportUs: time["transport-bound"],
        ppsTransportUs: time["pps-bound"],
        driftPpm: time.drift,
        checkAgainstWall: time["check-system-clock"],
        wallToleranceUs: time["system-clock-tolerance"],
      }),
    )
    .prefault({});
}

function duration(description: string): Piece<number> {
  return quantity(DURATION, description, { min: 0, max: DAY_US - 1 });
}

function placeSection(): Piece<Omit<PlaceProfile, "transportUs">> {
  return map(
    {
      "speed-max": speed("over the ground; 0m/s where the antenna is fixed").prefault("0m/s"),
      "climb-max": speed("upwards or downwards").prefault("0m/s"),
      "unestimated-error": quantity(
        LENGTH,
        "stands for estimates that the receiver does not give; left out, such a fix is refused",
        {
          min: 0,
        },
      ).optional(),
      hold: quantity(DURATION, "oldest fix that the agent still states as its place").prefault("1min"),
    },
    "what is known of the installation",
  )
    .transform((place) => ({
      speedMmPerS: place["speed-max"],
      climbMmPerS: place["climb-max"],
      unestimatedErrorMm: place["unestimated-error"] ?? null,
      holdUs: place.hold,
    }))
    .prefault({});
}

function checkSocket(controlPath: string, key: string, context: Complaining): void {
  const bytes = Buffer.byteLength(controlPath);
  if (bytes <= SOCKET_BYTES_MAX) return;
  const allowed = `a socket path of at most ${SOCKET_BYTES_MAX} bytes`;
  complain(context, [key], complaint("field-range", allowed, "name a shorter `control`", `${bytes} bytes`));
}

/** `production: true` is the operator's own gate; the common policy judges assurance once more. */
function refuseSimulated(
  drivers: readonly DriverDescription[],
  section: "tpm" | "gnss" | "radio",
  { driver, options }: DriverChoice,
  context: Complaining,
): void {
  const hint = "write `production: false` on a bench";
  const code = "simulated-in-production";
  if (drivers.some(({ id, simulated }) => id === driver && simulated)) {
    const real = drivers.filter(({ simulated }) => !simulated).map(({ id }) => id);
    complain(context, [section, "driver"], complaint(code, real.join(" | ") || "no driver yet", hint));
  }
  if (options["source"] === "replay") {
    complain(context, [section, "source"], complaint(code, "live", hint));
  }
}
