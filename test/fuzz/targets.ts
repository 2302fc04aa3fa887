/** Every reader that is fuzzed; a new one adds its line here. */
import type { Target } from "./target.ts";
import { attestTarget } from "./targets/attest.ts";
import { bundleTarget } from "./targets/bundle.ts";
import { chainTarget } from "./targets/chain.ts";
import { controlTarget } from "./targets/control.ts";
import { envelopeTarget } from "./targets/envelope.ts";
import { etherTarget } from "./targets/ether.ts";
import { gpsdTarget } from "./targets/gpsd.ts";
import { guardTarget } from "./targets/guard.ts";
import { hostListTarget } from "./targets/host-list.ts";
import { nmeaTarget } from "./targets/nmea.ts";
import { operatorFileTarget } from "./targets/operator-file.ts";
import { packetGateTarget } from "./targets/packet-gate.ts";
import { pcrApprovalTarget } from "./targets/pcr-approval.ts";
import { recordTarget } from "./targets/record.ts";
import { segmentTarget } from "./targets/segment.ts";
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
  "pcr-approval": pcrApprovalTarget,
  control: controlTarget,
  guard: guardTarget,
  ether: etherTarget,
  "packet-gate": packetGateTarget,
  "operator-file": operatorFileTarget,
  "host-list": hostListTarget,
  segment: segmentTarget,
  step: stepTarget,
};
