/**
 * Keeps MQTT packets that are too long out of the parser behind it, which would gather up to 256 MB for one of
 * them (MQTT 3.1.1 has no way to announce a limit). A too long PUBLISH is replaced by an empty one on a topic that
 * no agent uses, so that it is still acknowledged and the broker does not send it again.
 */
import { concat } from "../../core/base/bytes.ts";

/** `replace` for a client, `refuse` for a broker, which may end a connection that breaks its limit. */
export type Oversize = "replace" | "refuse";

/** Not a topic of the mesh (`mesh-topic`): its messages are counted as dropped. */
export const OVERSIZE_TOPIC = "$oversize";

/** Bytes of a topic's length and of a packet id, before a PUBLISH's payload. */
export const PUBLISH_OVERHEAD_BYTES = 4;

const PUBLISH = 3;
const LENGTH_BYTES_MAX = 4;
const TOPIC_BYTES: Uint8Array = Uint8Array.from(OVERSIZE_TOPIC, (letter) => letter.charCodeAt(0));

export class PacketGate {
  readonly #remainingMax: number;
  readonly #oversize: Oversize;
  /** The fixed header so far: one byte of type and flags, up to four of length ([MQTT-2.2]). */
  #header: number[] = [];
  #pass = 0;
  #stripping: Stripping | null = null;

  /** `remainingMax`: the longest "remaining length" that goes through unchanged, bytes. */
  constructor(remainingMax: number, oversize: Oversize) {
    this.#remainingMax = remainingMax;
    this.#oversize = oversize;
  }

  /**
   * What of the stream so far may go on to the parser. Throws an Error for bytes that are no MQTT, or too long
   * where nothing can replace them: the connection has to end.
   */
  // Peer-controlled: the bytes of the stream, cut anywhere.
  push(chunk: Uint8Array): Uint8Array {
    const out: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#pass > 0) {
        const end = Math.min(chunk.length, at + this.#pass);
        out.push(chunk.subarray(at, end));
        this.#pass -= end - at;
        at = end;
      } else if (this.#stripping !== null) {
        at = this.#strip(this.#stripping, chunk, at, out);
      } else {
        this.#readHeader(chunk[at] as number, out);
        at += 1;
      }
    }
    return concat(...out);
  }

  #readHeader(byte: number, out: Uint8Array[]): void {
    this.#header.push(byte);
    if (this.#header.length === 1 || byte >= 0x80) {
      if (this.#header.length > LENGTH_BYTES_MAX) throw new Error("malformed remaining length");
      return;
    }
    const [first = 0, ...lengthBytes] = this.#header;
    const remaining = lengthBytes.reduce((sum, part, i) => sum + (part & 0x7f) * 128 ** i, 0);
    if (remaining <= this.#remainingMax) {
      out.push(Uint8Array.from(this.#header));
      this.#pass = remaining;
    } else if (this.#oversize === "refuse" || first >> 4 !== PUBLISH) {
      throw new Error(`packet of ${remaining} bytes; at most ${this.#remainingMax}`);
    } else {
      this.#stripping = { first, left: remaining, seen: 0, topicBytes: 0, packetId: [] };
    }
    this.#header = [];
  }

  /** Reads topic length and packet id, skips the rest, byte by byte only where it has to. */
  #strip(packet: Stripping, chunk: Uint8Array, start: number, out: Uint8Array[]): number {
    const hasId = (packet.first & 0x06) !== 0;
    let at = start;
    while (at < chunk.length && packet.left > 0) {
      const byte = chunk[at] as number;
      const idAt = 2 + packet.topicBytes;
      let step = 1;
      if (packet.seen < 2) packet.topicBytes = packet.topicBytes * 256 + byte;
      else if (hasId && (packet.seen === idAt || packet.seen === idAt + 1)) packet.packetId.push(byte);
      else
        step = Math.min(
          packet.seen < idAt ? idAt - packet.seen : packet.left,
          packet.left,
          chunk.length - at,
        );
      packet.seen += step;
      packet.left -= step;
      at += step;
    }
    if (packet.left === 0) {
      this.#stripping = null;
      out.push(replacement(packet, hasId));
    }
    return at;
  }
}

type Stripping = {
  readonly first: number;
  left: number;
  seen: number;
  topicBytes: number;
  readonly packetId: number[];
};

function replacement(packet: Stripping, hasId: boolean): Uint8Array {
  if (hasId && packet.packetId.length !== 2) throw new Error("PUBLISH without a packet id");
  const remaining = 2 + TOPIC_BYTES.length + packet.packetId.length;
  return concat(
    Uint8Array.of(packet.first, remaining, 0, TOPIC_BYTES.length),
    TOPIC_BYTES,
    Uint8Array.from(packet.packetId),
  );
}
