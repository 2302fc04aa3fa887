/** A folder with whatever is missing above it, or the system's own word on why not (src/compose/make-folder). */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, PRIVATE_MODE } from "../../src/compose/make-folder.ts";

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "make-folder-test-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("makeFolder", () => {
  test("makes all that is missing, each with the mode that was asked for", async () => {
    const path = join(base, "a", "b", "c");
    await makeFolder(path, PRIVATE_MODE);
    for (const each of ["a", "a/b", "a/b/c"]) expect(statSync(join(base, each)).mode & 0o777).toBe(0o700);
  });

  test("leaves a standing folder as it is, also one behind a link", async () => {
    mkdirSync(join(base, "open"), { mode: 0o755 });
    symlinkSync(join(base, "open"), join(base, "link"));
    await makeFolder(join(base, "open"), PRIVATE_MODE);
    await makeFolder(join(base, "link", "below"));
    expect(statSync(join(base, "open")).mode & 0o777).toBe(0o755);
    expect(statSync(join(base, "open", "below")).isDirectory()).toBe(true);
  });

  test("two that make the same folders at once both succeed", async () => {
    const path = join(base, "x", "y", "z");
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(base, "x", "y", "other"))]);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test("says what stands in the way, and makes nothing", async () => {
    const file = join(base, "file");
    writeFileSync(file, "");
    symlinkSync(join(base, "nowhere"), join(base, "broken"));
    await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST", path: file });
    await expect(makeFolder(join(file, "a", "b"))).rejects.toMatchObject({ code: "EEXIST", path: file });
    await expect(makeFolder(join(base, "broken"))).rejects.toMatchObject({ code: "EEXIST" });
  });

  test("comes back from a place where nothing can be made", async () => {
    await expect(makeFolder("/proc/x")).rejects.toMatchObject({ path: "/proc/x", syscall: "mkdir" });
    await expect(makeFolder("/proc/x/y/z")).rejects.toMatchObject({ path: "/proc/x" });
  });
});
