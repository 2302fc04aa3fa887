/** The agent's own time and place, carried on from the last fix that was admitted (PROTOCOL §5). */
import { type PlaceEvidence, placeLimits, type TimeEvidence } from "../record/shared-fields.ts";
import { withOffset } from "../window/antenna-offset.ts";
import { placeAt } from "../window/assured-place.ts";
import { timeAt } from "../window/assured-time.ts";
import type { Turn } from "./turn.ts";

/** The own interval now, or null before the first fix. */
export function ownTime({ agent, now }: Turn): TimeEvidence | null {
  const { time } = agent.volatile;
  if (time === null) return null;
  const { earliestUs, latestUs, level, ageUs } = timeAt(
    time,
    Math.max(now.bootUs, time.anchorBootUs),
    agent.config.timeRules,
  );
  return { earliestUs: Math.max(0, earliestUs), latestUs, assurance: level, ageUs };
}

/** The own place now, or null without a fix that had a height, and where it is nowhere near the Earth. */
export function ownPlace({ agent, now }: Turn): PlaceEvidence | null {
  const { place } = agent.volatile;
  if (place === null) return null;
  const at = placeAt(place, Math.max(now.bootUs, place.anchorBootUs), agent.config.placeRules);
  const { antenna, placeHoldUs } = agent.config;
  if (at.heightMm === null || at.verticalErrorMm === null) return null;
  if (placeHoldUs !== undefined && at.ageUs > placeHoldUs) return null;
  const receiver: PlaceEvidence = {
    latE7: at.latE7,
    lonE7: at.lonE7,
    heightMm: at.heightMm,
    horizontalErrorMm: at.horizontalErrorMm,
    verticalErrorMm: at.verticalErrorMm,
    assurance: at.level,
    ageUs: at.ageUs,
  };
  const own = antenna === undefined ? receiver : withOffset(receiver, antenna);
  return isSayable(own) ? own : null;
}

/** A receiver may say anything, and errors grow as long as it is silent: what no record can hold is no place. */
function isSayable({ heightMm, horizontalErrorMm, verticalErrorMm }: PlaceEvidence): boolean {
  const { HEIGHT_MM_MIN, HEIGHT_MM_MAX, ERROR_MM_MAX } = placeLimits;
  const isNear = heightMm >= HEIGHT_MM_MIN && heightMm <= HEIGHT_MM_MAX;
  return isNear && Math.max(horizontalErrorMm, verticalErrorMm) <= ERROR_MM_MAX;
}

/** Centre of the own interval, for one's own deadlines; null without time. */
export function centreUs(turn: Turn): number | null {
  const time = ownTime(turn);
  return time === null ? null : Math.floor((time.earliestUs + time.latestUs) / 2);
}
