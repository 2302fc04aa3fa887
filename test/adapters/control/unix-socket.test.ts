import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askAgent, openUnixClient } from "../../../src/adapters/control/unix-client.ts";
import { openUnixServer, type UnixServerOptions } from "../../../src/adapters/control/unix-server.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import type { ControlAnswer, ControlHandler } from "../../../src/ports/control.ts";
import { PortError } from "../../../src/ports/port-error.ts";

const clock = systemClock();
let folder: string;
let path: string;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spectrum-control-"));
  path = join(folder, "control.sock");
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

const echo: ControlHandler = async (request) => ({ ok: true, result: request });

async function serve(handler: ControlHandler, more: Partial<UnixServerOptions> = {}) {
  const server = await openUnixServer({ path, clock, handler, ...more });
  closing.push(() => server.close());
  return server;
}

const ask = (verb: string, given = {}): Promise<ControlAnswer> =>
  askAgent({ path, clock }, { verb, arguments: given });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (error: unknown) => (error instanceof PortError ? error.code : `not a PortError: ${String(error)}`),
  );
}

/** A connection that speaks as it likes. */
async function rawConnection(): Promise<Socket> {
  const socket = connect(path);
  closing.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** All that the agent sends until it closes. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8");
  for await (const piece of socket) text += piece;
  return text;
}

describe("the control socket", () => {
  it("carries a request and its answer", async () => {
    await serve(echo);
    const request = { verb: "offer", arguments: { block: "868.0MHz", nested: { ü: [1, null] } } };
    expect(await ask(request.verb, request.arguments)).toEqual({ ok: true, result: request });
  });

  it("carries refusals, device trouble as an answer, and answers of up to 4 MiB", async () => {
    await serve(async ({ verb }) => {
      if (verb === "tpm") throw new PortError("tpm", "tpm-locked-out", "locked out", true);
      if (verb === "radio") throw new PortError("radio", "radio-lost", "gone", false);
      if (verb === "large") return { ok: true, result: "é".repeat(2_000_000) };
      return { ok: false, code: "outside-scope", message: "no", exit: 4 };
    });
    expect(await ask("tpm")).toEqual({ ok: false, code: "tpm-locked-out", message: "locked out", exit: 75 });
    expect(await ask("radio")).toEqual({ ok: false, code: "radio-lost", message: "gone", exit: 5 });
    expect(await ask("large")).toEqual({ ok: true, result: "é".repeat(2_000_000) });
    expect(await ask("offer")).toEqual({ ok: false, code: "outside-scope", message: "no", exit: 4 });
  });

  it("answers requests of one connection as they are done, each to its asker", async () => {
    const release: (() => void)[] = [];
    await serve(async ({ verb }) => {
      if (verb === "slow") await new Promise<void>((resolve) => release.push(resolve));
      return { ok: true, result: verb };
    });
    const client = await openUnixClient({ path, clock });
    closing.push(() => client.close());
    const slow = client.request({ verb: "slow", arguments: {} });
    expect(await client.request({ verb: "fast", arguments: {} })).toEqual({ ok: true, result: "fast" });
    release[0]?.();
    expect(await slow).toEqual({ ok: true, result: "slow" });
  });

  it("is for its owner only, or for a named group, and leaves nothing else in its folder", async () => {
    await serve(echo);
    expect([statSync(path).mode & 0o777, readdirSync(folder)]).toEqual([0o600, ["control.sock"]]);
    const shared = join(folder, "shared.sock");
    const gid = process.getgid?.() ?? 0;
    const line = readFileSync("/etc/group", "utf8")
      .split("\n")
      .find((text) => text.split(":")[2] === String(gid));
    await serve(echo, { path: shared, group: line?.split(":")[0] ?? "" });
    expect([statSync(shared).mode & 0o777, statSync(shared).gid]).toEqual([0o660, gid]);
  });

  it("refuses an unknown group", async () => {
    expect(await codeOf(serve(echo, { group: "nobody-of-that-name" }))).toBe("control-group-unknown");
    expect(existsSync(path)).toBe(false);
  });

  it("is refused with control-in-use while another agent answers there", async () => {
    await serve(echo);
    expect(await codeOf(serve(echo))).toBe("control-in-use");
    expect((await ask("status")).ok).toBe(true);
  });

  it("replaces the socket of a dead agent, and removes its own when it closes", async () => {
    const leftover = createServer().listen(join(folder, "moved"));
    await once(leftover, "listening");
    // libuv removes a socket's file when it closes it, a killed process does not: so the file is moved out of reach.
    renameSync(join(folder, "moved"), path);
    leftover.close();
    expect(statSync(path).isSocket()).toBe(true);
    expect(await codeOf(ask("status"))).toBe("agent-not-reachable");
    const server = await serve(echo);
    expect((await ask("status")).ok).toBe(true);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it("does not replace a file that is no socket, nor a path that is too long", async () => {
    writeFileSync(path, "precious");
    expect(await codeOf(serve(echo))).toBe("control-failed");
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect(await codeOf(serve(echo, { path: join(folder, "x".repeat(100)) }))).toBe("control-failed");
    expect(await codeOf(serve(echo, { path: join(folder, "missing", "s") }))).toBe("control-failed");
  });

  it("without an agent is agent-not-reachable, and so is an agent that goes away before it answers", async () => {
    expect(await codeOf(ask("status"))).toBe("agent-not-reachable");
    let asked = (): void => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = await serve(() => {
      asked();
      return new Promise(() => {});
    });
    const client = await openUnixClient({ path, clock });
    const answer = codeOf(client.request({ verb: "status", arguments: {} }));
    await reached;
    await server.close();
    expect(await answer).toBe("agent-not-reachable");
    expect(await codeOf(client.request({ verb: "status", arguments: {} }))).toBe("agent-not-reachable");
  });
});

describe("the bounds of the control socket", () => {
  it("refuse a request of more than 64 KiB, at the asker and at the agent", async () => {
    await serve(echo);
    expect(await codeOf(ask("offer", { text: "x".repeat(65_536) }))).toBe("control-line-too-long");
    const socket = await rawConnection();
    socket.on("error", () => {});
    socket.write("x".repeat(65_537));
    expect(JSON.parse(await untilClosed(socket))).toMatchObject({
      id: 0,
      code: "control-line-too-long",
      exit: 2,
    });
  });

  it("refuse a line that is no request, and close", async () => {
    await serve(echo);
    const socket = await rawConnection();
    socket.write('{"verb":"status"}\n');
    expect(JSON.parse(await untilClosed(socket))).toMatchObject({ id: 0, code: "control-request-malformed" });
  });

  it("refuse a 17th connection, and take one when another has gone", async () => {
    await serve(echo);
    const sockets: Socket[] = [];
    for (let count = 0; count < 16; count++) sockets.push(await rawConnection());
    expect(await ask("status")).toMatchObject({ ok: false, code: "control-busy", exit: 75 });
    const first = sockets[0] as Socket;
    first.destroy();
    await once(first, "close");
    let answer = await ask("status");
    // The agent hears of the departure a little after us.
    for (let attempt = 0; attempt < 100 && !answer.ok; attempt++) answer = await ask("status");
    expect(answer.ok).toBe(true);
  });

  it("refuse a 17th request in flight over all connections", async () => {
    const release: (() => void)[] = [];
    await serve(async ({ verb }) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return { ok: true, result: verb };
    });
    const one = await openUnixClient({ path, clock });
    const two = await openUnixClient({ path, clock });
    closing.push(
      () => one.close(),
      () => two.close(),
    );
    const waiting = Array.from({ length: 16 }, () => one.request({ verb: "slow", arguments: {} }));
    expect(await codeOf(one.request({ verb: "slow", arguments: {} }))).toBe("control-busy");
    // Sixteen are at the agent when the first answer to another connection is a refusal.
    for (let attempt = 0; attempt < 100 && release.length < 16; attempt++) await new Promise(setImmediate);
    expect(await two.request({ verb: "more", arguments: {} })).toMatchObject({
      ok: false,
      code: "control-busy",
    });
    for (const go of release) go();
    expect((await Promise.all(waiting)).every((answer) => answer.ok)).toBe(true);
  });

  it("answer control-timeout in place of a handler that takes too long", async () => {
    await serve(() => new Promise(() => {}), { answerTimeoutUs: 20_000 });
    expect(await ask("status")).toMatchObject({ ok: false, code: "control-timeout", exit: 75 });
  });

  it("end a connection that sends half a line, and one that sends nothing", async () => {
    await serve(echo, { lineTimeoutUs: 30_000, idleTimeoutUs: 60_000 });
    const half = await rawConnection();
    half.write('{"id":1,');
    const silent = await rawConnection();
    expect([await untilClosed(half), await untilClosed(silent)]).toEqual(["", ""]);
  });

  it("give up waiting at the asker too", async () => {
    await serve(() => new Promise(() => {}));
    const asked = askAgent({ path, clock, answerTimeoutUs: 20_000 }, { verb: "status", arguments: {} });
    expect(await codeOf(asked)).toBe("control-timeout");
  });
});
