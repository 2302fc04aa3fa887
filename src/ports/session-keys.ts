/** Software keys for one process (PROTOCOL §10 Session keys). */
import type { Signer } from "./signatures.ts";

/** A fresh ES256 key. Its private half is written nowhere, and is gone with the process. */
export type SessionKeys = () => Signer;
