/** The whole `step`: agents with a standing lease under forged, damaged and dishonestly signed messages, ticks and fixes. */
import { step } from "../../../src/core/agent/step.ts";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { writePayload } from "../../../src/core/record/record.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { type Envelope, readEnvelope, recordId, signedBytes } from "../../../src/core/wire/envelope.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import { isWant } from "../../../src/core/wire/want.ts";
import { CENTRE } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import type { Scene } from "../../support/two-agents.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { flipBits } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { forkedAgent } from "./forked-agent.ts";
import { eventfulScene, messagesOf, recordsOf } from "./messages.ts";
import { type Step, type StepHost, stepHost } from "./step-host.ts";
import { readScript, type StepAction, write } from "./step-script.ts";

/**
 * Nothing throws; what no key of the scene signed is dropped or waits, and brings about nothing but a note or a want; RF is
 * on only for a lease in the log, under a durable actuation, within the longest reach; every bound of volatile holds.
 */
export function stepTarget(run: Step = step): Target {
  const scene = eventfulScene();
  const signed = signedOf(scene);
  return {
    name: "step",
    seeds: () => seedsOf(scene),
    mutators: [flipBits, ...Array<typeof packMutator>(9).fill(packMutator)],
    bytesMax: limits.ARTIFACT_BYTES_MAX,
    run(input) {
      const script = readScript(input);
      if (script === null) return;
      const host = scene.hosts[Math.abs(script.who) % scene.hosts.length] as Host;
      const under = stepHost(forkedAgent(host.agent()), host.lineage, host.reading(), run);
      for (const action of script.actions) act(scene, signed, under, action);
    },
  };
}

/** Record ids with each signature that honest keys gave them. */
type SignedIds = ReadonlyMap<string, Uint8Array>;

function act(scene: Scene, signed: SignedIds, host: StepHost, action: StepAction): void {
  const { bootUs, wallUs } = host.now;
  switch (action.kind) {
    case "message": {
      const mayAct = isWant(action.bytes) || isGenuine(scene, signed, host, action.bytes);
      const effects = host.take({ kind: "message", bytes: action.bytes });
      if (mayAct) return;
      const acted = effects.find(({ kind }) => kind !== "note" && kind !== "want");
      if (acted !== undefined) breach(`what nobody signed brings about no ${acted.kind}`);
      return;
    }
    case "signed":
      host.take({ kind: "message", bytes: dishonest(scene, action) });
      return;
    case "renewal": {
      const bytes = renewalFor(scene, host, action);
      if (bytes !== null) host.take({ kind: "message", bytes });
      return;
    }
    case "pass":
      host.now = { bootUs: bootUs + action.us, wallUs: wallUs + action.us };
      host.take({ kind: "tick" });
      return;
    case "fix": {
      const usual = usualFix(host.now, action.timeOffUs);
      host.take({ kind: "fix", fix: { ...usual, ...action.change } });
      return;
    }
    case "gnss-lost":
      host.take({ kind: "gnss-lost", reason: "fuzz" });
      return;
    case "store":
      host.stalled = action.stalled;
      host.take({ kind: "tick" });
      return;
  }
}

type FixInput = Extract<Parameters<Step>[1], { kind: "fix" }>["fix"];

function usualFix({ bootUs, wallUs }: StepHost["now"], offUs: number): FixInput {
  return {
    source: "simulated",
    mode: 3,
    receivedBootUs: bootUs,
    timeUs: wallUs + (Number.isSafeInteger(wallUs + offUs) ? offUs : 0),
    timeErrorUs: 20_000,
    pps: false,
    leapPending: false,
    ...CENTRE,
    heightMm: 520_000,
    horizontalErrorMm: 3_000,
    verticalErrorMm: 5_000,
    satellitesUsed: 9,
    interference: "",
  } as FixInput;
}

/** Under its author's signature; or under any other one, where the agent has verified it and goes on with its own copy. */
function isGenuine({ scheme }: Scene, signed: SignedIds, { agent }: StepHost, bytes: Uint8Array): boolean {
  const read = readEnvelope(bytes);
  if (!read.ok) return false;
  const { kind, payload, signatures } = read.value;
  const id = recordId(kind, payload, scheme.primitives.sha256);
  const known = signed.get(toHex(id));
  const [only] = signatures;
  if (known !== undefined && agent.volatile.seen.has(toHex(id)) && agent.volatile.known.get(id) !== undefined)
    return true;
  return known !== undefined && only !== undefined && equalBytes(known, only.signature);
}

function signedOf(scene: Scene): SignedIds {
  const records = [
    ...scene.authority.root.records,
    ...scene.hosts.flatMap(({ lineage }) => lineage.records),
    ...scene.carried.flatMap(({ record }) => (record === null ? [] : [record])),
    ...recordsOf(scene).values(),
  ];
  return new Map(
    records.map(({ id, envelope }) => [toHex(id), envelope.signatures[0]?.signature ?? new Uint8Array(0)]),
  );
}

/** What its log lacks a holder makes up: here only what it grants matters. */
function renewalFor(
  scene: Scene,
  { agent, now }: StepHost,
  { durationUs, expiresInUs }: Extract<StepAction, { kind: "renewal" }>,
): Uint8Array | null {
  const last = recordsOf(scene).get("renewal");
  const lease = [...agent.durable.leases.values()].findLast(({ lastRequest }) => lastRequest !== null);
  if (last?.kind !== "renewal" || lease === undefined || lease.lastRequest === null) return null;
  const { id, header, body } = lease.lastRequest;
  const head = { ...last.header, seq: last.header.seq + 1 + header.seq };
  const payload = writePayload("renewal", head, {
    ...last.body,
    request: id,
    artifact: body.artifact,
    nonce: body.nonce,
    consumerBootId: body.bootId,
    durationUs: Math.min(durationUs, DURATION_US_MAX),
    transmitExpiryUs: Math.max(0, Math.min(now.wallUs + expiresInUs, Number.MAX_SAFE_INTEGER)),
  });
  return dishonest(scene, { kind: "signed", signer: HOLDER, recordKind: "renewal", payload });
}

/** As the field table bounds it. */
const DURATION_US_MAX = 1_000_000_000_000_000;
/** After the root. */
const HOLDER = 1;

function dishonest(scene: Scene, action: Extract<StepAction, { kind: "signed" }>): Uint8Array {
  const lineages = [scene.authority.root, ...scene.hosts.map(({ lineage }) => lineage)];
  const signer = lineages[Math.abs(action.signer) % lineages.length] ?? scene.authority.root;
  const { recordKind: kind, payload } = action;
  const signature = signer.key.sign(signedBytes(kind, payload));
  const { signerKey } = signer.inception.header;
  const envelope: Envelope = { kind, payload, signatures: [{ keyId: signerKey, signature }], openings: [] };
  return packEnvelope(envelope);
}

/** Each message as it came, and each record signed anew by its author, at the holder and at the transmitting consumer. */
function seedsOf(scene: Scene): readonly Uint8Array[] {
  const messages = messagesOf(scene).map((bytes) => write.message(bytes));
  const lineages = [scene.authority.root, ...scene.hosts.map(({ lineage }) => lineage)];
  const records = [...recordsOf(scene).values()].map(({ kind, header, envelope }) => {
    const signer = lineages.findIndex(({ inception }) =>
      equalBytes(inception.header.lineage, header.lineage),
    );
    return write.signed(signer, kind, envelope.payload);
  });
  const quiet = [write.pass(500_000), write.fix(0, 0, 0), write.pass(500_000), write.fix(0, 0, 500_000)];
  const silenced = [
    write.lost,
    write.pass(7_000_000),
    write.pass(7_000_000),
    write.fix(0, 0, 0),
    write.pass(500_000),
  ];
  const seeds = [0, 1].flatMap((who) => [
    ...[...messages, ...records].map((each) => write.script(who, [each])),
    write.script(who, quiet),
    write.script(who, [
      write.lost,
      write.pass(4_000_000),
      write.pass(4_000_000),
      write.fix(0, 0, 0),
      write.pass(9_000_000),
    ]),
    write.script(who, [write.store(true), write.pass(3_000_000), write.store(false), ...quiet]),
    write.script(who, records.slice(0, 12)),
    write.script(who, [
      write.pass(3_500_000),
      write.fix(0, 0, 0),
      write.renewal(10_000_000, 9_000_000),
      ...quiet,
    ]),
    write.script(who, [...silenced, write.renewal(10_000_000, 9_000_000), ...quiet]),
  ]);
  for (const seed of seeds) {
    if (!decode(seed, limits.ARTIFACT_BYTES_MAX).ok) throw new Error("a seed is a script");
  }
  return seeds;
}
