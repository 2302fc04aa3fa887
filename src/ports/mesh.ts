/** The carrier of envelopes between agents. It proves nothing: a broker may lose, delay, repeat, reorder, forge. */

/** Topic levels are `[a-z0-9_-]+`; see `core/wire/topic.ts` for the tree. */
export type MeshMessage = {
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** The broker keeps the last retained message of a topic for those who come later. Empty bytes clear it. */
  readonly retain: boolean;
};

export type MeshEvent =
  /** Peer-controlled bytes, at most the `maxMessageBytes` that the mesh was opened with; longer ones are counted and dropped. */
  | { readonly kind: "message"; readonly message: MeshMessage }
  | { readonly kind: "up" }
  | { readonly kind: "down"; readonly reason: string };

export interface Mesh {
  /**
   * Resolves when the broker took the message (QoS 1 PUBACK): that is not delivery. Rejects with PortError
   * `mesh-down` when there is no connection, `mesh-queue-full` when too many are in flight. No retry of its own.
   */
  publish(message: MeshMessage): Promise<void>;
  /** MQTT filters (`+`, trailing `#`). Kept over reconnects. */
  subscribe(filters: readonly string[]): Promise<void>;
  listen(listener: (event: MeshEvent) => void): () => void;
  /** Messages that were too long or on a malformed topic, and dropped, since the mesh was opened. */
  dropped(): number;
  close(): Promise<void>;
}
