/** Opens the sealed fields of a record with the openings that travel beside it (PROTOCOL §1 Sealed fields). */
import type { Sha256 } from "../base/primitives.ts";
import type { Opening } from "../wire/envelope.ts";
import type { Header } from "./header.ts";
import type { Acceptance } from "./kinds/acceptance.ts";
import { type Credential, identifiers } from "./kinds/credential.ts";
import { type Offer, priceTerms } from "./kinds/offer.ts";
import type { Settlement } from "./kinds/settlement.ts";
import type { Bodies, KindName } from "./kinds.ts";
import { open } from "./sealed.ts";
import { placeEvidence } from "./shared-fields.ts";

export function openHeader(head: Header, openings: readonly Opening[], sha256: Sha256): Header {
  if (head.place === null || openings.length === 0) return head;
  return { ...head, place: open(placeEvidence, head.place, openings, sha256) };
}

export function openBody(
  kind: KindName,
  body: Bodies[KindName],
  openings: readonly Opening[],
  sha256: Sha256,
): Bodies[KindName] {
  if (openings.length === 0) return body;
  switch (kind) {
    case "offer": {
      const offer = body as Offer;
      return { ...offer, price: open(priceTerms, offer.price, openings, sha256) };
    }
    case "acceptance": {
      const acceptance = body as Acceptance;
      return { ...acceptance, price: open(priceTerms, acceptance.price, openings, sha256) };
    }
    case "credential": {
      const credential = body as Credential;
      return { ...credential, identifiers: open(identifiers, credential.identifiers, openings, sha256) };
    }
    case "settlement": {
      const settlement = body as Settlement;
      const { context } = settlement;
      const holderPlace = open(placeEvidence, context.holderPlace, openings, sha256);
      const opened = open(identifiers, settlement.identifiers, openings, sha256);
      return { ...settlement, context: { ...context, holderPlace }, identifiers: opened };
    }
    default:
      return body;
  }
}
