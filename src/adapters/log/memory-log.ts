/** Keeps the last lines in memory: for tests, and for a status page that shows them. */
import type { Log, LogFields } from "../../ports/log.ts";

const LINES_MAX = 1000;

export type LogLine = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
};

/** `lines` is live: the last `linesMax`, oldest first. */
export function memoryLog(linesMax: number = LINES_MAX): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const keep =
    (level: LogLine["level"]) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ level, event, fields });
      if (lines.length > linesMax) lines.shift();
    };
  return { lines, debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
}
