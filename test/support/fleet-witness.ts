/** A listener on the fleet's broker: every record that left an agent, and a way to act on the first of a kind. */
import { openMqttMesh, type TlsFiles } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemEntropy } from "../../src/adapters/system/entropy.ts";
import type { KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, readRecord } from "../../src/core/record/record.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import { limits } from "../../src/core/wire/limits.ts";

export type Witness = {
  /** In the order of their arrival; the same record again each time that it was sent. */
  readonly heard: readonly AnyRecord[];
  /** Called at the next record of that kind, once, before anything else is read. */
  next(kind: KindName, act: () => void): void;
  close(): Promise<void>;
};

/** The broker ends an older connection of the same id. */
let witnesses = 0;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Resolves when it hears everything. */
export async function witnessOf(port: number, tls: TlsFiles | null = null): Promise<Witness> {
  const context = { clock: systemClock(), entropy: systemEntropy(), log: quiet };
  const mesh = await openMqttMesh(context, {
    host: "127.0.0.1",
    port,
    tls,
    clientId: `witness-${witnesses++}`,
    clean: true,
    will: null,
    maxMessageBytes: limits.ENVELOPE_BYTES_MAX,
    inFlightMax: 16,
    reconnectMaxUs: 250_000,
  });
  const { sha256 } = nodeSignatures();
  const heard: AnyRecord[] = [];
  const waiting = new Map<string, () => void>();
  const up = new Promise<void>((resolve) => {
    mesh.listen((event) => {
      if (event.kind === "up") resolve();
      if (event.kind !== "message") return;
      const envelope = readEnvelope(event.message.bytes);
      const record = envelope.ok ? readRecord(envelope.value, sha256) : envelope;
      // A want is no record.
      if (!record.ok) return;
      heard.push(record.value);
      const act = waiting.get(record.value.kind);
      waiting.delete(record.value.kind);
      act?.();
    });
  });
  await mesh.subscribe(["spectrum/v1/#"]);
  await up;
  return {
    heard,
    next: (kind, act) => {
      waiting.set(kind, act);
    },
    close: () => mesh.close(),
  };
}
