/** Documents in which every key of a file stands once, for tests that spoil one at a time. */
import { drivers } from "../../src/compose/open-ports.ts";
import type { Drivers } from "../../src/profile/driver-registry.ts";
import type { ScenarioSources } from "../../src/profile/scenario-schema.ts";
import { scenarioSources } from "../../src/profile/scenario-sources.ts";

/** The shipped documents, as scenario files name them. */
export const testSources: ScenarioSources = scenarioSources("/f", drivers);

/** A driver with one option of each kind, and a simulated one. */
export const testDrivers: Drivers = {
  tpm: [
    {
      id: "chip",
      summary: "a chip",
      simulated: false,
      options: { keys: { kind: "path", required: true, doc: "keys" } },
    },
    { id: "pretended", summary: "none", simulated: true, options: {} },
  ],
  gnss: [
    {
      id: "receiver",
      summary: "a receiver",
      simulated: false,
      options: {
        source: { kind: "text", required: false, doc: "live or replay" },
        port: { kind: "tcp-port", required: false, doc: "a port" },
        seed: { kind: "integer", required: false, doc: "a number" },
        loud: { kind: "boolean", required: false, doc: "a flag" },
        silence: { kind: "duration", required: false, doc: "a duration" },
        height: { kind: "length", required: false, doc: "a length" },
        latitude: { kind: "degrees", required: false, doc: "an angle" },
      },
    },
  ],
  radio: [
    {
      id: "transmitter",
      summary: "a transmitter",
      simulated: false,
      options: {
        lowest: { kind: "frequency", required: true, doc: "a frequency" },
        "power-max": { kind: "power", required: false, doc: "a power" },
      },
    },
  ],
};

/** The only values that a key takes as a bare number, by path pattern. */
export const COUNTS: readonly RegExp[] = [/[.]seed$/];

const berlin = { latitude: "52.5163deg", longitude: "13.3777deg" };
const polygon = [
  berlin,
  { latitude: "52.6°N", longitude: "13.4°E" },
  { latitude: "52.5deg", longitude: "13.5deg" },
];
const offer = {
  resource: "lab-433",
  commodity: "spectrum-block",
  area: { circle: { centre: berlin, radius: "250m" } },
  limits: ["12dBm EIRP"],
  exclusive: true,
  price: "12.50 EUR",
  eligibility: { level: "user", class: "bench" },
  rules: ["content-match", "handshake"],
  "lease-class": "bench",
  "end-after": "10s",
  refresh: "2s",
};

export const everyProfileKey = {
  schema: "spectrum-agent.profile/1",
  name: "agent",
  owner: "Somebody & Sons",
  identifiers: [{ scheme: "fcc-id", value: "ABC-123" }],
  state: "state",
  control: "run/control.sock",
  log: "debug",
  production: true,
  mesh: {
    driver: "mqtt",
    url: "mqtts://broker:8883",
    ca: "ca.pem",
    cert: "cert.pem",
    key: "key.pem",
    client: "file",
    range: 2,
  },
  tpm: { driver: "chip", keys: "keys" },
  gnss: {
    driver: "receiver",
    source: "live",
    port: 2947,
    seed: 7,
    loud: true,
    silence: "10s",
    height: "35m",
    latitude: "52.5deg",
  },
  radio: {
    driver: "transmitter",
    lowest: "433.05MHz",
    "power-max": "10mW",
    offset: { north: "-1m", east: "20cm", up: "3m" },
  },
  trust: ["root.record"],
  documents: ["documents"],
  policy: "bench-cabled",
  time: {
    factor: "200%",
    "unestimated-error": "1ms",
    "transport-bound": "250ms",
    "pps-bound": "2ms",
    drift: "2.5ppm",
    "check-system-clock": false,
    "system-clock-tolerance": "2min",
  },
  place: { "speed-max": "50km/h", "climb-max": "1m/s", "unestimated-error": "30m", hold: "30s" },
  offers: [
    {
      ...offer,
      band: ["433.05MHz", "433.3MHz"],
      from: "2026-01-01T00:00:00Z",
      until: "2026-01-01T01:00:00Z",
    },
    {
      ...offer,
      centre: "433.92MHz",
      width: "25kHz",
      area: {
        polygon,
      },
      duration: "10min",
    },
  ],
  accepts: [
    {
      resource: "lab-433",
      commodity: "spectrum-block",
      band: ["433.05MHz", "433.3MHz"],
      width: "25kHz",
      duration: "1min",
      power: "10dBm EIRP",
      "price-max": "1 EUR",
      insist: true,
    },
  ],
};

const provenance = { about: "a test", sources: ["a book"], date: "2026-01-31", "verify-before-use": true };

export const everyPolicyKey = {
  schema: "spectrum-agent.policy/1",
  name: "some-policy",
  ...provenance,
  bands: [
    {
      band: ["433.05MHz", "434.79MHz"],
      category: "a",
      limits: ["10mW ERP"],
      "duty-cycle": { share: "10%", window: "1h" },
    },
  ],
  profiles: [{ role: "jurisdiction", name: "some-land", sets: ["tiers"] }],
  start: "2026-01-01T00:00:00Z",
  end: "2027-01-01T00:00:00Z",
  "spatial-window": "50m",
  "temporal-window": "5s",
  "evidence-age-max": "10s",
  "context-skew-max": "5s",
  "clock-bound": "1s",
  "time-assurance": ["gnss", "simulated"],
  "place-assurance": ["gnss", "replay"],
  tiers: ["tpm"],
  levels: [{ name: "user", rank: 20, response: "ignore", weight: -5, admits: "all" }],
  "transaction-types": [{ first: "offer", second: "acceptance", rules: ["handshake"] }],
  "lease-classes": [
    {
      name: "bench",
      period: "10s",
      reach: "30s",
      "snapshot-age-max": "1d",
      holdover: "30s",
      deadmen: ["guard", "none"],
      "mute-latency-max": "500ms",
      "verify-within": "2s",
      control: "lessee",
      oversight: { level: "user", duty: "acknowledged" },
      "ends-with-licence": "term",
      exclusive: "allowed",
      identifiers: { holder: ["call-sign", "frn"], consumer: ["fcc-id"] },
    },
  ],
  "confirm-by-max": "30s",
  "effective-by-max": "31s",
  "weight-threshold": 40,
  weighing: {
    attestation: { weight: 5, "at-most": 4, step: "1d" },
    corroboration: { weight: 10, "at-most": 3 },
    least: -20,
    most: 100,
  },
  "self-dealing": "refuse",
  "allocate-unconfirmed": false,
  "rules-versions": [1, 2],
  quotas: { rejections: 20, window: "1min" },
  consequences: [{ code: "not-eligible", consequence: "quota", after: "1h" }],
  ceilings: [{ commodity: "spectrum", "lease-class": "bench", area: { polygon }, "holdings-max": "40MHz" }],
  "session-keys": { for: "1h", kinds: ["renewal-request", "renewal"] },
};

export const everyCommodityKey = {
  schema: "spectrum-agent.commodity/1",
  name: "spectrum-block",
  class: "spectrum",
  ...provenance,
  steps: {
    frequency: "25kHz",
    "frequency-minimum": "50kHz",
    time: "1s",
    "time-minimum": "10s",
    "area-divisible": false,
  },
  "guard-band": "12.5kHz",
  mask: [
    { offset: "0Hz", limit: "-26dBm/10kHz" },
    { offset: "100kHz", limit: "-36dBm/100kHz" },
  ],
  tdd: { class: "utc-5ms", guard: "10MHz" },
  "border-limit": { field: "32dBuV/m", per: "5MHz", height: "3m" },
};

export type Step = string | number;
export type Trail = readonly Step[];

const everyStep = { agent: "taker", do: "accept", resource: "lab-433", insist: true };
const everyPlace = { north: "5m", east: "-1m" };

/** Two of what has two forms: with `at` and with `after`, with `place` and with `track`. */
export const everyScenarioKey = {
  schema: "spectrum-agent.scenario/1",
  name: "some-scenario",
  about: "a test",
  seed: 7,
  duration: "60s",
  policy: "bench-cabled",
  commodity: "spectrum-block",
  breaks: ["block-let-once"],
  agents: [
    {
      name: "lender",
      role: "holder",
      profile: "bench-holder",
      place: everyPlace,
      "speed-max": "1m/s",
      oscillator: "20ppm",
      offers: [{ ...offer, band: ["433.05MHz", "433.3MHz"], duration: "10min" }],
      credential: {
        level: "licensee",
        class: "bench",
        ends: "50s",
        budgets: [
          {
            unit: "hertz-seconds",
            level: "user",
            commodity: "spectrum",
            "lease-class": "bench",
            area: { polygon },
            window: "1h",
            counted: "fixed",
            allowed: 20,
          },
        ],
        "holdings-max": "40MHz",
      },
    },
    {
      name: "taker",
      role: "consumer",
      profile: "bench-radio",
      track: [
        { at: "0s", ...everyPlace },
        { at: "5s", ...everyPlace },
      ],
      accepts: [
        { resource: "lab-433", duration: "1min", power: "10dBm EIRP", "price-max": "20 EUR", insist: false },
      ],
    },
  ],
  links: [{ between: ["lender", "taker"], latency: "20ms", loss: "1%" }],
  steps: [
    { name: "first", at: "5s", ...everyStep },
    { name: "second", after: { agent: "lender", record: "settlement" }, ...everyStep },
  ],
  faults: [
    { name: "lied-to", at: "20s", fault: "spoof-noticed", host: "taker", for: "5s", ...everyPlace, by: "1s" },
    { name: "lost", at: "20s", fault: "loss", share: "30%" },
    { name: "parted", at: "30s", fault: "partition", groups: [["lender"], ["taker"]] },
    {
      name: "copied",
      after: { agent: "lender", record: "offer" },
      fault: "cloned-disk",
      host: "taker",
      from: "lender",
    },
    { name: "fast", at: "30s", fault: "oscillator-off", host: "taker", drift: "50ppm", for: "5s" },
    { name: "older", at: "40s", fault: "backup-put-back", host: "lender", taken: "5s" },
  ],
  expectations: [
    { name: "a", expect: { agent: "taker", radio: "on" }, at: "5s" },
    { name: "b", expect: { agent: "taker", lease: "effective" }, within: "5s", after: "first" },
    { name: "c", always: { agent: "taker", ready: true }, from: "5s", until: "20s" },
    { name: "d", never: { agent: "taker", quarantine: true }, after: "first" },
    { name: "e", never: { settled: "any", "at-least": 2, "at-most": 9 } },
    { name: "f", never: { refused: "not-eligible" } },
    { name: "g", never: { records: "outage" } },
    { name: "h", never: { emissions: "any" } },
    { name: "i", never: { broken: "block-let-once" } },
    { name: "j", expect: { audit: "any" }, at: "60s" },
  ],
};

/** `offers[0].price`, as errors have it. */
export function dotted(trail: Trail): string {
  return trail.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Every value below `root`, maps and lists included, parents first. */
export function trailsOf(root: unknown, above: Trail = []): readonly Trail[] {
  if (typeof root !== "object" || root === null) return [];
  const steps: readonly Step[] = Array.isArray(root) ? [...root.keys()] : Object.keys(root);
  return steps.flatMap((step) => {
    const trail = [...above, step];
    return [trail, ...trailsOf(valueAt(root, [step]), trail)];
  });
}

export function valueAt(root: unknown, trail: Trail): unknown {
  return trail.reduce<unknown>((value, step) => (value as Record<Step, unknown>)[step], root);
}

/** A copy with the value at `trail` replaced, or removed where `value` is undefined. */
export function spoiled(root: unknown, trail: Trail, value: unknown): unknown {
  const [step, ...rest] = trail;
  if (step === undefined) return value;
  const copy = (Array.isArray(root) ? [...root] : { ...(root as object) }) as Record<Step, unknown>;
  const inner = spoiled(copy[step], rest, value);
  if (inner !== undefined) copy[step] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else delete copy[step];
  return copy;
}

/** JSON is YAML: one value a line, so that lines and columns can be looked up. */
export function written(document: unknown): string {
  return JSON.stringify(document, null, 2);
}

/** Line and column, from 1, of the only occurrence of `text`. */
export function placeOf(whole: string, text: string): { readonly line: number; readonly column: number } {
  const before = whole.slice(0, whole.indexOf(text)).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
