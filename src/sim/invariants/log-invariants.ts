/** One log, one history: positions follow, nothing acknowledged is lost, no position is used twice (PROTOCOL §2). */
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

type Head = { readonly seq: number; readonly id: string };

export function logInvariants(watched: Watched): readonly Invariant[] {
  const heads = new Map<string, Head>();

  const following: Invariant = {
    name: "log-follows",
    appended(host, record) {
      const { seq, previous } = record.header;
      const head = heads.get(host);
      if (head !== undefined && !watched.isExempt(host, "disk")) {
        if (seq !== head.seq + 1 || toHex(previous) !== head.id)
          throw broken(following.name, host, head, record);
      }
      heads.set(host, { seq, id: toHex(record.id) });
    },
  };

  const kept: Invariant = {
    name: "nothing-acknowledged-is-lost",
    reread(host, records) {
      const head = heads.get(host);
      if (head === undefined || watched.isExempt(host, "disk")) return;
      const found = records[head.seq];
      if (found !== undefined && toHex(found.id) === head.id) return;
      const what = found === undefined ? `${records.length} records` : `another record ${head.seq}`;
      const text = `${host}'s log has ${what}; ${head.seq + 1} were acknowledged`;
      throw new InvariantBroken(kept.name, text, [head.id]);
    },
  };
  return [following, kept];
}

function broken(name: string, host: string, head: Head, record: AnyRecord): InvariantBroken {
  const { seq } = record.header;
  const text = `${host} appended ${record.kind} at ${seq} after ${head.seq}`;
  return new InvariantBroken(name, text, [head.id, toHex(record.id)]);
}
