import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { dieSilent, EXIT_FAULT } from "../../../../hardware/radio/guard/die-silent.ts";

test("an uncaught error silences the device first and exits after that, once", async () => {
  const order: string[] = [];
  const source = new EventEmitter();
  const exited = new Promise<void>((exit) => {
    const device = {
      async off() {
        order.push("off");
        await Promise.resolve();
        order.push("silent");
        return { emission: null };
      },
    };
    dieSilent(
      source,
      device,
      (code) => {
        order.push(`exit ${code}`);
        exit();
      },
      () => order.push("said"),
    );
  });
  source.emit("uncaughtException", new Error("first"));
  source.emit("uncaughtException", new Error("second"));
  await exited;
  expect(order).toEqual(["off", "said", "silent", `exit ${EXIT_FAULT}`]);
});

test("a device that never answers does not keep a faulty guard alive", async () => {
  const source = new EventEmitter();
  const code = await new Promise<number>((exit) => {
    dieSilent(source, { off: () => new Promise(() => {}) }, exit, () => {});
    source.emit("uncaughtException", new Error("first"));
  });
  expect(code).toBe(EXIT_FAULT);
});
