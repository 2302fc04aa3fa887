/** What a mesh is opened with, whoever carries it, and the errors and checks that every carrier shares. */
import { assert } from "../../core/base/assert.ts";
import type { MeshMessage } from "../../ports/mesh.ts";
import { PortError } from "../../ports/port-error.ts";
import { isFilter, isTopic } from "./mesh-topic.ts";

export type MeshSession = {
  /** `[a-z0-9-]`, 1 to 64 characters; the broker ends an older connection of the same id. */
  readonly clientId: string;
  /** `false`: the broker keeps subscriptions and queues messages while this client is away ([MQTT-3.1.2.4]). */
  readonly clean: boolean;
  /** Published by the broker when the connection ends without `close`. An unsigned hint (PROTOCOL §7). */
  readonly will: MeshMessage | null;
  /** Longer payloads are counted and dropped on the way in, refused on the way out. */
  readonly maxMessageBytes: number;
  /** Publishes that may wait for the broker's acknowledgement at once; at most 65,535 by the protocol. */
  readonly inFlightMax: number;
};

/** Filters that one mesh may hold. */
export const FILTERS_MAX = 1024;

const IN_FLIGHT_BOUND = 65_535;

export function assertSession(session: MeshSession): void {
  assert(/^[a-z0-9-]{1,64}$/.test(session.clientId), "the caller derives the client id from a lineage id");
  assert(session.inFlightMax >= 1 && session.inFlightMax <= IN_FLIGHT_BOUND, "MQTT packet ids have 16 bits");
  const { will } = session;
  assert(
    will === null || (isTopic(will.topic) && will.bytes.length <= session.maxMessageBytes),
    "a will is a message of ours",
  );
}

/** Topics and filters come from `core/wire/topic`, never from a peer. */
export function assertFilters(filters: readonly string[]): void {
  assert(filters.every(isFilter), "filters are made of the topic tree's own words");
}

/** Why `message` may not leave, or null. */
export function outgoingFault(
  session: MeshSession,
  message: MeshMessage,
  inFlight: number,
): PortError | null {
  assert(isTopic(message.topic), "topics are made of the topic tree's own words");
  const bytes = message.bytes.length;
  if (bytes > session.maxMessageBytes) {
    const text = `message of ${bytes} bytes; at most ${session.maxMessageBytes}`;
    return new PortError("mesh", "mesh-message-too-long", text, false);
  }
  if (inFlight >= session.inFlightMax) {
    return new PortError("mesh", "mesh-queue-full", `${inFlight} messages await the broker`, true);
  }
  return null;
}

export function meshDown(reason: string, cause?: unknown): PortError {
  return new PortError("mesh", "mesh-down", `no connection to the broker: ${reason}`, true, cause);
}

export function filtersFull(count: number): PortError {
  return new PortError("mesh", "mesh-filters-full", `${count} filters; at most ${FILTERS_MAX}`, false);
}
