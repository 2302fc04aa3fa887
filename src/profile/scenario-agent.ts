/** The list `agents` of a scenario: role, place or track, the device profile, and what it has instead of the profile's words. */
import type { AgentProfile } from "./agent-profile.ts";
import { budgets, holdingsMax } from "./budget-schema.ts";
import { choice, complain, list, map, type Piece, read, refuse, textLeaf, word } from "./leaf.ts";
import { standingOffer } from "./offer-schema.ts";
import { type Complaint, complaint } from "./profile-error.ts";
import { drift, quantity, speed } from "./quantity.ts";
import type { Device, Overrides, Point, Role, ScenarioAgent, WayPoint } from "./scenario.ts";
import { DURATION, LENGTH } from "./units.ts";
import { standingWish } from "./wish-schema.ts";

/** A device profile with the ports whose drivers are real; or why there is none. */
export type FoundProfile =
  | { readonly ok: true; readonly profile: AgentProfile; readonly real: readonly Device[] }
  | { readonly ok: false; readonly told: Complaint };

/** `name` as the file writes it, for the agent that it calls `agent`. */
export type FindProfile = (name: string, agent: string) => FoundProfile;

const ROLES: readonly Role[] = ["holder", "consumer"];
const WAY_POINTS_MAX = 64;
const OFFERS_MAX = 16;
const DRIFT_PPM_MAX = 200;
/** The simulated world is a square of 2 km. */
const REACH_MM = { min: -1_000_000, max: 1_000_000 };
const PROFILE_CHARS_MAX = 256;

export function scenarioAgent(findProfile: FindProfile): Piece<ScenarioAgent> {
  return map({
    name: word(32, "what steps, faults and expectations call it"),
    role: choice(ROLES, "the holder offers, the consumer accepts and transmits"),
    profile: profileName(),
    place: point("metres from the world's centre").optional(),
    track: list(
      map({ at: quantity(DURATION, "from the scenario's start"), ...pointKeys() }, "a way-point"),
      1,
      WAY_POINTS_MAX,
      "straight from one to the next; instead of `place`",
    ).optional(),
    "speed-max": speed("instead of the profile's").optional(),
    oscillator: drift(DRIFT_PPM_MAX, "how fast the host's own clock runs").prefault("0ppm"),
    offers: list(standingOffer(), 0, OFFERS_MAX, "instead of the profile's").optional(),
    accepts: list(standingWish(), 0, OFFERS_MAX, "instead of the profile's").optional(),
    credential: map(
      {
        level: word(64, "of the policy's taxonomy").optional(),
        class: word(32, "eligibility class").prefault("bench"),
        ends: quantity(DURATION, "from the scenario's start; left out, long after it").optional(),
        budgets: budgets("what it may let or take in a window").prefault([]),
        "holdings-max": holdingsMax("bandwidth that it may hold at one time, over all sellers").optional(),
      },
      "what the world's root issues to it",
    ).prefault({}),
  }).transform((written, context): ScenarioAgent => {
    const { name, role, credential } = written;
    const found = findProfile(written.profile, name);
    if (!found.ok) complain(context, ["profile"], found.told);
    else if (role === "consumer" && found.profile.radio === null) {
      complain(context, ["profile"], complaint("fields-conflict", "a profile with a radio, for a consumer"));
    }
    const overrides: Overrides = {
      offers: written.offers ?? null,
      accepts: written.accepts ?? null,
      speedMmPerS: written["speed-max"] ?? null,
    };
    return {
      name,
      role,
      profile: found.ok ? overridden(found.profile, overrides) : NO_PROFILE,
      real: found.ok ? found.real : [],
      track: trackOf(written, context),
      driftPpm: written.oscillator,
      credential: {
        level: credential.level ?? (role === "holder" ? "licensee" : "user"),
        eligibilityClass: credential.class,
        endsUs: credential.ends ?? null,
        budgets: credential.budgets,
        holdingsMaxHz: credential["holdings-max"] ?? null,
      },
    };
  });
}

/** Stands where a finding already stops the reading. */
const NO_PROFILE = {} as AgentProfile;

function profileName(): Piece<string> {
  const allowed = "the name of a shipped device profile, or a path that ends in .yaml";
  return textLeaf({ description: allowed }, allowed, (text) =>
    /^[^\p{C}]+$/u.test(text) && text.length <= PROFILE_CHARS_MAX
      ? read(text)
      : refuse(complaint("field-form", allowed)),
  );
}

function pointKeys() {
  const along = (where: string) => quantity(LENGTH, where, REACH_MM).prefault("0m");
  return { north: along("negative is south"), east: along("negative is west") };
}

function point(description: string): Piece<Point> {
  return map(pointKeys(), description).transform(({ north, east }) => ({ northMm: north, eastMm: east }));
}

type Written = {
  readonly place?: Point | undefined;
  readonly track?:
    | readonly { readonly at: number; readonly north: number; readonly east: number }[]
    | undefined;
};

function trackOf({ place, track }: Written, context: Parameters<typeof complain>[0]): readonly WayPoint[] {
  if ((place === undefined) === (track === undefined)) {
    const key = place === undefined ? [] : ["track"];
    complain(context, key, complaint("fields-conflict", "either `place` or `track`"));
  }
  if (track === undefined) return [{ atUs: 0, northMm: 0, eastMm: 0, ...place }];
  for (const [i, { at }] of track.entries()) {
    const before = track[i - 1]?.at;
    if (before !== undefined && at <= before)
      complain(context, ["track", i, "at"], complaint("time-impossible", "after the way-point before"));
  }
  return track.map(({ at, north, east }) => ({ atUs: at, northMm: north, eastMm: east }));
}

function overridden(profile: AgentProfile, { offers, accepts, speedMmPerS }: Overrides): AgentProfile {
  return {
    ...profile,
    offers: offers ?? profile.offers,
    accepts: accepts ?? profile.accepts,
    place: { ...profile.place, speedMmPerS: speedMmPerS ?? profile.place.speedMmPerS },
  };
}
