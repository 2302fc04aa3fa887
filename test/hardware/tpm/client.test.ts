/** The client against devices that misbehave: busy, malformed, forgetful, replaced. */
import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { conversation } from "../../../hardware/tpm/client/conversation.ts";
import { lowS, rawSignature } from "../../../hardware/tpm/client/ecdsa.ts";
import { memoryKeyStore } from "../../../hardware/tpm/client/key-store.ts";
import { openTpm } from "../../../hardware/tpm/client/tpm-client.ts";
import * as commands from "../../../hardware/tpm/codec/commands.ts";
import { framed } from "../../../hardware/tpm/codec/frame.ts";
import { dispatch } from "../../../hardware/tpm/simulator/dispatch.ts";
import { type Machine, machine, powerOn } from "../../../hardware/tpm/simulator/machine.ts";
import { memoryPermanentStore } from "../../../hardware/tpm/simulator/permanent.ts";
import { connectTcp } from "../../../hardware/tpm/transport/tcp-socket.ts";
import type { TpmTransport } from "../../../hardware/tpm/transport/transport.ts";
import { ascii } from "../../../src/core/base/bytes.ts";
import type { Tpm } from "../../../src/ports/tpm.ts";
import { realClock, tpmContext, verifyAnyS } from "../../conformance/tpm-context.ts";

const NOTHING = new Uint8Array(0);
const COUNTER = 0x01807301;

function newMachine(seed: string): Machine {
  return machine(realClock, tpmContext(seed).entropy, memoryPermanentStore());
}

function transportTo(exchange: (command: Uint8Array) => Uint8Array): TpmTransport {
  return { exchange: async (command) => exchange(command), close: async () => {} };
}

function openOver(exchange: (command: Uint8Array) => Uint8Array): Promise<Tpm> {
  const { clock, log } = tpmContext("client");
  const keys = memoryKeyStore();
  const connect = async (): Promise<TpmTransport> => transportTo(exchange);
  return openTpm({
    connect,
    clock,
    log,
    keys,
    ownsPower: true,
    level: "software",
    counterIndex: COUNTER,
    pcrPolicy: null,
  });
}

describe("TPM conversation", () => {
  test("repeats a command that the TPM was too busy for, with the same bytes", async () => {
    const seen: string[] = [];
    const busy = transportTo((command) => {
      seen.push(Buffer.from(command).toString("hex"));
      return framed(0x8001, seen.length < 4 ? 0x922 : 0, NOTHING);
    });
    await conversation(realClock, busy).run(commands.selfTest, [], { full: true });
    expect(new Set(seen).size).toBe(1);
    expect(seen.length).toBe(4);
  });

  test.each([
    [0x921, "tpm-locked-out", true],
    [0x100, "tpm-restarted", true],
    [0x910, "tpm-restarted", true],
    [0x923, "tpm-failed", true],
    [0x3e0, "tpm-failed", false],
    [0x101, "tpm-failed", false],
  ])("turns response code 0x%x into %s", async (code, expected, retryable) => {
    const talk = conversation(
      realClock,
      transportTo(() => framed(0x8001, code, NOTHING)),
    );
    const running = talk.run(commands.readClock, [], {});
    await expect(running).rejects.toMatchObject({ port: "tpm", code: expected, retryable });
    await expect(running).rejects.toThrow(`0x${code.toString(16)}`);
  });

  test("says tpm-failed of an answer that is none", async () => {
    const talk = conversation(
      realClock,
      transportTo(() => framed(0x8001, 0, ascii("?"))),
    );
    await expect(talk.run(commands.readClock, [], {})).rejects.toMatchObject({ code: "tpm-failed" });
  });
});

describe("TPM client", () => {
  test("makes its objects anew and repeats the command when the TPM restarted behind the connection", async () => {
    const device = newMachine("restart");
    const tpm = await openOver((command) => dispatch(device, command));
    const { publicKey } = tpm.signer;
    powerOn(device);
    const signature = await tpm.signer.sign(ascii("after"));
    expect(verifyAnyS(publicKey, ascii("after"), signature)).toBe(true);
  });

  test("raises the counter once, though the TPM restarts between raising and reading", async () => {
    const device = newMachine("between");
    const tpm = await openOver((command) => {
      const answer = dispatch(device, command);
      const isIncrement = command[8] === 0x01 && command[9] === 0x34;
      if (isIncrement) powerOn(device);
      return answer;
    });
    expect(await tpm.incrementCounter()).toBe(1n);
    expect(await tpm.readCounter()).toBe(1n);
  });

  test("refuses another TPM in the place of the one it opened", async () => {
    let device = newMachine("one");
    const tpm = await openOver((command) => dispatch(device, command));
    device = newMachine("two");
    const signing = tpm.signer.sign(ascii("x"));
    await expect(signing).rejects.toMatchObject({ code: "tpm-identity-changed", retryable: false });
  });

  test("refuses an NV index that is no counter of its own", async () => {
    const device = newMachine("taken");
    const talk = conversation(
      realClock,
      transportTo((command) => dispatch(device, command)),
    );
    await talk.run(commands.startup, [], { type: 0 });
    const area = { index: COUNTER, nameAlg: 0x0b, attributes: 0x00060016, authPolicy: NOTHING, dataSize: 8 };
    await talk.run(commands.nvDefineSpace, [0x40000001], { auth: NOTHING, public: area });
    const opening = openOver((command) => dispatch(device, command));
    await expect(opening).rejects.toMatchObject({ code: "tpm-counter-taken", retryable: false });
  });

  test("frees what a dead client left in the three slots", async () => {
    const device = newMachine("slots");
    await openOver((command) => dispatch(device, command));
    const again = openOver((command) => dispatch(device, command));
    await expect(again).resolves.toBeDefined();
  });

  test("the attestation key refuses a digest from outside (0x3e0)", async () => {
    const device = newMachine("restricted");
    await openOver((command) => dispatch(device, command));
    const talk = conversation(
      realClock,
      transportTo((command) => dispatch(device, command)),
    );
    const answer = await talk.ask(commands.sign, [0x80000000], {
      digest: new Uint8Array(32),
      scheme: null,
      validation: { tag: 0x8024, hierarchy: 0x40000007, digest: NOTHING },
    });
    expect(answer).toEqual({ kind: "code", code: 0x3e0 });
  });
});

describe("ECDSA forms", () => {
  test("puts back the leading zeros that a TPM may leave out", () => {
    const raw = rawSignature({ alg: 0x18, hash: 0x0b, r: Uint8Array.of(1), s: new Uint8Array(32).fill(2) });
    expect([raw[30], raw[31], raw[32], raw.length]).toEqual([0, 1, 2, 64]);
  });

  test("turns high-S into low-S and leaves low-S alone", () => {
    const high = new Uint8Array(64).fill(0xfe);
    const low = lowS(high);
    expect(low.slice(0, 32)).toEqual(high.slice(0, 32));
    expect((low[32] ?? 0xff) < 0x80).toBe(true);
    expect(lowS(low)).toBe(low);
  });
});

describe("TCP transport", () => {
  async function serve(answer: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => answer(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
  }

  test.each([
    [
      "an answer longer than its header says",
      (socket: Socket) => socket.write(Buffer.from("80010000000a0000000000", "hex")),
    ],
    ["a header out of bounds", (socket: Socket) => socket.write(Buffer.from("8001ffffffff00000000", "hex"))],
    ["the end in the middle of an answer", (socket: Socket) => socket.end(Buffer.from("800100", "hex"))],
    ["silence", () => {}],
  ])("loses the TPM on %s", async (_what, answer) => {
    const { server, port } = await serve(answer);
    const transport = await connectTcp(realClock, { host: "127.0.0.1", port, timeoutUs: 300_000 });
    const lost = { port: "tpm", code: "tpm-lost", retryable: true };
    await expect(transport.exchange(new Uint8Array(10))).rejects.toMatchObject(lost);
    await expect(transport.exchange(new Uint8Array(10))).rejects.toMatchObject(lost);
    await transport.close();
    server.close();
  });

  test("takes an answer in single bytes", async () => {
    const { server, port } = await serve((socket) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from("80010000000a00000000", "hex")) socket.write(Uint8Array.of(byte));
    });
    const transport = await connectTcp(realClock, { host: "127.0.0.1", port, timeoutUs: 5_000_000 });
    expect((await transport.exchange(new Uint8Array(10))).length).toBe(10);
    await transport.close();
    server.close();
  });

  test("says tpm-lost where nobody listens", async () => {
    const { server, port } = await serve(() => {});
    await new Promise((resolve) => server.close(resolve));
    const connecting = connectTcp(realClock, { host: "127.0.0.1", port, timeoutUs: 5_000_000 });
    await expect(connecting).rejects.toMatchObject({ code: "tpm-lost", retryable: true });
  });
});
