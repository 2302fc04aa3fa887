/** Both sides' gate on what the consumer would hold at one time, by its own statement (PROTOCOL §7 Holdings). */
import type { Rejection } from "../base/rejection.ts";
import { bodyOf } from "../pairing/bodies.ts";
import type { RecordOf } from "../record/record.ts";
import { ceilingFindings } from "../settlement/holdings.ts";
import { bodiesOf } from "./documents.ts";
import { pairPolicy } from "./policies.ts";
import type { Turn } from "./turn.ts";

/** `holdings-ceiling` for each ceiling that the acceptance would go above. */
export function ceilingGate(
  turn: Turn,
  offer: RecordOf<"offer">,
  { header, body }: RecordOf<"acceptance">,
): readonly Rejection[] {
  const policy = pairPolicy(turn, offer);
  if (policy === null) return [];
  const own =
    header.credential === null ? undefined : bodyOf(bodiesOf(turn.agent), "credential", header.credential);
  const { block, holdings } = body;
  const { leaseClass } = offer.body;
  return ceilingFindings({
    block,
    leaseClass,
    holdings,
    holdingsMaxHz: own?.body.holdingsMaxHz ?? null,
    policy,
  });
}
