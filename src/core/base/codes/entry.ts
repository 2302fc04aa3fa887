/** What the registry keeps of one stable id (DESIGN §3 Failures, §4 Exit codes). */

/** DESIGN §4: 0 ok … 78 bad configuration. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 75 | 78;

export type CodeEntry = {
  /** One sentence in a radio engineer's words: what has happened. */
  readonly means: string;
  /** Names that stand under `measured`, their units in their endings; empty where no number can say it. */
  readonly measured: readonly string[];
  /** Names that stand under `required`. */
  readonly required: readonly string[];
  /** What to do about it. */
  readonly do: string;
  /** Where it is laid down: PROTOCOL, the seed guide, an RFC, or DESIGN. */
  readonly clause: string;
  /** How a command ends on it; null for what no command ends on: counts, states, reasons in records. */
  readonly exit: ExitCode | null;
};

export type CodeRoom = Readonly<Record<string, CodeEntry>>;
