/** One connection to a broker, from its opening to its end; `reconnecting-mesh` makes a mesh of one after another. */
import type { MeshMessage } from "../../ports/mesh.ts";

export type LinkListener = {
  /** As the broker sent it: length and topic are not checked yet. */
  message(topic: string, bytes: Uint8Array, retain: boolean): void;
  /** Once, when the connection is gone or could not be made; nothing is called after it. */
  lost(reason: string): void;
};

export interface Link {
  /** Resolves when the broker accepted the connection. Never rejects: a failure is `lost`. */
  readonly ready: Promise<void>;
  /** Boot time by which another connection is to stand in its place, since what it showed of itself ends; null: never. Once `ready`. */
  renewBootUs(): number | null;
  /** Resolves with PUBACK. Stays pending, or rejects, when the connection is lost first. */
  publish(message: MeshMessage): Promise<void>;
  /** Resolves with SUBACK; rejects with PortError `mesh-subscribe-refused` where the broker refuses a filter. */
  subscribe(filters: readonly string[]): Promise<void>;
  /** Ends the connection at once, without DISCONNECT: the broker publishes the will. `lost` follows. */
  drop(reason: string): void;
  /** Sends DISCONNECT (no will) and resolves when the connection is gone, within a bounded time. */
  close(): Promise<void>;
}

/** Calls the listener only after it returned. */
export type OpenLink = (listener: LinkListener) => Link;
