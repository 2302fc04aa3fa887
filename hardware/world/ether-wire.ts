/** What a device and the world process say to one another: JSON lines, each request with an id that its answer repeats. */
import { dutyCyclesFrom } from "../../src/core/commodity/duty-cycle.ts";
import { EMITTER_NAME, type EtherAttachment, type EtherEmission, type EtherState } from "./ether.ts";
import { HEX_32, integerField, type LineFields, objectField, textField, WORD } from "./ether-lines.ts";

const ETHER_WIRE_VERSION = 1;

/** Requests that one connection may have unanswered. */
export const ETHER_PENDING_MAX = 32;

export type EtherRequest =
  | { readonly id: number; readonly do: "attach"; readonly attachment: EtherAttachment }
  | { readonly id: number; readonly do: "on"; readonly emission: EtherEmission }
  | { readonly id: number; readonly do: "off"; readonly reason: string }
  | { readonly id: number; readonly do: "feed" }
  | { readonly id: number; readonly do: "state" };

/** Why the world refused: a code of the ether's PortErrors, or `malformed`. */
export type EtherRefusal = { readonly code: string; readonly message: string };

export function etherRequestFields(request: EtherRequest): LineFields {
  return request.do === "attach" ? { version: ETHER_WIRE_VERSION, ...request } : request;
}

/** The request in `fields`, or null when it is malformed or of another version. */
export function etherRequest(fields: LineFields): EtherRequest | null {
  const id = integerField(fields, "id");
  if (id === null) return null;
  switch (fields["do"]) {
    case "attach": {
      const attachment = etherAttachment(objectField(fields, "attachment"));
      const known = fields["version"] === ETHER_WIRE_VERSION;
      return attachment === null || !known ? null : { id, do: "attach", attachment };
    }
    case "on": {
      const emission = etherEmission(objectField(fields, "emission"));
      return emission === null ? null : { id, do: "on", emission };
    }
    case "off": {
      const reason = textField(fields, "reason", WORD);
      return reason === null ? null : { id, do: "off", reason };
    }
    case "feed":
    case "state":
      return { id, do: fields["do"] };
    default:
      return null;
  }
}

export function etherAnswerFields(id: number, answer: EtherState | EtherRefusal): LineFields {
  return "code" in answer ? { id, refused: answer } : { id, state: answer };
}

/** The answer in `fields`, or null when it is malformed. */
export function etherAnswer(fields: LineFields): { id: number; answer: EtherState | EtherRefusal } | null {
  const id = integerField(fields, "id");
  if (id === null) return null;
  const refused = objectField(fields, "refused");
  if (refused !== null) {
    const code = textField(refused, "code", WORD);
    const message = textField(refused, "message", /^.{0,500}$/);
    return code === null || message === null ? null : { id, answer: { code, message } };
  }
  const state = objectField(fields, "state");
  const sinceBootUs = state === null ? null : integerField(state, "sinceBootUs");
  if (state === null || sinceBootUs === null) return null;
  const on = etherEmission(objectField(state, "on"));
  return on === null && state["on"] !== null ? null : { id, answer: { on, sinceBootUs } };
}

function etherAttachment(fields: LineFields | null): EtherAttachment | null {
  if (fields === null) return null;
  const emitter = textField(fields, "emitter", EMITTER_NAME);
  const feedPeriodUs = integerField(fields, "feedPeriodUs", 1000);
  if (emitter === null || (feedPeriodUs === null && fields["feedPeriodUs"] !== null)) return null;
  return { emitter, feedPeriodUs };
}

function etherEmission(fields: LineFields | null): EtherEmission | null {
  if (fields === null) return null;
  const lowerHz = integerField(fields, "lowerHz");
  const upperHz = integerField(fields, "upperHz");
  const eirpCentiDbm = integerField(fields, "eirpCentiDbm", -100_000, 100_000);
  const lease = textField(fields, "lease", HEX_32);
  const cause = textField(fields, "cause", HEX_32);
  const dutyCycles = dutyCyclesFrom(fields["dutyCycles"] ?? []);
  if (lowerHz === null || upperHz === null || eirpCentiDbm === null || dutyCycles === null) return null;
  const emission = { lowerHz, upperHz, eirpCentiDbm, dutyCycles };
  return lease === null || cause === null ? null : { ...emission, lease, cause };
}
