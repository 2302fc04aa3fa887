/** The files that a fleet of two agents is started from: profiles, and a policy with deadlines short enough to wait for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./built.ts";

/** What a test chooses for one agent; each text is a section of YAML in one line. */
export type AgentChoice = {
  readonly name: string;
  readonly tpm?: string;
  readonly gnss?: string;
  readonly radio?: string;
  readonly time?: string;
  readonly place?: string;
  /** PORT stands for the broker's. */
  readonly mesh?: string;
  readonly production?: boolean;
  /** Sends the acceptance though its own evaluation refuses the offer. */
  readonly insist?: boolean;
};

export type OfferChoice = {
  /** Where the block may be used. */
  readonly latitude: string;
  readonly longitude: string;
  readonly leaseClass: string;
  readonly endAfter: string;
  /** Of the consumer's lease. */
  readonly duration: string;
};

/** Beside the Brandenburg Gate, where the simulated receivers are. */
export const BENCH_OFFER: OfferChoice = {
  latitude: "52.5163deg",
  longitude: "13.3777deg",
  leaseClass: "bench-demo",
  endAfter: "10s",
  duration: "5min",
};

const SIMULATED_TPM = "{driver: simulated, state: ./tpm}";
/** On the host's own clock: the bound is the scheduler's, and not that of a serial line. */
const SIMULATED_TIME = "{transport-bound: 20ms}";

export function holderProfile(choice: AgentChoice, broker: number, offer: OfferChoice): string {
  const here = "{driver: simulated, latitude: 52.5163deg, longitude: 13.3777deg, height: 35m, seed: 1}";
  const centre = `{latitude: ${offer.latitude}, longitude: ${offer.longitude}}`;
  return `${profile(choice, broker, here)}
offers:
  - resource: bench-433
    commodity: spectrum-block
    band: [433.05MHz, 433.075MHz]
    area: {circle: {centre: ${centre}, radius: 250m}}
    duration: 10min
    limits: [12dBm EIRP]
    exclusive: true
    price: 0 EUR
    eligibility: {level: user, class: bench}
    rules: [handshake]
    lease-class: ${offer.leaseClass}
    end-after: ${offer.endAfter}
    refresh: 1s
`;
}

export function consumerProfile(choice: AgentChoice, broker: number, offer: OfferChoice): string {
  const nearby = "{driver: simulated, latitude: 52.5163deg, longitude: 13.3780deg, height: 35m, seed: 2}";
  return `${profile(choice, broker, nearby)}
accepts:
  - resource: bench-433
    commodity: spectrum-block
    width: 25kHz
    duration: ${offer.duration}
    power: 10dBm EIRP
    insist: ${choice.insist ?? false}
`;
}

function profile(choice: AgentChoice, broker: number, gnss: string): string {
  const { name, tpm = SIMULATED_TPM, time = SIMULATED_TIME, place = "{}", radio } = choice;
  const mesh = choice.mesh ?? '{driver: mqtt, url: "mqtt://127.0.0.1:PORT"}';
  return `schema: spectrum-agent.profile/1
name: ${name}
owner: ${name}
state: .
production: ${choice.production ?? false}
mesh: ${mesh.replace("PORT", `${broker}`)}
tpm: ${tpm}
gnss: ${choice.gnss ?? gnss}
${radio === undefined ? "" : `radio: ${radio}\n`}time: ${time}
place: ${place}
trust: [../bench/trust/root.record]
documents: [../bench/documents]
policy: bench-cabled
`;
}

/** The shipped bench policy with some of its values changed: `[key, value]`, every occurrence of the key. */
export function benchPolicy(changes: readonly (readonly [key: string, value: string])[]): string {
  const shipped = readFileSync(join(repository, "profiles/policies/bench-cabled.yaml"), "utf8");
  // Fleets trade by the classes before it, and what is changed for those is not meant for this one.
  let text = shipped.replace(/^ {2}# As bench-demo[\s\S]*?\n\n/m, "\n");
  for (const [key, value] of changes) {
    const line = new RegExp(`^( *)${key}: .*$`, "gm");
    if (!line.test(text)) throw new Error(`the bench policy has no ${key}`);
    text = text.replaceAll(line, `$1${key}: ${value}`);
  }
  return text;
}
