/** From opened ports to a running agent's parts: the log, the names that its settings use, its mesh. Live and simulated. */
import type { OwnKey, OwnRadio } from "../core/agent/config.ts";
import type { Note } from "../core/agent/effect.ts";
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { Rejection } from "../core/base/rejection.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Mesh } from "../ports/mesh.ts";
import type { Radio } from "../ports/radio.ts";
import type { Tpm } from "../ports/tpm.ts";
import type { AgentParts } from "./agent-loop.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { type AgentSettings, agentConfig } from "./agent-settings.ts";
import type { DocumentSet } from "./document-set.ts";
import type { Failpoints } from "./failpoints.ts";
import { openLog } from "./open-log.ts";
import type { CellsAround } from "./routes.ts";

export type OpenAgentParts = {
  readonly ports: Omit<AgentPorts, "mesh" | "tpm" | "signer"> & { readonly tpm: Tpm };
  readonly settings: AgentSettings;
  /** What the own radio can do; null without one. */
  readonly radio: OwnRadio | null;
  readonly documents: DocumentSet;
  readonly primitives: Primitives;
  readonly entropy: Entropy;
  readonly pack: PackEnvelope;
  readonly cellsAround: CellsAround;
  readonly failpoints: Failpoints;
  readonly onNote: (note: Note) => void;
  /** See IdentityParts. */
  readonly nextKeyHash?: Uint8Array | undefined;
  /** Called once the own lineage is known: a mesh names it. */
  openMesh(lineage: Uint8Array): Promise<Mesh>;
};

export type OpenedAgent =
  | { readonly ok: true; readonly parts: AgentParts }
  /** Names in the settings that no document has. */
  | { readonly ok: false; readonly rejections: readonly Rejection[] };

/** PortErrors of store and signer pass through; the log may have been cut, and its inception written. */
export async function openAgent(parts: OpenAgentParts): Promise<OpenedAgent> {
  const { settings, documents, primitives, entropy, pack, failpoints, onNote, cellsAround } = parts;
  const { store, tpm, clock } = parts.ports;
  const { signer } = tpm;
  const key = ownKey(tpm);
  const { nextKeyHash } = parts;
  const identity = { store, signer, key, owner: settings.owner, primitives, entropy, pack, nextKeyHash };
  const { folded, quarantine } = await openLog(identity, settings.clockDriftPpm);
  const { lineage } = folded.state.key ?? {};
  assert(lineage !== undefined, "an opened log has its inception");
  const settled = agentConfig({
    settings,
    documents,
    lineage,
    key,
    radio: parts.radio,
    primitives,
    clock,
    entropy,
    counter: true,
  });
  if (!settled.ok) return settled;
  const mesh = await parts.openMesh(lineage);
  return {
    ok: true,
    parts: {
      config: settled.config,
      ports: { ...parts.ports, mesh, signer },
      pack,
      folded,
      documents: documents.records.map(({ envelope }) => pack(envelope)),
      quarantine,
      cellsAround,
      eligibilityClasses: settled.eligibilityClasses,
      failpoints,
      onNote,
    },
  };
}

export function ownKey({ signer, identity }: Tpm): OwnKey {
  const { suite, publicKey } = signer;
  return { suite, publicKey, akName: identity.akName, tier: identity.level };
}

/** What the own radio can do, at no more than `wantedCentiDbm` EIRP. */
export function ownRadio({ capabilities }: Radio, wantedCentiDbm: number): OwnRadio {
  const { deadman, controls, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm } = capabilities;
  const { spectrum, dutyCycles } = capabilities;
  const eirpCentiDbm = Math.min(powerMaxCentiDbm, wantedCentiDbm);
  const own = { deadman, controls, muteLatencyUs, lowestHz, highestHz, powerMaxCentiDbm, eirpCentiDbm };
  return {
    ...own,
    ...(spectrum === undefined ? {} : { spectrum }),
    ...(dutyCycles === undefined ? {} : { dutyCycles }),
  };
}
