/** What operators write, and requests of others (profile/yaml-document, check-document): all kinds of files, told by their schema. */
import { readdirSync, readFileSync } from "node:fs";
import { drivers } from "../../../src/compose/open-ports.ts";
import { agentProfile } from "../../../src/profile/agent-schema.ts";
import { checkDocument } from "../../../src/profile/check-document.ts";
import { commodityDocument } from "../../../src/profile/commodity-schema.ts";
import { contentDocument, enrolmentDocument, signedDocument } from "../../../src/profile/enrolment-schema.ts";
import { geojsonDocument } from "../../../src/profile/geojson.ts";
import { grantDocument } from "../../../src/profile/grant-schema.ts";
import { licenceDocument } from "../../../src/profile/licence-schema.ts";
import { policyDocument } from "../../../src/profile/policy-schema.ts";
import { PROFILE_CODES, type ProfileError } from "../../../src/profile/profile-error.ts";
import { requestDocument } from "../../../src/profile/request-schema.ts";
import { scenarioDocument } from "../../../src/profile/scenario-schema.ts";
import { scenarioSources } from "../../../src/profile/scenario-sources.ts";
import { shippedFile } from "../../../src/profile/shipped-file.ts";
import { signatureDocument } from "../../../src/profile/signature-schema.ts";
import { parseYaml } from "../../../src/profile/yaml-document.ts";
import { YAML_LIMITS } from "../../../src/profile/yaml-limits.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { yamlMutator } from "../yaml-mutator.ts";

const FOLDERS = ["devices", "policies", "policies/parts", "commodities", "scenarios"] as const;

/** What an authority reads; none of it ships. */
const RING = "[[13.3, 52.5], [13.4, 52.5], [13.4, 52.6], [13.3, 52.5]]";
const RIGHTS = `level: user
verbs: [acquire]
classes: [bench]
depth: 1
from: 2026-01-01T00:00:00Z
duration: 30d
scope:
  - band: [433.05MHz, 434.79MHz]
    area: {type: Polygon, coordinates: [${RING}]}
    limits: [12dBm EIRP]
    commodity-class: spectrum
keep-out:
  - circle: {centre: {latitude: 50deg, longitude: 10deg}, radius: 1km}
contact: somebody
revocation-channel: somewhere
`;
const AUTHORITY_FILES: readonly string[] = [
  `schema: spectrum-agent.grant/1\n${RIGHTS}`,
  `schema: spectrum-agent.licence/1\nroot: licensee\nlicence: {scheme: a, number: "1", register: b}\n${RIGHTS}`,
  `schema: spectrum-agent.request/1\nowner: a\nlineage: "${"01".repeat(32)}"\nkey: "${"02".repeat(32)}"\ntier: software\nrecords: [AQID]\n`,
  `schema: spectrum-agent.enrolment/1\nhost: a\nlineage: "${"01".repeat(32)}"\nek-hash: "${"02".repeat(32)}"\nblob: AQID\nsecret: AQID\nnonce: "${"03".repeat(12)}"\nsealed: AQID\n`,
  `schema: spectrum-agent.enrolment-content/1\nprofile: AQID\nsignature: AQID\noperator: AQID\ntrust: [AQID]\ndocuments: [AQID]\n`,
  "schema: spectrum-agent.signed-enrolment/1\norder: AQID\nsignature: AQID\n",
  `schema: spectrum-agent.profile-signature/1\nrecords: [AQID]\nsignatures:\n  - {key: "${"04".repeat(32)}", signature: AQID}\n`,
  `{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [${RING}]}}]}`,
];

type Answer = { readonly ok: boolean; readonly errors?: readonly ProfileError[] };
type Load = (text: string) => Answer;

/** Each finding names a place, what stands there and what may; the same bytes give the same answer; nothing throws. */
export function operatorFileTarget(load: Load = newLoad()): Target {
  return {
    name: "operator-file",
    seeds: () =>
      FOLDERS.flatMap((folder) =>
        readdirSync(shippedFile(`profiles/${folder}`))
          .filter((name) => name.endsWith(".yaml"))
          .sort()
          .map((name) => new Uint8Array(readFileSync(shippedFile(`profiles/${folder}/${name}`)))),
      ).concat(AUTHORITY_FILES.map((text) => new TextEncoder().encode(text))),
    mutators: [...plainMutators, ...Array<typeof yamlMutator>(20).fill(yamlMutator)],
    bytesMax: 4_096,
    run(input) {
      const text = Buffer.from(input).toString("utf8");
      const lines = text.split(/\r\n|\r|\n/).length;
      const answer = load(text);
      if (answer.ok) return;
      const errors = answer.errors ?? [];
      if (errors.length === 0) breach("a refusal says why");
      if (errors.length > ERRORS_MAX) breach("findings are bounded");
      for (const error of errors) checkError(error, lines);
    },
  };
}

/** The findings of the schema, and those of the walk before it. */
const ERRORS_MAX: number = YAML_LIMITS.ERRORS_MAX;

function checkError({ line, column, path, code, allowed, found }: ProfileError, lines: number): void {
  if (!(line >= 1 && line <= lines && column >= 1))
    breach(`a finding names a place in the file: ${line}:${column}`);
  if (/\p{Cc}/u.test(path + found)) breach("what goes to a terminal has no control characters");
  if (!Object.hasOwn(PROFILE_CODES, code)) breach("a finding has a code of the registry");
  if (allowed === "" || found.length > FOUND_MAX)
    breach("a finding says what is allowed, and shortly what is there");
}

const FOUND_MAX = 200;

/** Whose profile is asked for. */
const AGENT = "holder";

/** By its schema line, as the commands do; profiles of scenarios are the shipped ones alone, so that no file is opened. */
function newLoad(): Load {
  const shipped = scenarioSources(shippedFile("profiles/scenarios/x.yaml"), drivers);
  const found = new Map(
    ["bench-holder", "bench-radio"].map((name) => [name, shipped.findProfile(name, AGENT)] as const),
  );
  const nothing = shipped.findProfile("no such profile", AGENT);
  const sources = { ...shipped, findProfile: (name: string) => found.get(name) ?? nothing };
  const scenario = scenarioDocument(sources);
  const [policy, commodity, profile] = [policyDocument(), commodityDocument(), agentProfile(drivers, "/")];
  const [grant, licence] = [grantDocument({}), licenceDocument()];
  const [request, geojson] = [requestDocument(), geojsonDocument()];
  const [enrolment, content] = [enrolmentDocument(), contentDocument()];
  const [signed, signature] = [signedDocument(), signatureDocument()];
  return (text) => {
    const parsed = parseYaml("/f", text);
    if (!parsed.ok) return parsed;
    if (text.includes("spectrum-agent.scenario/")) return checkDocument(parsed.document, scenario);
    if (text.includes("spectrum-agent.policy/")) return checkDocument(parsed.document, policy);
    if (text.includes("spectrum-agent.grant/")) return checkDocument(parsed.document, grant);
    if (text.includes("spectrum-agent.licence/")) return checkDocument(parsed.document, licence);
    if (text.includes("spectrum-agent.request/")) return checkDocument(parsed.document, request);
    if (text.includes("spectrum-agent.enrolment/")) return checkDocument(parsed.document, enrolment);
    if (text.includes("spectrum-agent.enrolment-content/")) return checkDocument(parsed.document, content);
    if (text.includes("spectrum-agent.signed-enrolment/")) return checkDocument(parsed.document, signed);
    if (text.includes("spectrum-agent.profile-signature/")) return checkDocument(parsed.document, signature);
    if (text.includes("FeatureCollection")) return checkDocument(parsed.document, geojson);
    if (text.includes("spectrum-agent.commodity/")) return checkDocument(parsed.document, commodity);
    return checkDocument(parsed.document, profile);
  };
}
