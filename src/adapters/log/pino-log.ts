/** Diagnostic lines as JSON on stderr, one an event (pino). systemd's journal takes them from there. */
import { destination, type Logger, pino } from "pino";
import type { Clock } from "../../ports/clock.ts";
import type { Log, LogFields } from "../../ports/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Where a finished line goes; its end is in it. */
export type LogSink = { write(line: string): void };

export type PinoLogOptions = {
  readonly level: LogLevel;
  readonly clock: Clock;
  /** stderr where not given. */
  readonly sink?: LogSink;
};

/** Longer texts, which may come from a peer, are cut. */
const TEXT_LENGTH_MAX = 1024;
const STDERR = 2;
const OWN_KEYS: ReadonlySet<string> = new Set(["level", "time", "event"]);

/** Lines are `{"level":"warn","time":"2026-01-01T00:00:00.000Z","event":…,…fields}`. A field of those names gets a `field-`. */
export function pinoLog({ level, clock, sink }: PinoLogOptions): Log {
  const logger: Logger = pino(
    {
      level,
      base: null,
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.read().wallUs / 1000).toISOString()}"`,
    },
    // Synchronous, so that the last lines before a crash are not lost: they are the ones that explain it.
    sink ?? destination({ dest: STDERR, sync: true }),
  );
  return {
    debug: (event, fields) => logger.debug(bounded(fields), event),
    info: (event, fields) => logger.info(bounded(fields), event),
    warn: (event, fields) => logger.warn(bounded(fields), event),
    error: (event, fields) => logger.error(bounded(fields), event),
  };
}

function bounded(fields: LogFields | undefined): LogFields {
  const out: Record<string, LogFields[string]> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    const cut = typeof value === "string" && value.length > TEXT_LENGTH_MAX;
    out[OWN_KEYS.has(key) ? `field-${key}` : key] = cut ? `${value.slice(0, TEXT_LENGTH_MAX)}…` : value;
  }
  return out;
}
