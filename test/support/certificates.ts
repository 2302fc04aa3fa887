/** Certificates for tests of TLS, by openssl: each authority a P-256 root of its own, all of it a day long. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { hasProgram } from "./mosquitto.ts";

export const hasOpenssl = hasProgram("openssl", "version");

export type CertificateAuthority = { readonly caPath: string; readonly keyPath: string };

/** A P-256 root of its own, a day long. */
export function makeAuthority(folder: string, name: string): CertificateAuthority {
  const keyPath = makeKey(folder, `${name}-ca`);
  const caPath = join(folder, `${name}-ca.pem`);
  openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    keyPath,
    "-sha256",
    "-days",
    "1",
    "-subj",
    `/CN=${name} root`,
    "-out",
    caPath,
  );
  return { caPath, keyPath };
}

export function makeCertificate(
  folder: string,
  authority: CertificateAuthority,
  name: string,
  extensions?: string,
): { certPath: string; keyPath: string } {
  const keyPath = makeKey(folder, name);
  const [request, certPath] = [join(folder, `${name}.csr`), join(folder, `${name}.pem`)];
  openssl("req", "-new", "-key", keyPath, "-subj", `/CN=${name}`, "-out", request);
  const signing = [
    "-CA",
    authority.caPath,
    "-CAkey",
    authority.keyPath,
    "-CAcreateserial",
    "-sha256",
    "-days",
    "1",
  ];
  openssl(
    "x509",
    "-req",
    "-in",
    request,
    ...signing,
    ...(extensions === undefined ? [] : ["-extfile", extensions]),
    "-out",
    certPath,
  );
  return { certPath, keyPath };
}

function makeKey(folder: string, name: string): string {
  const path = join(folder, `${name}.key`);
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path);
  // mosquitto reads it as its own user.
  execFileSync("chmod", ["644", path]);
  execFileSync("chmod", ["755", folder]);
  return path;
}

function openssl(...command: readonly string[]): void {
  execFileSync("openssl", command, { stdio: "ignore" });
}
