/** The ports of one running agent. */
import type { Clock } from "../ports/clock.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Log } from "../ports/log.ts";
import type { Mesh } from "../ports/mesh.ts";
import type { Radio } from "../ports/radio.ts";
import type { SessionKeys } from "../ports/session-keys.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";

export type AgentPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly mesh: Mesh;
  readonly store: Store;
  readonly signer: Signer;
  /** None: whatever policy says, the signer above signs everything. */
  readonly sessionKeys?: SessionKeys;
  readonly gnss: Gnss;
  readonly tpm: Tpm | null;
  readonly radio: Radio | null;
};
