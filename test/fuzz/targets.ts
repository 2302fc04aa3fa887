/** Every reader that is fuzzed; a new one adds its line here. */
import type { Target } from "./target.ts";
import { attestTarget } from "./targets/attest.ts";
import { bundleTarget } from "./targets/bundle.ts";
import { chainTarget } from "./targets/chain.ts";
import { envelopeTarget } from "./targets/envelope.ts";
import { gpsdTarget } from "./targets/gpsd.ts";
import { nmeaTarget } from "./targets/nmea.ts";
import { recordTarget } from "./targets/record.ts";
import { stepTarget } from "./targets/step.ts";
import { tpmCommandTarget } from "./targets/tpm-command.ts";
import { tpmResponseTarget } from "./targets/tpm-response.ts";
import { verifyTarget } from "./targets/verify.ts";
import { wantTarget } from "./targets/want.ts";
import { wireTarget } from "./targets/wire.ts";

export const targets: Readonly<Record<string, () => Target>> = {
  wire: wireTarget,
  envelope: envelopeTarget,
  record: recordTarget,
  want: wantTarget,
  chain: chainTarget,
  bundle: bundleTarget,
  verify: verifyTarget,
  gpsd: gpsdTarget,
  nmea: nmeaTarget,
  "tpm-response": tpmResponseTarget,
  "tpm-command": tpmCommandTarget,
  attest: attestTarget,
  step: stepTarget,
};
