/** The guard's socket both ways (hardware/radio/guard): lines into fields, fields into requests and messages. */
import { lineReader, writeLine } from "../../../hardware/radio/guard/guard-lines.ts";
import { guardMessage, guardRequest, guardRequestFields } from "../../../hardware/radio/guard/guard-wire.ts";
import { jsonLineMutator } from "../json-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { linesOfText, sameInPieces } from "./streams.ts";

/** The same lines however they are cut; what is read is written and read as the same; RF is asked for in bounds only. */
export function guardTarget(read: typeof guardRequest = guardRequest): Target {
  return {
    name: "guard",
    seeds,
    mutators: [...plainMutators, ...Array<typeof jsonLineMutator>(12).fill(jsonLineMutator)],
    bytesMax: 8_192,
    run(input) {
      sameInPieces(input, taken);
      for (const fields of taken([input]).lines) {
        guardMessage(fields);
        const request = read(fields);
        if (request === null) continue;
        const { command } = request;
        if (command.do === "arm" && !(Math.abs(command.emission.eirpCentiDbm) <= POWER_CENTI_DBM_MAX))
          breach("an order's power is a number within its range");
        const again = read(JSON.parse(writeLine(guardRequestFields(request))) as Fields);
        if (JSON.stringify(again) !== JSON.stringify(request))
          breach("what is read is written and read as the same");
      }
    },
  };
}

const POWER_CENTI_DBM_MAX = 100_000;

type Fields = Readonly<Record<string, unknown>>;

function taken(pieces: readonly Uint8Array[]): {
  readonly lines: readonly Fields[];
  readonly refused: string;
} {
  const lines: Fields[] = [];
  let refused = "";
  const reader = lineReader(
    (fields) => void lines.push(fields),
    (reason) => {
      if (refused !== "") breach("a connection is refused once");
      refused = reason;
    },
  );
  for (const piece of pieces) reader(piece);
  return { lines, refused };
}

function seeds(): readonly Uint8Array[] {
  const [lease, cause] = ["0a".repeat(32), "0b".repeat(32)];
  const stamp = { session: "17.4", epoch: 3 };
  const dutyCycles = [
    { lowerHz: 433_050_000, upperHz: 434_790_000, shareCentiPercent: 1_000, windowUs: 3_600_000_000 },
  ];
  const emission = { lowerHz: 433_050_000, upperHz: 433_075_000, eirpCentiDbm: 1_000, dutyCycles };
  const requests = [
    { id: 1, command: { do: "hello", version: 1 } },
    { id: 2, command: { do: "arm", ...stamp, lease, cause, deadlineBootUs: 9_000_000, emission } },
    { id: 3, command: { do: "extend", ...stamp, lease, deadlineBootUs: 12_000_000 } },
    { id: 4, command: { do: "mute" } },
    { id: 5, command: { do: "read-back" } },
  ];
  const messages = [
    { id: 4, result: { kind: "muted", epoch: 4, mutedBootUs: 8_000_000, latencyUs: 900 } },
    { id: 2, refused: { code: "radio-busy", message: "armed", retryable: true } },
    { event: { kind: "muted", reason: "deadline", epoch: 5, mutedBootUs: 9_000_000 } },
  ];
  return [linesOfText(...requests), ...[...requests, ...messages].map((each) => linesOfText(each))];
}
