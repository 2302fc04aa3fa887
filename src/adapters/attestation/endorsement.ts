/** The enroller's side of a TPM, by node's cryptography. */
import type { Endorsement } from "../../ports/endorsement.ts";
import { ekCertificateChain } from "./ek-certificate.ts";
import { makeCredential } from "./make-credential.ts";

export const nodeEndorsement: Endorsement = { makeCredential, checkCertificate: ekCertificateChain };
