/** The hand of a dishonest owner: it signs whatever it wants with its own key, at any position of its lineage. */
import { signedInception } from "../../agent/identity.ts";
import type { OwnKey } from "../../core/agent/config.ts";
import { put } from "../../core/agent/known.ts";
import { toHex } from "../../core/base/bytes.ts";
import { RULES_VERSION } from "../../core/pairing/rules-versions.ts";
import type { Header } from "../../core/record/header.ts";
import { keyId } from "../../core/record/identity.ts";
import type { Bodies, KindName } from "../../core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../../core/record/record.ts";
import { clear } from "../../core/record/sealed.ts";
import { recordId, signedBytes } from "../../core/wire/envelope.ts";
import type { SimWorld } from "../drivers.ts";
import { WORLD_BEGAN_US } from "../host-clock.ts";
import type { Timeline } from "../timeline.ts";

export type Pen = {
  readonly key: OwnKey;
  readonly lineage: Uint8Array;
  readonly inception: RecordOf<"key-event">;
  /** By hex id: the latest of what it signed. */
  readonly written: ReadonlyMap<string, AnyRecord>;
  /** True UTC. */
  utcUs(): number;
  /** `again`: at the position of the last record, beside it: an equivocation. One at a time. */
  write<K extends KindName>(kind: K, body: Bodies[K], again?: boolean): Promise<RecordOf<K>>;
};

export type PenParts = {
  readonly name: string;
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly policy: Uint8Array;
  /** Its last link; null before it has one, and for who has none. */
  readonly credential: () => Uint8Array | null;
};

/** Half of the interval that it states: as honest agents without a pulse per second do. */
const TIME_ERROR_US = 510_000;
const WRITTEN_MAX = 1_024;
const PLACE_ERROR_MM = 2_000;
const HEIGHT_MM = 35_000;

export async function newPen({ name, world, timeline, policy, credential }: PenParts): Promise<Pen> {
  const { primitives } = world;
  const signer = world.signer(name);
  const key: OwnKey = { suite: signer.suite, publicKey: signer.publicKey, akName: null, tier: "software" };
  const inception = await signedInception({
    signer,
    primitives,
    entropy: world.entropy(name),
    owner: name,
    key,
  });
  const written = new Map<string, AnyRecord>([[toHex(inception.id), inception]]);
  let [previous, last]: readonly [AnyRecord, AnyRecord] = [inception, inception];

  const utcUs = (): number => WORLD_BEGAN_US + timeline.nowUs();

  function header(before: AnyRecord): Header {
    const nowUs = utcUs();
    const [corner] = world.square(1);
    return {
      ...inception.header,
      seq: before.header.seq + 1,
      previous: before.id,
      credential: credential(),
      policy,
      rulesVersion: RULES_VERSION,
      time: {
        earliestUs: nowUs - TIME_ERROR_US,
        latestUs: nowUs + TIME_ERROR_US,
        assurance: "simulated",
        ageUs: 0,
      },
      place: clear({
        latE7: corner?.latE7 ?? 0,
        lonE7: corner?.lonE7 ?? 0,
        heightMm: HEIGHT_MM,
        horizontalErrorMm: PLACE_ERROR_MM,
        verticalErrorMm: PLACE_ERROR_MM,
        assurance: "simulated",
        ageUs: 0,
      }),
    };
  }

  return {
    key,
    lineage: inception.header.lineage,
    inception,
    written,
    utcUs,
    async write(kind, body, again = false) {
      const before = again ? previous : last;
      const head = header(before);
      const payload = writePayload(kind, head, body);
      const id = recordId(kind, payload, primitives.sha256);
      const signature = await signer.sign(signedBytes(kind, payload));
      const signatures = [{ keyId: keyId(key.suite, key.publicKey, primitives.sha256), signature }];
      const record = { kind, id, header: head, body, envelope: { kind, payload, signatures, openings: [] } };
      put(written, toHex(id), record as unknown as AnyRecord, WRITTEN_MAX);
      [previous, last] = [before, record as unknown as AnyRecord];
      return record;
    },
  };
}
