import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNodeDisk } from "../../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../../src/adapters/system/entropy.ts";
import type { Store } from "../../../src/ports/store.ts";
import { framesOf, numbered, texts } from "../../conformance/store-frames.ts";
import { codeOf } from "./simulated-store.ts";
import { transpiled } from "./transpiled.ts";

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spectrum-disk-"));
  log = join(folder, "log");
});

afterEach(() => rm(folder, { recursive: true }));

async function openStore(): Promise<Store> {
  const disk = await openNodeDisk(log);
  return openSegmentStore({ disk, entropy: systemEntropy(), segmentBytes: 64 * 1024 });
}

describe("the folder of a store", () => {
  it("is made for the owner's eyes only", async () => {
    const store = await openStore();
    expect((await stat(log)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(log)) expect((await stat(join(log, name))).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("is refused with store-locked to a second opening by the same process, and free after close", async () => {
    const store = await openStore();
    expect(await codeOf(openNodeDisk(log))).toBe("store-locked");
    await store.close();
    await (await openStore()).close();
    expect((await readdir(log)).filter((name) => name.startsWith("lock-"))).toEqual([]);
  });

  it("is taken over from a dead process, from another boot, and from a process that reuses the number", async () => {
    await mkdir(log);
    const boot = (await readBootId()).replaceAll("-", "");
    const strangers = [`lock-${boot}-4194305-17`, `lock-${"0".repeat(32)}-1-1`, `lock-${boot}-1-999999999`];
    for (const name of strangers) await writeFile(join(log, name), "");
    const store = await openStore();
    expect((await readdir(log)).filter((name) => strangers.includes(name))).toEqual([]);
    await store.close();
  });

  it("is free again after an opening that failed", async () => {
    await mkdir(join(log, "00000001.seg"), { recursive: true });
    expect(await codeOf(openStore())).toBe("store-unreadable");
    expect((await readdir(log)).filter((name) => name.startsWith("lock-"))).toEqual([]);
  });

  it("loses unfinished files of a dead process, and nothing else", async () => {
    const store = await openStore();
    await store.writeMark("quarantine", Uint8Array.of(1));
    await store.close();
    await writeFile(join(log, "00000002.seg.tmp"), "half a segment");
    const again = await openStore();
    const names = (await readdir(log)).filter((name) => !name.startsWith("lock-")).sort();
    expect(names).toEqual(["00000001.seg", "quarantine.mark"]);
    await again.close();
  });
});

describe("a process that is killed while it appends", () => {
  let child: ChildProcess | null = null;

  afterEach(() => {
    child?.kill("SIGKILL");
    child = null;
  });

  it("keeps others out while it lives, and leaves every frame that it saw acknowledged", async () => {
    const program = await transpiled(join(import.meta.dirname, "holder-program.ts"), join(folder, "program"));
    let kept = 0;
    for (const acknowledgements of [1, 60, 250]) {
      child = spawn(process.execPath, [program, log], { stdio: ["ignore", "pipe", "inherit"] });
      const exited = once(child, "exit");
      let last = -1;
      let seen = 0;
      if (child.stdout === null) throw new Error("stdout is piped");
      for await (const line of createInterface(child.stdout)) {
        if (line === "open") expect(await codeOf(openNodeDisk(log))).toBe("store-locked");
        else last = Number(line);
        if (line !== "open" && ++seen === acknowledgements) child.kill("SIGKILL");
      }
      await exited;
      const store = await openStore();
      expect(store.size).toBeGreaterThan(last);
      expect(["clean", "torn"]).toContain(store.tail.kind);
      await store.cutTail();
      const expected = Array.from({ length: store.size }, (_, number) => numbered(number, 500));
      expect(texts(await framesOf(store))).toEqual(texts(expected));
      expect(store.size).toBeGreaterThan(kept);
      kept = store.size;
      await store.close();
    }
  });
});

async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim();
}
