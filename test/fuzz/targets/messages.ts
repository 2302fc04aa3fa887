/** One message of each kind that two agents send, and each record that stands in their folders: good inputs. */
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import { type AnyRecord, writePayload } from "../../../src/core/record/record.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { placeEvidence } from "../../../src/core/record/shared-fields.ts";
import type { Envelope } from "../../../src/core/wire/envelope.ts";
import { writeWant } from "../../../src/core/wire/want.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

/** A lease stands and its consumer transmits; another one was given up, and a second consumer was refused. */
export function eventfulScene(): Scene {
  const scene = twoAgents({ consumers: [{}, {}] });
  const [one, two] = scene.consumers as [Host, Host];
  const lease = scene.settle({}, one);
  scene.accept(two, lease.offer);
  scene.run(7 * SECOND_US);
  one.command({ verb: "relinquish", artifact: lease.derived.id });
  scene.run(2 * SECOND_US);
  scene.settle({}, one);
  return scene;
}

/** The last of each kind. */
export function recordsOf(scene: Scene): ReadonlyMap<string, AnyRecord> {
  const found = new Map<string, AnyRecord>();
  for (const record of scene.authority.root.records) found.set(record.kind, record);
  for (const { record } of scene.carried) if (record !== null) found.set(record.kind, record);
  for (const { effect } of scene.hosts.flatMap((host) => host.trace)) {
    if (effect.kind === "note" && effect.event.what === "record")
      found.set(effect.event.record.kind, effect.event.record);
  }
  return found;
}

export function messagesOf(scene: Scene): readonly Uint8Array[] {
  const { id } = scene.authority.policy;
  const want = writeWant({ lineage: scene.consumer.lineage.inception.header.lineage, ids: [id] });
  const packed = [...recordsOf(scene).values()].map(({ envelope }) => packEnvelope(envelope));
  return [...packed, packEnvelope(sealedOffer(scene)), want];
}

/** An offer whose price and place are sealed, with both openings. Its signature is that of the offer in clear. */
function sealedOffer(scene: Scene): Envelope {
  const { sha256 } = scene.scheme.primitives;
  const offer = recordsOf(scene).get("offer");
  if (offer?.kind !== "offer" || offer.header.place?.value == null || offer.body.price.value === null)
    throw new Error("a scene has an offer with place and price in clear");
  const place = seal(placeEvidence, offer.header.place.value, new Uint8Array(16).fill(1), sha256);
  const price = seal(priceTerms, offer.body.price.value, new Uint8Array(16).fill(2), sha256);
  const payload = writePayload(
    "offer",
    { ...offer.header, place: place.sealed },
    { ...offer.body, price: price.sealed },
  );
  return { ...offer.envelope, payload, openings: [place.opening, price.opening] };
}
