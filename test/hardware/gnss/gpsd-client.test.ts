/** The gpsd client against daemons that are broken, hostile or half dead, each a TCP server of the test. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GpsdClient, openGpsd } from "../../../hardware/gnss/gpsd/client.ts";
import type { OptionValues } from "../../../src/ports/driver.ts";
import type { GnssEvent } from "../../../src/ports/gnss.ts";
import { eventually } from "../../support/gpsd.ts";
import { fixesOf, runningContext } from "./context.ts";

const TPV =
  '{"class":"TPV","device":"/dev/x","mode":3,"time":"2026-07-01T12:00:00.000Z","lat":1,"lon":2}\r\n';

let server: Server;
let port: number;
let sockets: Socket[];
let heard: string;
let client: GpsdClient;
let events: GnssEvent[];

beforeEach(async () => {
  sockets = [];
  events = [];
  heard = "";
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk) => {
      heard += chunk.toString();
    });
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  port = address.port;
});

afterEach(async () => {
  await client.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

async function open(options: OptionValues = {}): Promise<Socket> {
  client = await openGpsd(runningContext(), { port, ...options });
  client.listen((event) => events.push(event));
  return connection(0);
}

function connection(index: number): Promise<Socket> {
  return eventually(`connection ${index}`, () => sockets[index] ?? null);
}

function fixes(count: number): Promise<unknown> {
  return eventually(`${count} fixes`, () => (fixesOf(events).length >= count ? true : null));
}

describe("a gpsd client", () => {
  test("asks for JSON, pulses and timing, and for nothing else", async () => {
    await open();
    await eventually("the watch line", () => (heard.endsWith("\n") ? true : null));
    expect(heard).toBe('?WATCH={"enable":true,"json":true,"pps":true,"timing":true};\n');
  });

  test("does not connect before anybody listens", async () => {
    client = await openGpsd(runningContext(), { port });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sockets).toEqual([]);
  });

  test("counts garbage of any kind and goes on to the next report", async () => {
    const socket = await open();
    const noise = Buffer.from(
      Array.from({ length: 4096 }, (_, i) => (i * 167) % 256).filter((byte) => byte !== 10),
    );
    socket.write(Buffer.concat([noise, Buffer.from('\n{"class":"TPV"\n[1]\n'), Buffer.from(TPV)]));
    await fixes(1);
    expect(client.counts()).toEqual({ reports: 1, dropped: 3, overlong: 0 });
  });

  test("skips a line of 8 MB without an end, counts it once, and goes on", async () => {
    const socket = await open();
    const block = Buffer.alloc(65_536, "x");
    for (let i = 0; i < 128; i++) {
      if (!socket.write(block)) await once(socket, "drain");
    }
    socket.write(`\n${TPV}`);
    await fixes(1);
    expect(client.counts()).toEqual({ reports: 1, dropped: 0, overlong: 1 });
  });

  test("reads reports that arrive a byte at a time", async () => {
    const socket = await open();
    for (const byte of Buffer.from(TPV)) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await fixes(1);
  });

  test("connects anew when the daemon closes, crashes the connection, or falls silent", async () => {
    const first = await open({ silence: 400_000 });
    first.write(TPV);
    await fixes(1);
    first.end();
    const second = await connection(1);
    second.write(TPV);
    await fixes(2);
    second.resetAndDestroy();
    const third = await connection(2);
    third.write(TPV);
    await fixes(3);
    const fourth = await connection(3);
    fourth.write(TPV);
    await fixes(4);
    const reasons = events.flatMap((event) => (event.kind === "lost" ? [event.reason] : []));
    expect(reasons).toEqual([
      expect.stringContaining("connection closed"),
      expect.stringContaining("ECONNRESET"),
      expect.stringMatching(/silent for \d+ ms/),
    ]);
    expect(events.map((event) => event.kind).join(" ")).toBe(
      "found fix lost found fix lost found fix lost found fix",
    );
  });

  test("names the address and the cause when nobody answers, for a host with several addresses too", async () => {
    server.close();
    await once(server, "close");
    client = await openGpsd(runningContext(), { host: "localhost", port });
    client.listen((event) => events.push(event));
    await eventually("the loss", () => (events.length > 0 ? true : null));
    expect(events[0]).toMatchObject({
      kind: "lost",
      reason: expect.stringMatching(/localhost:\d+: .*ECONNREFUSED/),
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  test("refuses options of another type or out of range", async () => {
    client = await openGpsd(runningContext(), { port });
    for (const bad of [{ port: 0 }, { port: "2947" }, { host: "" }, { source: "recorded" }, { silence: 1 }]) {
      await expect(openGpsd(runningContext(), bad)).rejects.toMatchObject({ code: "gnss-option-invalid" });
    }
  });
});
