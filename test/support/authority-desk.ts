/** What an authority's desk in the tests writes and types: its licence, its grants, its commands. */
import { runCommand } from "./agent-process.ts";

/** Around the place of the shipped bench profiles, in their band. */
function benchScope(radius = "2km"): string {
  return `scope:
  - band: [433.05MHz, 434.79MHz]
    area: {circle: {centre: {latitude: 52.5163deg, longitude: 13.3777deg}, radius: ${radius}}}
    limits: [12dBm EIRP]
    commodity-class: spectrum
`;
}

export function licenceFile({ verbs = "allocate, acquire, issue", classes = "bench", radius = "2km" } = {}) {
  return `schema: spectrum-agent.licence/1
root: licensee
licence: {scheme: de-bnetza, number: 55-1234, register: "https://example.org"}
level: regulator
verbs: [${verbs}]
classes: [${classes}]
exclusive: true
depth: 3
duration: 365d
contact: somebody
revocation-channel: by file
${benchScope(radius)}`;
}

export function grantFile({ classes = "bench", radius = "2km" } = {}): string {
  return `schema: spectrum-agent.grant/1\nclasses: [${classes}]\nduration: 30d\n${benchScope(radius)}`;
}

/** What the command printed; throws where it did not end with 0. */
export async function authorityDone(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(["authority", ...args]);
  if (code !== 0) throw new Error(`authority ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
