/** Our credentials under tpm2_activatecredential, and those of tpm2_makecredential under our client: one form, both ways. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCredential } from "../../src/adapters/attestation/make-credential.ts";
import { tpmName } from "../../src/core/attestation/tpm-public.ts";
import { ascii, concat, toHex } from "../../src/core/base/bytes.ts";
import type { SealedCredential } from "../../src/ports/tpm.ts";
import { nodePrimitives, seededEntropy } from "../conformance/tpm-context.ts";
import { swtpmMissing } from "../support/swtpm.ts";
import { swtpmPlace, type TpmPlace } from "./tpm-benches.ts";

const SECRET = ascii("what both tools know");
/** Magic and version of the tools' file, before TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET. */
const FILE_HEAD = Uint8Array.of(0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1);
const TOOLS = [
  "makecredential",
  "activatecredential",
  "createek",
  "createak",
  "startauthsession",
  "policysecret",
];

function missing(): string | null {
  const reason = swtpmMissing();
  const absent = TOOLS.find((tool) => spawnSync("which", [`tpm2_${tool}`]).status !== 0);
  if (reason !== null || absent === undefined) return reason;
  if (process.env["SPECTRUM_REQUIRE_REAL"] === "1")
    throw new Error(`tpm2_${absent} is required and not installed`);
  return `tpm2_${absent} is not installed`;
}

function sized(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(bytes.length >>> 8, bytes.length & 0xff), bytes);
}

/** The inside of the TPM2B at `at`, and where it ends. */
function inside(bytes: Uint8Array, at: number): { readonly value: Uint8Array; readonly end: number } {
  const end = at + 2 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  return { value: bytes.slice(at + 2, end), end };
}

function fromFile(bytes: Uint8Array): SealedCredential {
  expect(bytes.slice(0, FILE_HEAD.length)).toEqual(FILE_HEAD);
  const blob = inside(bytes, FILE_HEAD.length);
  return { blob: blob.value, secret: inside(bytes, blob.end).value };
}

function tool(place: TpmPlace, name: string, words: readonly string[]): void {
  const env = { ...process.env, TPM2TOOLS_TCTI: place.tcti ?? "none" };
  const { status, stderr } = spawnSync(`tpm2_${name}`, words, { env, encoding: "utf8", timeout: 20_000 });
  if (status !== 0) throw new Error(`tpm2_${name} ${words.join(" ")}: ${stderr}`);
}

const reason = missing();
const kinds = [
  ["RSA", true],
  ["P-256", false],
] as const;

describe.skipIf(reason !== null)(`tpm2-tools${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  test.each(kinds)(
    "our client activates what tpm2_makecredential made for an %s key",
    async (_kind, asBought) => {
      const place = await swtpmPlace(asBought);
      try {
        const tpm = await place.open();
        const at = (name: string): string => join(place.keys, name);
        writeFileSync(at("ek.pub"), sized(tpm.identity.ekPublic));
        writeFileSync(at("secret"), SECRET);
        const name = toHex(tpm.identity.akName);
        const files = ["-u", at("ek.pub"), "-s", at("secret"), "-n", name, "-o", at("credential")];
        tool(place, "makecredential", ["-T", "none", ...files]);
        const sealed = fromFile(new Uint8Array(readFileSync(at("credential"))));
        expect(await tpm.activateCredential(sealed)).toEqual(SECRET);
        await tpm.close();
      } finally {
        await place.stop();
      }
    },
  );

  test.each(kinds)(
    "tpm2_activatecredential opens what we made for an %s key of the tools' own",
    async (kind, asBought) => {
      const place = await swtpmPlace(asBought);
      try {
        const ekPublic = await shownEk(place);
        const at = (name: string): string => join(place.keys, name);
        const flush = (what: string): void => tool(place, "flushcontext", [what]);
        tool(place, "startup", ["-c"]);
        const algorithm = kind === "RSA" ? "rsa" : "ecc";
        tool(place, "createek", ["-G", algorithm, "-c", at("ek.ctx"), "-u", at("tool-ek.pub")]);
        expect(inside(new Uint8Array(readFileSync(at("tool-ek.pub"))), 0).value).toEqual(ekPublic);
        flush("-t");
        const ak = ["-C", at("ek.ctx"), "-c", at("ak.ctx"), "-G", "ecc", "-g", "sha256", "-s", "ecdsa"];
        tool(place, "createak", [...ak, "-u", at("ak.pub"), "-f", "tss"]);
        flush("-t");
        flush("-l");
        const akName = tpmName(
          inside(new Uint8Array(readFileSync(at("ak.pub"))), 0).value,
          nodePrimitives.sha256,
        );
        const made = makeCredential({ ekPublic, akName, secret: SECRET }, seededEntropy("tools"));
        if (!made.ok) throw new Error(JSON.stringify(made.rejections));
        writeFileSync(at("credential"), concat(FILE_HEAD, sized(made.value.blob), sized(made.value.secret)));
        tool(place, "startauthsession", ["--policy-session", "-S", at("session.ctx")]);
        tool(place, "policysecret", ["-S", at("session.ctx"), "-c", "e"]);
        const keysOf = ["-c", at("ak.ctx"), "-C", at("ek.ctx"), "-P", `session:${at("session.ctx")}`];
        tool(place, "activatecredential", [...keysOf, "-i", at("credential"), "-o", at("opened")]);
        expect(new Uint8Array(readFileSync(at("opened")))).toEqual(SECRET);
      } finally {
        await place.stop();
      }
    },
  );
});

async function shownEk(place: TpmPlace): Promise<Uint8Array> {
  const tpm = await place.open();
  await tpm.close();
  return tpm.identity.ekPublic;
}
