/** Nobody settles with somebody of another root but inside what its own root recognises of that one (PROTOCOL §6 C). */
import { toHex } from "../../core/base/bytes.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Block } from "../../core/record/spectrum-fields.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function recognitionInvariants({ ledger, register }: Watched): readonly Invariant[] {
  const name = "settled-only-where-recognised";

  function standsFor(record: RecordOf<"settlement">, block: Block, by: string, root: string): boolean {
    const { interval, snapshots, recognitions } = record.body.context;
    // A root may list whatever it likes: only of its own does it say that it has fallen.
    const own = snapshots.map(toHex).filter((id) => register.issuerOf(id) === by);
    const listed = own.map((id) => register.listedIn(id) ?? new Set<string>());
    return recognitions.map(toHex).some((id) => {
      const found = register.recognitionOf(id);
      if (found === null || listed.some((ids) => ids.has(id))) return false;
      const { root: of, scope, fromUs, untilUs } = found.body;
      const isOfBoth = toHex(found.header.lineage) === by && toHex(of) === root;
      const isInForce = fromUs <= interval.earliestUs && interval.latestUs < untilUs;
      return isOfBoth && isInForce && scope.some((box) => isWithin(block, box));
    });
  }

  const recognised: Invariant = {
    name,
    appended(host, record) {
      if (record.kind !== "settlement") return;
      const pair = ledger.pairOf(record.body.acceptance);
      const holder = register.rootOf(ledger.offered(record.body.offer)?.link ?? "");
      const consumer = register.rootOf(pair?.credentials[0] ?? "");
      if (pair === null || holder === null || consumer === null || holder === consumer) return;
      // Each side answers for its own root: a holder need not have heard what the consumer's root says of its own, since the
      // consumer judges that before it countersigns.
      const [by, root] = host === pair.consumer ? [consumer, holder] : [holder, consumer];
      if (standsFor(record, pair.block, by, root)) return;
      const text = `${host} settled across two roots outside of what its own recognises of the other`;
      throw new InvariantBroken(name, text, [toHex(record.id)]);
    },
  };
  return [recognised];
}

function isWithin(block: Block, box: Pick<Block, "lowerHz" | "upperHz" | "fromUs" | "untilUs">): boolean {
  const isInBand = box.lowerHz <= block.lowerHz && block.upperHz <= box.upperHz;
  return isInBand && box.fromUs <= block.fromUs && block.untilUs <= box.untilUs;
}
