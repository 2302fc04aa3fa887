/** The simulated TPM answers generated scripts as swtpm does: same response codes, same shapes, same counters and PCRs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReadClockResponse } from "../../hardware/tpm/codec/commands.ts";
import { decodeResponse } from "../../hardware/tpm/codec/frame.ts";
import type { VerifySignatureResponse } from "../../hardware/tpm/codec/policy-commands.ts";
import type { ClockInfo } from "../../hardware/tpm/codec/structures.ts";
import { dispatch } from "../../hardware/tpm/simulator/dispatch.ts";
import { machine, powerOn } from "../../hardware/tpm/simulator/machine.ts";
import { memoryPermanentStore } from "../../hardware/tpm/simulator/permanent.ts";
import { connectTcp } from "../../hardware/tpm/transport/tcp-socket.ts";
import type { TpmTransport } from "../../hardware/tpm/transport/transport.ts";
import { realClock, seededEntropy } from "../conformance/tpm-context.ts";
import { type Swtpm, startSwtpm, swtpmMissing } from "../support/swtpm.ts";
import { script, tidyUp } from "./tpm-script.ts";
import { shapeOf } from "./tpm-shape.ts";
import type { AnyCommand, Blob, Own, Step } from "./tpm-step.ts";

/** SPECTRUM_TPM_SEED=n begins elsewhere, SPECTRUM_TPM_SCRIPTS=n runs more. */
const FIRST_SEED = Number(process.env["SPECTRUM_TPM_SEED"] ?? 1);
const SCRIPTS = Number(process.env["SPECTRUM_TPM_SCRIPTS"] ?? 200);
const TIMEOUT_US = 20_000_000;

type Side = {
  /** resetCount when it was first read: from then on both sides count alike. */
  resetBase: number | null;
  readonly own: Own;
  exchange(bytes: Uint8Array): Promise<Uint8Array>;
  powerCycle(): Promise<void>;
};

const missing = swtpmMissing();

describe.skipIf(missing !== null)(
  `swtpm beside the simulated TPM${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let swtpm: Swtpm | null = null;
    let wire: TpmTransport | null = null;
    const sides: Side[] = [];

    beforeAll(async () => {
      const real = await startSwtpm();
      swtpm = real;
      const address = { host: real.host, port: real.port, timeoutUs: TIMEOUT_US };
      const socket = await connectTcp(realClock, address);
      wire = socket;
      sides.push({
        resetBase: null,
        own: { blobs: [], tickets: [] },
        exchange: (bytes) => socket.exchange(bytes),
        powerCycle: real.powerCycle,
      });
      const tpm = machine(realClock, seededEntropy("differential"), memoryPermanentStore());
      sides.push({
        resetBase: null,
        own: { blobs: [], tickets: [] },
        exchange: async (bytes) => dispatch(tpm, bytes),
        powerCycle: async () => powerOn(tpm),
      });
      await compare(sides, tidyUp(), "before the first script");
    });
    afterAll(async () => {
      await wire?.close();
      await swtpm?.stop();
    });

    test(`${SCRIPTS} scripts from seed ${FIRST_SEED} on`, { timeout: 600_000 }, async () => {
      const codes = new Map<string, number>();
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SCRIPTS; seed++) {
        for (const { own } of sides) {
          own.blobs.length = 0;
          own.tickets.length = 0;
        }
        const answers = await compare(sides, script(seed), `seed ${seed}`);
        for (const answer of answers) codes.set(answer, (codes.get(answer) ?? 0) + 1);
        await compare(sides, tidyUp(), `after seed ${seed}`);
      }
      // A generator that only made refusals, or only successes, would prove little.
      const successes = codes.get("000") ?? 0;
      const total = [...codes.values()].reduce((sum, count) => sum + count, 0);
      expect(successes).toBeGreaterThan(total / 5);
      expect(successes).toBeLessThan((total * 4) / 5);
      expect(codes.size).toBeGreaterThan(20);
    });
  },
);

/** Response codes in order, "000" for success. */
async function compare(sides: readonly Side[], steps: readonly Step[], where: string): Promise<string[]> {
  const codes: string[] = [];
  const trace: string[] = [];
  for (const step of steps) {
    trace.push(step.text);
    if (step.kind === "power-cycle") {
      for (const side of sides) await side.powerCycle();
      continue;
    }
    const answers: unknown[] = [];
    for (const side of sides) answers.push(await answer(side, step.command, step.bytes(side.own)));
    const [real, simulated] = answers;
    expect(simulated, `${where}, last of: ${trace.join("; ")}`).toEqual(real);
    codes.push(typeof real === "string" ? real : "000");
  }
  return codes;
}

/** A refusal as its code in hex, a success as its shape. */
async function answer(side: Side, command: AnyCommand, bytes: Uint8Array): Promise<unknown> {
  const decoded = decodeResponse(command, await side.exchange(bytes));
  if (decoded.kind === "malformed") return `malformed: ${decoded.why}`;
  if (decoded.kind === "code") return decoded.code.toString(16).padStart(3, "0");
  const { response } = decoded;
  if (command.name === "Create") side.own.blobs.push(response as Blob);
  if (command.name === "VerifySignature") side.own.tickets.push((response as VerifySignatureResponse).ticket);
  if (command.name === "ReadClock") return resets(side, (response as ReadClockResponse).time.clockInfo);
  return shapeOf(command.name, decoded.handle, response);
}

function resets(side: Side, clock: ClockInfo): unknown {
  side.resetBase ??= clock.resetCount;
  return { resets: clock.resetCount - side.resetBase, restarts: clock.restartCount };
}
