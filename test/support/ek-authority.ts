/** Certificates for tests, made by the real openssl in a folder of their own. */
import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat } from "../../src/core/base/bytes.ts";

/** Why certificates cannot be made here, or null. */
export function opensslMissing(): string | null {
  if (spawnSync("openssl", ["version"]).error === undefined) return null;
  if (process.env["SPECTRUM_REQUIRE_REAL"] === "1") throw new Error("openssl is required and not installed");
  return "openssl is not installed";
}

export type Issued = { readonly der: Uint8Array; readonly point: Uint8Array };

/** `key`: the name of an earlier one whose key this one is for too. */
type More = { readonly days?: readonly [string, string]; readonly key?: string };

export type CertificateAuthority = {
  /** Names are files too: an issuer is one that was issued before, null signs itself. P-256 throughout. */
  issue(name: string, issuer: string | null, extensions: string, more?: More): Issued;
  stop(): void;
};

export function certificateAuthority(): CertificateAuthority {
  const folder = mkdtempSync(join(tmpdir(), "spectrum-certificates-"));
  const at = (name: string): string => join(folder, name);
  const run = (...words: string[]): void => {
    const { status, stderr } = spawnSync("openssl", words, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${words.join(" ")}: ${stderr}`);
  };
  writeFileSync(at("index.txt"), "");
  writeFileSync(
    at("ca.conf"),
    "[ca]\ndefault_ca = bench\n[bench]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\n" +
      "default_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n",
  );
  return {
    issue(name, issuer, extensions, { days = ["20200101000000Z", "20400101000000Z"], key } = {}) {
      if (key === undefined)
        run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
      else copyFileSync(at(`${key}.key`), at(`${name}.key`));
      run("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name.split("-")[0]}`, "-out", `${name}.csr`);
      writeFileSync(at(`${name}.ext`), `[e]\n${extensions}\n`);
      const by = issuer === null ? ["-selfsign"] : ["-cert", `${issuer}.crt`];
      const span = ["-startdate", days[0], "-enddate", days[1]];
      const common = [
        "-batch",
        "-notext",
        "-config",
        "ca.conf",
        "-extfile",
        `${name}.ext`,
        "-extensions",
        "e",
      ];
      const files = ["-in", `${name}.csr`, "-keyfile", `${issuer ?? name}.key`, "-out", `${name}.crt`];
      run("ca", ...common, ...by, ...span, ...files);
      const { raw } = new X509Certificate(readFileSync(at(`${name}.crt`)));
      return { der: new Uint8Array(raw), point: pointOf(readFileSync(at(`${name}.key`))) };
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function pointOf(pem: Buffer): Uint8Array {
  const { x = "", y = "" } = createPublicKey(createPrivateKey(pem)).export({ format: "jwk" });
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));
  return concat(Uint8Array.of(4), bytes(x), bytes(y));
}
