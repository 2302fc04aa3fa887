/** Which topics and filters a mesh carries (DESIGN §5), and which filter takes which topic ([MQTT-4.7]). */

/** The longest topic of the tree names three ids. */
export const TOPIC_BYTES_MAX = 256;

const TOPIC = /^[a-z0-9_-]+(?:\/[a-z0-9_-]+)*$/;
const FILTER = /^(?:#|(?:[a-z0-9_-]+|\+)(?:\/(?:[a-z0-9_-]+|\+))*(?:\/#)?)$/;

// Peer-controlled: at most 65,535 characters by the protocol; the length is looked at first.
export function isTopic(topic: string): boolean {
  return topic.length <= TOPIC_BYTES_MAX && TOPIC.test(topic);
}

/** `+` for one level, a trailing `#` for the level before it and all below. */
export function isFilter(filter: string): boolean {
  return filter.length <= TOPIC_BYTES_MAX && FILTER.test(filter);
}

/** Whether a filter takes a topic, both split at `/`. */
export function levelsMatch(filter: readonly string[], topic: readonly string[]): boolean {
  for (let at = 0; at < filter.length; at++) {
    if (filter[at] === "#") return topic.length >= at;
    if (at >= topic.length || (filter[at] !== "+" && filter[at] !== topic[at])) return false;
  }
  return filter.length === topic.length;
}
