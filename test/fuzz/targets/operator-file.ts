/** What operators write (profile/yaml-document, check-document): device profiles, policies, commodities and scenarios, told by their schema. */
import { readdirSync, readFileSync } from "node:fs";
import { drivers } from "../../../src/compose/open-ports.ts";
import { agentProfile } from "../../../src/profile/agent-schema.ts";
import { checkDocument } from "../../../src/profile/check-document.ts";
import { commodityDocument } from "../../../src/profile/commodity-schema.ts";
import { policyDocument } from "../../../src/profile/policy-schema.ts";
import { PROFILE_CODES, type ProfileError } from "../../../src/profile/profile-error.ts";
import { scenarioDocument } from "../../../src/profile/scenario-schema.ts";
import { scenarioSources } from "../../../src/profile/scenario-sources.ts";
import { shippedFile } from "../../../src/profile/shipped-file.ts";
import { parseYaml, YAML_LIMITS } from "../../../src/profile/yaml-document.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { yamlMutator } from "../yaml-mutator.ts";

const FOLDERS = ["devices", "policies", "commodities", "scenarios"] as const;

type Answer = { readonly ok: boolean; readonly errors?: readonly ProfileError[] };
type Load = (text: string) => Answer;

/** Each finding names a place, what stands there and what may; the same bytes give the same answer; nothing throws. */
export function operatorFileTarget(load: Load = newLoad()): Target {
  return {
    name: "operator-file",
    seeds: () =>
      FOLDERS.flatMap((folder) =>
        readdirSync(shippedFile(`profiles/${folder}`))
          .sort()
          .map((name) => new Uint8Array(readFileSync(shippedFile(`profiles/${folder}/${name}`)))),
      ),
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
  return (text) => {
    const parsed = parseYaml("/f", text);
    if (!parsed.ok) return parsed;
    if (text.includes("spectrum-agent.scenario/")) return checkDocument(parsed.document, scenario);
    if (text.includes("spectrum-agent.policy/")) return checkDocument(parsed.document, policy);
    if (text.includes("spectrum-agent.commodity/")) return checkDocument(parsed.document, commodity);
    return checkDocument(parsed.document, profile);
  };
}
