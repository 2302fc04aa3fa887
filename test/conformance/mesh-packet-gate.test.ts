import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OVERSIZE_TOPIC, PacketGate } from "../../src/adapters/mqtt/packet-gate.ts";
import { concat, toHex } from "../../src/core/base/bytes.ts";
import { lengthOf } from "./mesh-worlds.ts";

const REMAINING_MAX = 300;

type Packet = {
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly topic: string;
  readonly id: number;
  readonly payload: Uint8Array;
};

const packet: fc.Arbitrary<Packet> = fc.record({
  qos: fc.constantFrom(0, 1),
  retain: fc.boolean(),
  topic: fc.oneof(fc.stringMatching(/^[a-z/]{0,20}$/), fc.constant("long/".repeat(80))),
  id: fc.integer({ min: 1, max: 65_535 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 250, max: 20_000 }).map((n) => new Uint8Array(n).fill(0x30)),
  ),
});

function bytesOf({ qos, retain, topic, id, payload }: Packet): Uint8Array {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    Buffer.from(qos === 0 ? [] : [id >> 8, id & 0xff]),
    payload,
  ]);
  return concat(Uint8Array.of(0x30 | (qos << 1) | (retain ? 1 : 0)), lengthOf(body.length), body);
}

/** What the parser behind the gate should see. */
function passed(one: Packet): Uint8Array {
  const bytes = bytesOf(one);
  const remaining = 2 + one.topic.length + 2 * one.qos + one.payload.length;
  return remaining <= REMAINING_MAX
    ? bytes
    : bytesOf({ ...one, topic: OVERSIZE_TOPIC, payload: new Uint8Array(0) });
}

function pushCut(gate: PacketGate, bytes: Uint8Array, cuts: readonly number[]): Uint8Array {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...at, bytes.length];
  return concat(...edges.slice(1).map((edge, i) => gate.push(bytes.subarray(edges[i], edge))));
}

describe("packet gate", () => {
  it("passes what is short, and puts an empty message with the same id in place of what is long, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (packets, cuts) => {
          const out = pushCut(
            new PacketGate(REMAINING_MAX, "replace"),
            concat(...packets.map(bytesOf)),
            cuts,
          );
          expect(toHex(out)).toBe(toHex(concat(...packets.map(passed))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is the same when fed byte by byte", () => {
    const packets: Packet[] = [
      { qos: 1, retain: false, topic: "a/b", id: 7, payload: new Uint8Array(500) },
      { qos: 0, retain: true, topic: "", id: 1, payload: new Uint8Array(299) },
      { qos: 0, retain: false, topic: "c", id: 1, payload: Uint8Array.of(1) },
    ];
    const bytes = concat(...packets.map(bytesOf));
    const gate = new PacketGate(REMAINING_MAX, "replace");
    const out = concat(...Array.from(bytes, (byte) => gate.push(Uint8Array.of(byte))));
    expect(toHex(out)).toBe(toHex(concat(...packets.map(passed))));
  });

  it("throws for a long packet where it may refuse, and for one that is no PUBLISH anywhere", () => {
    const long = bytesOf({
      qos: 1,
      retain: false,
      topic: "t",
      id: 1,
      payload: new Uint8Array(REMAINING_MAX),
    });
    expect(() => new PacketGate(REMAINING_MAX, "refuse").push(long)).toThrow(/at most 300/);
    const suback = concat(Uint8Array.of(0x90), lengthOf(301), new Uint8Array(301));
    expect(() => new PacketGate(REMAINING_MAX, "replace").push(suback)).toThrow(/at most 300/);
    const just = concat(Uint8Array.of(0x90), lengthOf(300), new Uint8Array(300));
    expect(new PacketGate(REMAINING_MAX, "refuse").push(just)).toEqual(just);
  });

  it("throws for a length of more than four bytes, and for a long PUBLISH without room for its id", () => {
    const gate = new PacketGate(REMAINING_MAX, "replace");
    expect(() => gate.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01))).toThrow(/malformed/);
    const noId = concat(Uint8Array.of(0x32), lengthOf(301), Uint8Array.of(0xff, 0xff), new Uint8Array(299));
    expect(() => new PacketGate(REMAINING_MAX, "replace").push(noId)).toThrow(/packet id/);
  });

  it("never throws anything but an Error, and keeps no more than a header and an id, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          expect(new PacketGate(REMAINING_MAX, "replace").push(bytes).length).toBeLessThanOrEqual(
            bytes.length + 20,
          );
        } catch (error) {
          expect((error as Error).message).toMatch(/malformed|at most|packet id/);
        }
      }),
    );
  });
});
