/** Bundles: exporting logs into one file, and verifying such a file from records alone. */
import { readFile } from "node:fs/promises";
import { readBundleFile } from "../adapters/bundle/bundle-file-reader.ts";
import { type WrittenBundle, writeBundleFile } from "../adapters/bundle/bundle-file-writer.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import type { Bundle } from "../core/audit/bundle.ts";
import type { TrustedRoot } from "../core/audit/evidence.ts";
import type { Verdict } from "../core/audit/verdict.ts";
import { verifyBundle } from "../core/audit/verify.ts";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { isInception, keyOfInception } from "../core/record/signing-key.ts";
import type { Frame } from "../ports/store.ts";

/** One lineage's log each. */
export function exportBundle(
  path: string,
  exportedBy: string,
  logs: readonly (() => AsyncIterable<Frame>)[],
): Promise<WrittenBundle> {
  const primitives = nodeSignatures();
  return writeBundleFile(path, { logs, documents: [], exportedBy, view: "party", primitives });
}

/** A file that is no bundle is refused; nothing in it is judged yet. */
export function readBundle(path: string): Promise<Result<Bundle>> {
  return readBundleFile(path);
}

/** The roots come from `trustPaths` alone. A file that is no bundle, or no root's inception, is refused. */
export async function verifyBundleFile(
  path: string,
  trustPaths: readonly string[],
): Promise<Result<Verdict>> {
  const primitives = nodeSignatures();
  const trustedRoots: TrustedRoot[] = [];
  for (const trustPath of trustPaths) {
    const root = await readRoot(trustPath);
    if (!root.ok) return root;
    trustedRoots.push(root.value);
  }
  const bundle = await readBundleFile(path);
  if (!bundle.ok) return bundle;
  const { records, header: claims } = bundle.value;
  return { ok: true, value: verifyBundle({ records, claims, trustedRoots, primitives }) };
}

async function readRoot(path: string): Promise<Result<TrustedRoot>> {
  const primitives = nodeSignatures();
  const bytes = new Uint8Array(await readFile(path));
  const record = recordOfBytes(bytes, primitives);
  if (!record.ok)
    return refuse(...record.rejections.map((each) => ({ ...each, field: `${path} ${each.field}` })));
  const key = isInception(record.value) ? keyOfInception(record.value, primitives.sha256) : null;
  if (key?.ok === true) return { ok: true, value: { inception: bytes } };
  const measured = { kind: record.value.kind };
  return refuse(rejection("trust-not-inception", path, measured, { record: "a root's inception" }));
}
