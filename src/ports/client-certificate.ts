/** What a client shows of itself when TLS is set up: a certificate, and a key that TLS can use. */

export type ShownCertificate = {
  /** PEM: the client's own first, then those above it. */
  readonly chain: string;
  /** PEM, PKCS#8, of the first. In this process's memory only, unless it came from a file. */
  readonly key: string;
  /** When the first of these certificates ends; null where nobody asked. */
  readonly untilUs: number | null;
};

export interface ClientCertificate {
  /**
   * What the next connection shows; for one connection. Rejects with PortError {port: "mesh"}: `mesh-certificate-unreadable`,
   * `mesh-certificate-key`, `mesh-certificate-time`, or as the signer does.
   */
  show(): Promise<ShownCertificate>;
}
