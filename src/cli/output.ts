/** Data on stdout, messages on stderr; JSON documents one a line. */

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, plain)}\n`);
}

export function printMessage(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** bigint as decimal text, bytes as hex: what JSON has no form for. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}

/** A failure with its stable id, what was measured and required, and what to do. */
export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exit: number;
};

export function fail({ code, message, hint, exit }: Failure): void {
  printMessage(`${code}: ${message}`);
  if (hint !== "") printMessage(`  ${hint}`);
  printMessage(`  more: spectrum-agent explain ${code}`);
  process.exitCode = exit;
}
