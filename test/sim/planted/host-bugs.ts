/** Mistakes where the agent meets disk, key, counter and radio, written from the protocol and the agent alone. */
import type { PlantedBug } from "./planted-bug.ts";

export const hostBugs: readonly PlantedBug[] = [
  {
    name: "flush-skipped",
    by: ["nothing-acknowledged-is-lost"],
    promise: "§2 Order: `appended` comes only when the record is on the device",
    file: "src/adapters/store/end-file.ts",
    find: "await file.writeFlushed(offset, bytes);",
    replace: "await file.writeAt(offset, bytes);",
  },
  {
    name: "append-not-awaited",
    by: ["nothing-acknowledged-is-lost", "published-only-durable"],
    promise: "§2 Order: signed, then appended and flushed, and only then published",
    file: "src/agent/append-queue.ts",
    find: "    await store.append(batch.flatMap((each) => framesOf(each, pack)));",
    replace:
      '    store.append(batch.flatMap((each) => framesOf(each, pack))).catch((error: PortError) => onTrouble("store", error));',
  },
  {
    name: "high-s-accepted",
    by: ["stored-signatures-are-low"],
    promise: "§1 Suites: ES256 with low-S required",
    file: "src/adapters/signatures/node-signatures.ts",
    find: "if (signature.length !== ES256_SIGNATURE_BYTES || (rule.lowS && !isLowS(signature))) return false;",
    replace: "if (signature.length !== ES256_SIGNATURE_BYTES) return false;",
  },
  {
    name: "mark-after-cut",
    by: ["quarantine-in-full"],
    calm: true,
    promise: "§2 Quarantine: its mark is flushed before a tail is cut",
    file: "src/agent/open-log.ts",
    find: `  await store.writeMark(QUARANTINE_MARK, markOf(state.nextSeq, cut));
  await store.cutTail();`,
    replace: `  await store.cutTail();
  await store.writeMark(QUARANTINE_MARK, markOf(state.nextSeq, cut));`,
  },
  {
    name: "quarantine-not-anew",
    by: ["quarantine-in-full"],
    calm: true,
    promise: "§2 Quarantine: it starts anew, in full, at every start until its end is durable",
    file: "src/agent/open-log.ts",
    find: `  await cutUnclean(store, before);
  const standing = await standingMark(store, before.state.quarantineEndSeq);`,
    replace: `  const cut = await cutUnclean(store, before);
  const standing = cut === null ? null : await standingMark(store, before.state.quarantineEndSeq);`,
  },
  {
    name: "rollback-not-noticed",
    by: ["large-loss-is-quarantined"],
    unfound:
      "a backup is put back, but a host of so short a world writes one checkpoint, and no copy of its log is behind the counter",
    promise: "§2: a TPM counter ahead of the last checkpoint is a rollback, and quarantines",
    file: "src/core/agent/step.ts",
    find: "else if (input.tpmCounter !== named) {",
    replace: "else if (input.tpmCounter < named) {",
  },
  {
    name: "guard-without-deadline-wake",
    by: ["silent-by-transmit-expiry"],
    unfound:
      "covered: feeding the device wakes the guard five times a feed period, which lies within the latency that it declares",
    promise: "§6 The guard: it mutes on its deadline, whoever else is silent",
    file: "hardware/radio/guard/guard-state.ts",
    find: "    wakes.push(standing.deadlineBootUs);\n",
    replace: "",
  },
];
