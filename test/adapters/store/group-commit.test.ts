import { describe, expect, it } from "vitest";
import { groupCommit } from "../../../src/adapters/store/group-commit.ts";
import { BATCH_BODY_BYTES_MAX } from "../../../src/adapters/store/segment-format.ts";
import type { BatchBody } from "../../../src/adapters/store/segment-writer.ts";
import { codeOf } from "./simulated-store.ts";

/** A device whose flushes end when the test says so. */
function slowDevice() {
  const batches: { readonly frames: number; readonly end: (error?: Error) => void }[] = [];
  const write = (batch: BatchBody): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error) => (error === undefined ? resolve() : reject(error));
      batches.push({ frames: batch.frameCount, end });
    });
  return { batches, write };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  it("writes the appends of one moment as one batch, at once", async () => {
    const { batches, write } = slowDevice();
    const commits = groupCommit(write);
    for (let frames = 1; frames <= 3; frames++) void commits.append(new Uint8Array(10), frames);
    await turn();
    expect(batches.map((batch) => batch.frames)).toEqual([6]);
  });

  it("collects what arrives during a flush into the next, and acknowledges in order", async () => {
    const { batches, write } = slowDevice();
    const commits = groupCommit(write);
    const order: string[] = [];
    void commits.append(new Uint8Array(1), 1).then(() => order.push("first"));
    await turn();
    void commits.append(new Uint8Array(1), 2).then(() => order.push("second"));
    void commits.append(new Uint8Array(1), 3).then(() => order.push("third"));
    await turn();
    expect([batches.length, order]).toEqual([1, []]);
    batches[0]?.end();
    await turn();
    expect([batches.map((batch) => batch.frames), order]).toEqual([[1, 5], ["first"]]);
    batches[1]?.end();
    await commits.idle();
    expect(order).toEqual(["first", "second", "third"]);
  });

  it("splits a queue that does not fit one batch", async () => {
    const { batches, write } = slowDevice();
    const commits = groupCommit(write);
    for (let frames = 1; frames <= 3; frames++)
      void commits.append(new Uint8Array(BATCH_BODY_BYTES_MAX / 2), frames);
    await turn();
    batches[0]?.end();
    await turn();
    expect(batches.map((batch) => batch.frames)).toEqual([3, 3]);
  });

  it("refuses what goes beyond the queue's bytes or count with store-queue-full, and takes appends again later", async () => {
    const { batches, write } = slowDevice();
    const commits = groupCommit(write);
    const large = Array.from({ length: 4 }, () =>
      codeOf(commits.append(new Uint8Array(BATCH_BODY_BYTES_MAX), 1)),
    );
    expect(await codeOf(commits.append(new Uint8Array(1), 1))).toBe("store-queue-full");
    for (let which = 0; which < 4; which++) {
      await turn();
      batches[which]?.end();
    }
    expect(await Promise.all(large)).toEqual(["", "", "", ""]);
    const small = Array.from({ length: 4097 }, () => codeOf(commits.append(new Uint8Array(1), 1)));
    await turn();
    batches[4]?.end();
    const codes = await Promise.all(small);
    expect([codes.filter((code) => code === "").length, codes.at(-1)]).toEqual([4096, "store-queue-full"]);
  });

  it("rejects a failed batch and all that wait behind it with the same error, then goes on", async () => {
    const { batches, write } = slowDevice();
    const commits = groupCommit(write);
    const results = [commits.append(new Uint8Array(1), 1).catch((error: Error) => error.message)];
    await turn();
    results.push(commits.append(new Uint8Array(1), 1).catch((error: Error) => error.message));
    batches[0]?.end(new Error("no power"));
    expect(await Promise.all(results)).toEqual(["no power", "no power"]);
    const next = commits.append(new Uint8Array(1), 7);
    await turn();
    batches[1]?.end();
    await next;
    expect(batches.map((batch) => batch.frames)).toEqual([1, 7]);
  });
});
