/**
 * The peer of `settle`: one script that does what a settlement cannot do without (signatures verified, hashes,
 * windows, one record packed and signed) on the very bytes that the product takes, without kinds, findings or queue.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { Packr } from "msgpackr";

/** Records as msgpackr reads them: arrays by position (`src/core/record/kinds` says what stands where). */
type Span = readonly [earliestUs: number, latestUs: number, assurance: string, ageUs: number];
type Place = readonly [latE7: number, lonE7: number, heightMm: number, acrossMm: number, upMm: number];
type Vertex = readonly [latE7: number, lonE7: number];
type Price = readonly [form: string, microUnits: number, currency: string];
type Limit = readonly [centiDbm: number, referenceHz: number, measure: string, detector: string];
type Box = readonly [
  lower: number,
  upper: number,
  area: readonly Vertex[],
  from: number,
  until: number,
  limits: readonly Limit[],
];
type Head = [
  lineage: Buffer,
  epoch: number,
  seq: number,
  previous: Buffer,
  signerKey: Buffer,
  suite: number,
  credential: Buffer,
  attestation: Buffer | null,
  policy: Buffer,
  rulesVersion: number,
  time: Span,
  place: Place,
];
type Offer = readonly [
  Buffer,
  resource: string,
  block: Box,
  unknown,
  price: Price,
  unknown,
  unknown,
  challenge: Buffer,
  unknown,
  unknown,
  endUs: number,
];
type Acceptance = readonly [
  offer: Buffer,
  resource: string,
  block: Box,
  price: Price,
  number,
  answers: readonly Buffer[],
  number,
  number,
  number,
  string,
  number,
  unknown,
  nonce: Buffer,
];
type Link = readonly [
  subject: Buffer,
  Buffer,
  string,
  verbs: readonly string[],
  unknown,
  scope: readonly Box[],
  from: number,
  until: number,
  unknown,
  string,
  number,
  depth: number,
  parent: Buffer | null,
];
type Policy = readonly [string, number, number | null, windowMm: number, windowUs: number];
type Snapshot = readonly [number, Buffer, number, revoked: readonly Buffer[]];
type Settlement = readonly [offer: Buffer, acceptance: Buffer];
type KeyEvent = readonly [string, point: Buffer];
type Heard<Body = unknown> = {
  readonly kind: string;
  readonly id: Buffer;
  readonly payload: Buffer;
  readonly head: Head;
  readonly body: Body;
};
type Pair = {
  readonly offer: Heard<Offer>;
  readonly acceptance: Heard<Acceptance>;
  readonly links: readonly Heard<Link>[];
};

export type StraightLine = {
  /** Any record: parsed, verified, kept. */
  learn(bytes: Uint8Array): void;
  /** Kept without verifying: one's own. */
  keep(bytes: Uint8Array): void;
  /** An acceptance of an offer that is kept: the signed settlement. Throws where the pair does not fit. */
  settle(acceptance: Uint8Array): Uint8Array;
  /** The other side: a settlement of a pair that is kept: the countersignature, and the first request for RF. */
  countersign(settlement: Uint8Array): readonly [Uint8Array, Uint8Array];
};

const DOMAIN = Buffer.from("spectrum-agent/1\0");
const HANDSHAKE = Buffer.from("sa/handshake/1");
const LEAF = Buffer.of(0);
const ARTIFACT = Buffer.of(4);
const MM_PER_E7 = 11.132;
const RADIANS_PER_E7 = Math.PI / 1.8e9;

export function straightLine(key: KeyObject): StraightLine {
  const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType: "number" });
  const keys = new Map<string, KeyObject>();
  const kept = new Map<string, Heard>();
  const snapshots = new Map<string, Heard<Snapshot>>();
  const taken: Box[] = [];
  let previous: Buffer = Buffer.alloc(32);
  let seq = 1;

  function read(bytes: Uint8Array, isChecked: boolean): Heard {
    const [, kind, payload, signatures]: [number, string, Buffer, [Buffer, Buffer][]] = packr.unpack(
      asBuffer(bytes),
    );
    const [head, body]: [Head, unknown] = packr.unpack(payload);
    const message = signedBytes(kind, payload);
    const heard = { kind, id: sha256(LEAF, message), payload, head, body };
    if (kind === "key-event") keys.set(nameOf(head[0]), imported((body as KeyEvent)[1]));
    const author = keys.get(nameOf(head[0]));
    const signature = signatures[0]?.[1];
    if (!isChecked) return heard;
    must(author !== undefined && signature !== undefined, "author");
    must(verify("sha256", message, { key: author, dsaEncoding: "ieee-p1363" }, signature), "signature");
    return heard;
  }

  function keep(heard: Heard): void {
    kept.set(nameOf(heard.id), heard);
    if (heard.kind === "status-snapshot") snapshots.set(nameOf(heard.head[0]), heard as Heard<Snapshot>);
  }

  function found<Body>(id: Buffer): Heard<Body> {
    const heard = kept.get(nameOf(id));
    must(heard !== undefined, "a record that was heard");
    return heard as Heard<Body>;
  }

  function pairOf(acceptance: Heard<Acceptance>): Pair {
    const offer = found<Offer>(acceptance.body[0]);
    const policy = found<Policy>(offer.head[8]);
    must(offer.head[8].equals(acceptance.head[8]), "policy");
    const [from, to] = [offer.head[10], acceptance.head[10]];
    must(
      Math.max(from[1] - to[0], to[1] - from[0]) <= policy.body[4] && to[1] <= offer.body[10],
      "temporal window",
    );
    must(distanceMm(offer.head[11], acceptance.head[11]) <= policy.body[3], "spatial window");
    must(contains(acceptance.body[2][2], acceptance.head[11]), "area");
    must(offer.body[1] === acceptance.body[1] && inside(acceptance.body[2], offer.body[2]), "block");
    must(offer.body[4][1] === acceptance.body[3][1] && offer.body[4][2] === acceptance.body[3][2], "price");
    const { head, body } = acceptance;
    const answer = sha256(HANDSHAKE, offer.body[7], offer.id, head[0], body[12]);
    must(body[5][1]?.equals(answer) === true, "handshake");
    const sold = entitled(offer, offer.body[2], "allocate", to[1]);
    return { offer, acceptance, links: [...sold, ...entitled(acceptance, body[2], "acquire", to[1])] };
  }

  /** The chain of one side: its author's, narrower link by link, valid now, not revoked, around the block. */
  function entitled({ head }: Heard, block: Box, verb: string, nowUs: number): Heard<Link>[] {
    const links: Heard<Link>[] = [];
    for (let next: Buffer | null = head[6]; next !== null; ) {
      const link: Heard<Link> = found<Link>(next);
      const child = links.at(-1);
      links.push(link);
      next = link.body[12];
      must(link.body[6] <= nowUs && nowUs < link.body[7] && links.length <= 5, "validity");
      const snapshot = snapshots.get(nameOf(link.head[0]));
      must(snapshot?.body[3].every((revoked) => !revoked.equals(link.id)) === true, "snapshot");
      if (child === undefined) continue;
      must(link.body[0].equals(child.head[0]) && link.body[11] > child.body[11], "issuer");
      must(insideOne(child.body[5][0], link.body[5]), "narrower");
    }
    must(links[0]?.body[0].equals(head[0]) === true && links[0].body[3].includes(verb), "entitled");
    must(insideOne(block, links[0].body[5]), "scope");
    return links;
  }

  function artifactOf({ offer, acceptance, links }: Pair): readonly [context: unknown, artifact: Buffer] {
    const { body } = acceptance;
    const context = [acceptance.head[10], offer.head[11], links.map(({ id }) => id), offer.head[8]];
    const whole = [1, offer.payload, acceptance.payload, context, body[2], body[3], body[6], body[7]];
    return [context, sha256(ARTIFACT, packr.pack(whole))];
  }

  function write(kind: string, like: Heard, body: unknown): Uint8Array {
    const head = [...like.head];
    head[2] = seq++;
    head[3] = previous;
    const payload = Buffer.from(packr.pack([head, body]));
    const message = signedBytes(kind, payload);
    previous = sha256(LEAF, message);
    const signature = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
    return Uint8Array.from(packr.pack([1, kind, payload, [[head[4], signature]], []]));
  }

  return {
    learn: (bytes) => keep(read(bytes, true)),
    keep: (bytes) => keep(read(bytes, false)),
    settle(bytes) {
      const acceptance = read(bytes, true) as Heard<Acceptance>;
      const pair = pairOf(acceptance);
      const block = acceptance.body[2];
      must(!taken.some((each) => collides(block, each)), "book");
      taken.push(block);
      return write("settlement", pair.offer, [pair.offer.id, acceptance.id, ...artifactOf(pair)]);
    },
    countersign(bytes) {
      const holders = read(bytes, true) as Heard<Settlement>;
      const acceptance = found<Acceptance>(holders.body[1]);
      const pair = pairOf(acceptance);
      const [context, artifact] = artifactOf(pair);
      const own = write("settlement", acceptance, [pair.offer.id, acceptance.id, context, artifact]);
      const request = [artifact, randomBytes(16), randomBytes(16), seq, holders.id, null];
      return [own, write("renewal-request", acceptance, request)];
    },
  };
}

function must(held: boolean, what: string): asserts held {
  if (!held) throw new Error(`the straight line does not settle: ${what}`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function nameOf(bytes: Buffer): string {
  return bytes.toString("latin1");
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function signedBytes(kind: string, payload: Buffer): Buffer {
  const out = Buffer.allocUnsafe(DOMAIN.length + 8 + kind.length + payload.length);
  DOMAIN.copy(out);
  out.writeUInt32BE(kind.length, DOMAIN.length);
  out.write(kind, DOMAIN.length + 4, "latin1");
  out.writeUInt32BE(payload.length, DOMAIN.length + 4 + kind.length);
  payload.copy(out, DOMAIN.length + 8 + kind.length);
  return out;
}

function imported(point: Buffer): KeyObject {
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
}

/** Flat earth and doubles; the errors of both sides count against the window. */
function distanceMm(a: Place, b: Place): number {
  const east = (a[1] - b[1]) * MM_PER_E7 * Math.cos(a[0] * RADIANS_PER_E7);
  const apart = Math.hypot((a[0] - b[0]) * MM_PER_E7, east, a[2] - b[2]);
  return apart + Math.hypot(a[3], a[4]) + Math.hypot(b[3], b[4]);
}

function insideOne(inner: Box | undefined, outer: readonly Box[]): boolean {
  return inner !== undefined && outer.some((each) => inside(inner, each));
}

function inside(inner: Box, outer: Box): boolean {
  return (
    inner[0] >= outer[0] &&
    inner[1] <= outer[1] &&
    inner[3] >= outer[3] &&
    inner[4] <= outer[4] &&
    inner[2].every((vertex) => contains(outer[2], vertex)) &&
    inner[5].every((limit, i) => limit[0] <= (outer[5][i]?.[0] ?? 0))
  );
}

function collides(a: Box, b: Box): boolean {
  return a[0] < b[1] && b[0] < a[1] && a[3] < b[4] && b[3] < a[4];
}

/** Crossing number; a point on an edge counts as inside. */
function contains(ring: readonly Vertex[], [lat, lon]: readonly [number, number, ...unknown[]]): boolean {
  let isOdd = false;
  let [latB, lonB] = ring[ring.length - 1] ?? [0, 0];
  for (const [latA, lonA] of ring) {
    const side = (lonB - lonA) * (lat - latA) - (latB - latA) * (lon - lonA);
    if (side === 0 && (lat - latA) * (lat - latB) <= 0 && (lon - lonA) * (lon - lonB) <= 0) return true;
    if (latA > lat !== latB > lat && lon < ((lonB - lonA) * (lat - latA)) / (latB - latA) + lonA)
      isOdd = !isOdd;
    [latB, lonB] = [latA, lonA];
  }
  return isOdd;
}
