/** What the own radio may be used for: silence for certain, leakage under the mask, duty cycles kept (PROTOCOL §6). */
import { equalBytes } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { dutyCyclesKept, dutyCyclesOf } from "../commodity/duty-cycle.ts";
import { emissionFits } from "../commodity/leakage.ts";
import type { MaskPoint } from "../record/kinds/schema.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block, DutyCycle } from "../record/spectrum-fields.ts";
import type { Lease } from "../settlement/lease.ts";
import { lookUp } from "./agent.ts";
import type { AgentConfig } from "./config.ts";
import { pairPolicy } from "./policies.ts";
import type { Turn } from "./turn.ts";

/** Before an acceptance: it must be possible to emit in `block`, and nothing else may need the radio meanwhile. */
export function radioGates(turn: Turn, offer: RecordOf<"offer">, block: Block): readonly Rejection[] {
  const { agent } = turn;
  const schema = lookUp(agent, offer.body.schema);
  const mask = schema?.kind === "schema" ? schema.body.mask : [];
  const policy = pairPolicy(turn, offer);
  const dutyCycles = policy === null ? [] : dutyCyclesOf(policy, block);
  return unfit(agent.config, block, { mask, dutyCycles });
}

/** Before RF: the radio may be another one than it was at the acceptance, and an insisted acceptance passed no gate. */
export function armGates({ agent }: Turn, { offer, derived, documents }: Lease): readonly Rejection[] {
  const schema = documents.find((each) => equalBytes(each.id, offer.body.schema));
  const { block, terms } = derived.artifact;
  const mask = schema?.kind === "schema" ? schema.body.mask : [];
  return unfit(agent.config, block, { mask, dutyCycles: terms.dutyCycles });
}

/**
 * A report of silence is worth a record: on the bench any driver's, elsewhere only of one that switches the transmitter
 * and has somebody who mutes it when this process cannot (PROTOCOL §6 The guard).
 */
export function mutesForCertain({ radio, production }: AgentConfig): boolean {
  return !production || radio === null || (radio.controls === "transmitter" && radio.deadman !== "none");
}

type Required = { readonly mask: readonly MaskPoint[]; readonly dutyCycles: readonly DutyCycle[] };

function unfit(config: AgentConfig, block: Block, { mask, dutyCycles }: Required): readonly Rejection[] {
  const { radio, production } = config;
  if (radio === null) return [];
  const { controls, deadman } = radio;
  const found: Rejection[] = [...dutyCyclesKept(radio.dutyCycles ?? "none", dutyCycles)];
  if (!mutesForCertain(config)) {
    const required = { controls: "transmitter", deadman: "device or guard" };
    found.push(rejection("mute-uncertain", "radio", { controls, deadman }, required));
  }
  // Where nobody knows what leaks, the bench goes on; production does not.
  const fits = emissionFits(radio.spectrum ?? null, block, mask);
  return [...found, ...fits.filter(({ code }) => production || code !== "leakage-undeclared")];
}
