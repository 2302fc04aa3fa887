/** Bundle files on a real disk: written whole or not at all, read as a stream, bounded whatever they hold. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBundleFile } from "../../../src/adapters/bundle/bundle-file-reader.ts";
import { type BundleExport, writeBundleFile } from "../../../src/adapters/bundle/bundle-file-writer.ts";
import { bundleLimits } from "../../../src/core/audit/bundle.ts";
import type { Frame } from "../../../src/ports/store.ts";
import { rootOf, story, verify } from "../../core/audit/story.ts";
import { packed, primitives } from "../../support/lineage-builder.ts";

const good = story({ name: "files" });
const { holder, root } = good.market;

type Log = readonly Frame[];

/** What the holder's and the consumer's stores hold: foreign frames before the own ones that name them. */
const documents = root.records().map((each): Frame => ({ kind: "foreign", bytes: packed(each.envelope) }));
const foreign = (...records: readonly { readonly envelope: Parameters<typeof packed>[0] }[]): Log =>
  records.map((each) => ({ kind: "foreign", bytes: packed(each.envelope) }));
const own = (records: readonly { readonly envelope: Parameters<typeof packed>[0] }[]): Log =>
  records.map((each) => ({ kind: "own", bytes: packed(each.envelope) }));

const refused = [good.rival, good.far, good.stranger].flatMap((each) => each.author.records());
const holdersLog: Log = [
  ...documents,
  ...foreign(
    good.consumer.author.inception,
    good.acceptance,
    good.request1,
    good.request2,
    good.relinquishment,
  ),
  ...foreign(...(good.consumerSettlement === null ? [] : [good.consumerSettlement]), ...refused),
  ...own(holder.author.records()),
];
const consumersLog: Log = [
  ...documents,
  ...foreign(holder.author.inception, good.offer, good.holderSettlement, good.renewal1, good.renewal2),
  ...own(good.consumer.author.records()),
];

async function* framesOf(log: Log): AsyncGenerator<Frame> {
  yield* log;
}

function exporting(...logs: readonly Log[]): BundleExport {
  return {
    logs: logs.map((log) => () => framesOf(log)),
    documents: [],
    exportedBy: "spectrum-agent test",
    view: "party",
    primitives,
  };
}

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
  path = join(folder, "lease.bundle");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function verdictOf(file: string): Promise<string> {
  const read = await readBundleFile(file);
  return read.ok ? verify(read.value, rootOf(good)).verdict : (read.rejections[0]?.code ?? "");
}

describe("writing", () => {
  test("one store gives a bundle that reads back and passes, and leaves nothing else in the folder", async () => {
    const written = await writeBundleFile(path, exporting(holdersLog));
    expect(written.lineages).toEqual([
      { lineage: holder.author.lineage, records: holder.author.records().length },
    ]);
    expect(written.bytes).toBe(statSync(path).size);
    expect(readdirSync(folder)).toEqual(["lease.bundle"]);
    expect(await verdictOf(path)).toBe("passed");
  });

  test("several stores gives own records first, and each shared envelope once", async () => {
    const written = await writeBundleFile(path, exporting(holdersLog, consumersLog));
    const read = await readBundleFile(path);
    if (!read.ok) throw new Error(JSON.stringify(read.rejections));
    const ids = read.value.records.map(({ envelope }) => Buffer.from(envelope).toString("hex"));
    expect(new Set(ids).size).toBe(ids.length);
    expect(written.foreign).toBe(root.records().length + refused.length);
    expect(verify(read.value, rootOf(good)).verdict).toBe("passed");
    expect(read.value.header.lineages).toHaveLength(2);
  });

  test("adds the operator's documents where no log holds them", async () => {
    const bare = holdersLog.filter((each) => !documents.includes(each));
    await writeBundleFile(path, exporting(bare));
    expect(await verdictOf(path)).toBe("failed");
    await writeBundleFile(path, { ...exporting(bare), documents: documents.map(({ bytes }) => bytes) });
    expect(await verdictOf(path)).toBe("passed");
  });

  test("exports a log as far as it went when the export began", async () => {
    const growing: Frame[] = [...holdersLog];
    let reads = 0;
    const log = async function* (): AsyncGenerator<Frame> {
      reads += 1;
      if (reads === 2) growing.push(...own(good.consumer.author.records().slice(-1)));
      yield* growing;
    };
    await writeBundleFile(path, { ...exporting(), logs: [log] });
    expect(reads).toBeGreaterThan(1);
    expect(await verdictOf(path)).toBe("passed");
  });

  test("replaces a standing bundle only when the new one is whole", async () => {
    await writeBundleFile(path, exporting(holdersLog));
    const before = readFileSync(path);
    const damaged: Log = [...holdersLog, { kind: "own", bytes: new Uint8Array([1, 2, 3]) }];
    await expect(writeBundleFile(path, exporting(damaged))).rejects.toMatchObject({
      port: "bundle",
      code: "bundle-source-damaged",
    });
    let reads = 0;
    const failing = async function* (): AsyncGenerator<Frame> {
      reads += 1;
      yield* reads === 1
        ? holdersLog
        : [...holdersLog.slice(0, 9), { kind: "foreign" as const, bytes: new Uint8Array([9]) }];
    };
    await expect(writeBundleFile(path, { ...exporting(), logs: [failing] })).rejects.toMatchObject({
      code: "bundle-source-damaged",
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["lease.bundle"]);
  });

  test("refuses a log without own records, and a folder that is not there", async () => {
    await expect(writeBundleFile(path, exporting(documents))).rejects.toMatchObject({
      code: "bundle-source-damaged",
    });
    const nowhere = join(folder, "no", "lease.bundle");
    await expect(writeBundleFile(nowhere, exporting(holdersLog))).rejects.toMatchObject({
      code: "bundle-unwritable",
    });
  });
});

describe("reading", () => {
  async function written(): Promise<readonly string[]> {
    await writeBundleFile(path, exporting(holdersLog, consumersLog));
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  }

  test("a file cut after any line fails; cut inside one it is no bundle", async () => {
    const lines = await written();
    const cut = join(folder, "cut");
    for (let kept = 0; kept < lines.length; kept++) {
      const text = lines
        .slice(0, kept)
        .map((line) => `${line}\n`)
        .join("");
      writeFileSync(cut, text);
      expect(await verdictOf(cut), `${kept} lines`).toBe(kept === 0 ? "bundle-empty" : "failed");
      writeFileSync(cut, text + (lines[kept] ?? ""));
      expect(await verdictOf(cut), `${kept} lines and one without end`).toBe("bundle-truncated");
    }
    console.log(`${2 * lines.length} cuts, none passed`);
  });

  test("refuses a line beyond the bound after reading no more than a chunk of it", async () => {
    const lines = await written();
    writeFileSync(path, `${lines[0]}\n${"x".repeat(bundleLimits.LINE_BYTES_MAX)}`);
    expect(await verdictOf(path)).toBe("bundle-line-too-long");
    writeFileSync(path, `${lines[0]}\n${"x".repeat(3_000_000)}\n`);
    expect(await verdictOf(path)).toBe("bundle-line-too-long");
    writeFileSync(path, Buffer.alloc(5_000_000));
    expect(await verdictOf(path)).toBe("bundle-line-too-long");
  });

  test("refuses a file beyond the bound", async () => {
    const lines = await written();
    const record = `${lines[1]}\n`;
    const block = Buffer.from(record.repeat(Math.ceil(4_000_000 / record.length)));
    const file = await open(path, "w");
    await file.write(`${lines[0]}\n`);
    for (let bytes = 0; bytes <= bundleLimits.FILE_BYTES_MAX; bytes += block.length) await file.write(block);
    await file.close();
    expect(["bundle-too-large", "bundle-too-long"]).toContain(await verdictOf(path));
  }, 120_000);

  test("refuses garbage, other encodings and empty lines, and never throws for content", async () => {
    const lines = await written();
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x0a]));
    expect(await verdictOf(path)).toBe("bundle-not-utf8");
    writeFileSync(path, `\ufeff${lines.join("\n")}\n`);
    expect(await verdictOf(path)).toBe("bundle-malformed");
    writeFileSync(path, `${lines.join("\r\n")}\r\n`);
    expect(["bundle-malformed", "passed"]).toContain(await verdictOf(path));
    writeFileSync(path, `${lines.join("\n")}\n`);
    expect(await verdictOf(path)).toBe("passed");
    appendFileSync(path, "\n");
    expect(await verdictOf(path)).toBe("bundle-malformed");
  });

  test("says by a PortError that the disk gives no file", async () => {
    await expect(readBundleFile(join(folder, "absent"))).rejects.toMatchObject({
      port: "bundle",
      code: "bundle-unreadable",
    });
    mkdirSync(join(folder, "sub"));
    await expect(readBundleFile(join(folder, "sub"))).rejects.toMatchObject({ code: "bundle-unreadable" });
    expect(existsSync(path)).toBe(false);
  });
});
