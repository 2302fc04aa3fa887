import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  nodeAuthorityFolder,
  readRecordFile,
  readRecordFolder,
} from "../../../src/adapters/authority/node-folder.ts";
import { createWhole, writeWhole } from "../../../src/adapters/authority/whole-file.ts";
import { limits } from "../../../src/core/wire/limits.ts";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "authority-folder-test-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const BYTES = Uint8Array.of(1, 2, 3);

describe("an authority's folder", () => {
  test("gives back what was appended, in its order, and never overwrites a position", async () => {
    const folder = nodeAuthorityFolder(path);
    expect(await folder.records()).toEqual([]);
    for (const seq of [0, 1, 2]) await folder.append(seq, Uint8Array.of(seq));
    await expect(folder.append(1, BYTES)).rejects.toMatchObject({ code: "authority-record-stands" });
    expect((await nodeAuthorityFolder(path).records()).map(({ bytes }) => [...bytes])).toEqual([
      [0],
      [1],
      [2],
    ]);
    expect(readdirSync(join(path, "records"))).toEqual(["000000.record", "000001.record", "000002.record"]);
  });

  test("passes over what a crash left unfinished, and refuses whatever else does not belong there", async () => {
    const folder = nodeAuthorityFolder(path);
    await folder.append(0, BYTES);
    writeFileSync(join(path, "records", ".000001.record.4711.unfinished"), "half");
    expect(await folder.records()).toHaveLength(1);
    for (const name of ["000001.record~", "1.record", "note.txt"]) {
      writeFileSync(join(path, "records", name), "");
      await expect(folder.records()).rejects.toMatchObject({ code: "authority-folder-file" });
      rmSync(join(path, "records", name));
    }
  });

  test("keeps documents by their names, one root, and the public keys of sets", async () => {
    const folder = nodeAuthorityFolder(path);
    await folder.keepDocuments([{ name: "policy-00.record", bytes: BYTES }]);
    await folder.keepDocuments([{ name: "policy-00.record", bytes: Uint8Array.of(9) }]);
    expect((await folder.documents()).map(({ bytes }) => [...bytes])).toEqual([[9]]);
    await folder.keepRoot(BYTES);
    await folder.keepRoot(Uint8Array.of(7));
    expect((await folder.roots()).map(({ bytes }) => [...bytes])).toEqual([[7]]);
    expect(await folder.keySet(1)).toBeNull();
    mkdirSync(join(path, "keys", "1"), { recursive: true });
    await folder.keepKeySet(1, BYTES);
    expect(await folder.keySet(1)).toEqual(BYTES);
  });

  test("reads at most one byte more of a file than a record has", async () => {
    writeFileSync(join(path, "long.record"), new Uint8Array(limits.ENVELOPE_BYTES_MAX + 100));
    expect((await readRecordFile(join(path, "long.record"))).bytes).toHaveLength(
      limits.ENVELOPE_BYTES_MAX + 1,
    );
    expect(await readRecordFolder(join(path, "nowhere"))).toEqual([]);
  });
});

test("a file is put in its place whole, and created only where nothing stands", async () => {
  const file = join(path, "a");
  await writeWhole(file, BYTES);
  await writeWhole(file, Uint8Array.of(4));
  expect(await createWhole(file, BYTES)).toBe(false);
  expect([...readFileSync(file)]).toEqual([4]);
  expect(await createWhole(join(path, "b"), BYTES)).toBe(true);
  expect(readdirSync(path).sort()).toEqual(["a", "b"]);
});
