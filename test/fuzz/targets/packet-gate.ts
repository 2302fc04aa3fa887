/** What stands between a broker's bytes and the MQTT parser (adapters/mqtt/packet-gate). */
import {
  OVERSIZE_TOPIC,
  PacketGate,
  PUBLISH_OVERHEAD_BYTES,
} from "../../../src/adapters/mqtt/packet-gate.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { lengthField, plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { sameInPieces } from "./streams.ts";

const REMAINING_MAX = 64;
/** What it refuses with: the connection ends. */
const DECLARED = /^(malformed remaining length|packet of \d+ bytes|PUBLISH without a packet id)/;

type Gate = Pick<PacketGate, "push">;
type Open = (oversize: "replace" | "refuse") => Gate;

/** The same stream however it is cut; no packet in it longer than the bound, none added, no more bytes than came in. */
export function packetGateTarget(open: Open = (oversize) => new PacketGate(REMAINING_MAX, oversize)): Target {
  return {
    name: "packet-gate",
    seeds,
    mutators: [...plainMutators, lengthField, lengthField],
    bytesMax: 1_024,
    run(input) {
      for (const oversize of ["replace", "refuse"] as const) {
        sameInPieces(input, (pieces) => Buffer.from(passed(open(oversize), pieces)).toString("latin1"));
        const out = passed(open(oversize), [input]);
        if (out.length > input.length) breach("no more comes out than went in");
        checkPackets(out);
      }
    },
  };
}

/** Nothing where the connection ends: what came before in the same piece is lost with it. */
function passed(gate: Gate, pieces: readonly Uint8Array[]): Uint8Array {
  const out: Uint8Array[] = [];
  for (const piece of pieces) {
    try {
      out.push(gate.push(piece));
    } catch (error) {
      if (!(error instanceof Error) || !DECLARED.test(error.message)) throw error;
      return new Uint8Array(0);
    }
  }
  return concat(...out);
}

function checkPackets(stream: Uint8Array): void {
  for (let at = 0; at < stream.length; ) {
    let remaining = 0;
    let width = 0;
    do remaining += ((stream[at + 1 + width] ?? 0) & 0x7f) * 128 ** width;
    while ((stream[at + 1 + width++] ?? 0) >= 0x80);
    if (remaining > REMAINING_MAX) breach("no packet is longer than the bound");
    at += 1 + width + remaining;
  }
}

function seeds(): readonly Uint8Array[] {
  const publish = (payload: number, qos: 0 | 1): Uint8Array => {
    const [topic, id] = [Buffer.from("a/b"), qos === 0 ? [] : [0, 7]];
    const remaining = 2 + topic.length + id.length + payload;
    const length = remaining < 128 ? [remaining] : [0x80 | (remaining & 0x7f), remaining >> 7];
    const head = [0x30 | (qos << 1), ...length, 0, topic.length, ...topic, ...id];
    return concat(Uint8Array.from(head), new Uint8Array(payload).fill(0x61));
  };
  const acknowledged = Uint8Array.of(0x40, 2, 0, 7);
  const [small, large] = [publish(20, 1), publish(REMAINING_MAX + 90, 1)];
  const least = publish(REMAINING_MAX - PUBLISH_OVERHEAD_BYTES - OVERSIZE_TOPIC.length, 0);
  return [small, large, publish(200, 0), acknowledged, least, concat(small, large, acknowledged, small)];
}
