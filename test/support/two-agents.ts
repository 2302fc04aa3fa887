/** Holders and consumers of the production core on virtual time, with a mesh that a test scripts. */

import type { AgentConfig } from "../../src/core/agent/config.ts";
import type { Effect, Route } from "../../src/core/agent/effect.ts";
import type { CommandAnswer, OfferCommand } from "../../src/core/agent/input.ts";
import { assert } from "../../src/core/base/assert.ts";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { Recognition } from "../../src/core/record/kinds/recognition.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import type { Block } from "../../src/core/record/spectrum-fields.ts";
import type { Lease } from "../../src/core/settlement/lease.ts";
import { writeWant } from "../../src/core/wire/want.ts";
import {
  type Authority,
  type AuthorityChange,
  type Delegate,
  type ScriptedLineage,
  START_US,
  sceneBlock,
  scriptedAuthority,
  scriptedLineage,
} from "./scripted-authority.ts";
import {
  HOST_DEFAULT,
  type Host,
  type HostScript,
  packEnvelope,
  SCENE_DRIFT_PPM,
  scriptedHost,
} from "./scripted-host.ts";
import { type KeyScheme, quickKeys } from "./scripted-keys.ts";
import { type Agenda, agenda } from "./virtual-clock.ts";

/** One copy of one message on its way to one agent. */
export type Carried = {
  readonly from: string;
  readonly to: string;
  /** Record kind, or "want". */
  readonly kind: string;
  /** Null for a want. */
  readonly record: AnyRecord | null;
  readonly bytes: Uint8Array;
  readonly atUs: number;
};

/** Delay of each copy that arrives, µs; none: lost; two: delivered twice; other bytes: damaged on the way. */
export type Carrier = (
  message: Carried,
) => readonly (number | { readonly us: number; readonly bytes: Uint8Array })[];

export type Scene = {
  readonly scheme: KeyScheme;
  readonly timeline: Agenda;
  readonly authority: Authority;
  /** The consumers' root, where it is another. */
  readonly other: Authority | null;
  /** Where the scene has them. */
  readonly delegates: { readonly holder: Delegate; readonly consumer: Delegate } | null;
  readonly hosts: readonly Host[];
  readonly holder: Host;
  readonly consumers: readonly Host[];
  /** The first consumer. */
  readonly consumer: Host;
  /** Every message that was handed to the mesh. */
  readonly carried: Carried[];
  /** Replaced by tests at will. */
  readonly mesh: { carry: Carrier };
  run(us: number): void;
  /** Runs until `done`, at most `us`; fails otherwise. */
  runUntil(done: () => boolean, us?: number, what?: string): void;
  /** The holder's offer of `block`, heard by everybody. */
  offer(change?: Partial<OfferCommand>): RecordOf<"offer">;
  accept(consumer: Host, offer: RecordOf<"offer">, insist?: boolean): CommandAnswer;
  /** Offer, acceptance, both settlements, first renewal, RF on. */
  settle(change?: Partial<OfferCommand>, consumer?: Host): Lease;
  nowUs(): number;
};

export type SceneParts = {
  readonly scheme?: KeyScheme;
  readonly authority?: AuthorityChange;
  readonly holder?: Partial<HostScript>;
  readonly consumers?: readonly Partial<HostScript>[];
  readonly config?: Partial<AgentConfig>;
  /** What one host is set to besides, by its name. */
  readonly configOf?: (name: string, authority: Authority) => Partial<AgentConfig>;
  /** Documents in every host's folder besides. */
  readonly documents?: (authority: Authority) => readonly AnyRecord[];
  /** What their credentials have besides. */
  readonly holderCredential?: Partial<Credential>;
  readonly consumerCredential?: Partial<Credential>;
  /** Each side has its credential of an authority of its own below the root, whose own has this besides. */
  readonly delegates?: { readonly holder: Partial<Credential>; readonly consumer: Partial<Credential> };
  /** The consumers trust a root of their own alone; null: one side's root does not recognise the other's. */
  readonly twoRoots?: {
    readonly consumers: Partial<Recognition> | null;
    readonly holder: Partial<Recognition> | null;
  };
  /** Called after each input of each agent. */
  readonly watch?: (scene: Scene) => void;
};

const PROMPT_US = 3_000;

export function twoAgents(parts: SceneParts = {}): Scene {
  const scheme = parts.scheme ?? quickKeys();
  const timeline = agenda(START_US + 1_000_000);
  const authority = scriptedAuthority(scheme, parts.authority);
  const { twoRoots } = parts;
  const other = twoRoots === undefined ? null : scriptedAuthority(scheme, parts.authority, "other root");
  const rootOf = ({ root }: Authority): Uint8Array => root.inception.header.lineage;
  const recognised =
    other === null || !twoRoots
      ? []
      : [
          ...other.ground,
          ...(twoRoots.consumers === null ? [] : [authority.recognise(rootOf(other), twoRoots.consumers)]),
          ...(twoRoots.holder === null ? [] : [other.recognise(rootOf(authority), twoRoots.holder)]),
        ];
  const delegates =
    parts.delegates === undefined
      ? null
      : {
          holder: authority.below("holder's authority", parts.delegates.holder),
          consumer: (other ?? authority).below("consumer's authority", parts.delegates.consumer),
        };
  const ground = [
    ...authority.ground,
    ...(parts.documents?.(authority) ?? []),
    ...recognised,
    ...(delegates === null ? [] : [...delegates.holder.ground, ...delegates.consumer.ground]),
  ];
  const carried: Carried[] = [];
  const mesh: Scene["mesh"] = { carry: () => [PROMPT_US] };
  const cast = [
    { ...HOST_DEFAULT, name: "holder", ...parts.holder },
    ...(parts.consumers ?? [{}]).map((each, i) => ({ ...HOST_DEFAULT, name: `consumer ${i}`, ...each })),
  ];
  const hosts: Host[] = cast.map((script) => join(script));
  const [holder, ...consumers] = hosts as [Host, Host, ...Host[]];

  function join(script: HostScript): Host {
    const lineage = scriptedLineage(scheme, script.name);
    const sells = script.name === "holder";
    const root = sells ? authority : (other ?? authority);
    const issuer = delegates === null ? root : sells ? delegates.holder : delegates.consumer;
    const link = issuer.issue(
      lineage,
      sells
        ? { level: "licensee", verbs: ["allocate"], ...parts.holderCredential }
        : { level: "user", verbs: ["acquire"], ...parts.consumerCredential },
    );
    return scriptedHost({
      script,
      lineage,
      timeline,
      primitives: scheme.primitives,
      keyOf: scheme.keyOf,
      config: {
        ...configOf(authority, link, sells, script),
        roots: [rootOf(root)],
        ...parts.config,
        ...parts.configOf?.(script.name, authority),
      },
      documents: () => [...ground, link],
      send: (effect) => send(lineage, script.name, effect),
      watch: () => parts.watch?.(scene),
    });
  }

  function send(
    from: ScriptedLineage,
    name: string,
    effect: Extract<Effect, { kind: "publish" | "want" }>,
  ): void {
    const route: Route = effect.kind === "want" ? { to: "agent", lineage: effect.lineage } : effect.route;
    const record = effect.kind === "want" ? null : effect.record;
    const bytes =
      effect.kind === "want"
        ? writeWant({ lineage: from.inception.header.lineage, ids: effect.ids })
        : packEnvelope(effect.record.envelope);
    for (const host of hosts) {
      const { lineage } = host.lineage.inception.header;
      if (route.to === "agent" ? !equalBytes(route.lineage, lineage) : host.script.name === name) continue;
      const kind = record?.kind ?? "want";
      const message = { from: name, to: host.script.name, kind, record, bytes, atUs: timeline.nowUs() };
      carried.push(message);
      for (const copy of mesh.carry(message)) {
        const [us, arriving] = typeof copy === "number" ? [copy, bytes] : [copy.us, copy.bytes];
        timeline.at(timeline.nowUs() + us, () => host.take({ kind: "message", bytes: arriving }));
      }
    }
  }

  const scene: Scene = {
    scheme,
    timeline,
    authority,
    other,
    delegates,
    hosts,
    holder,
    consumers,
    consumer: consumers[0] as Host,
    carried,
    mesh,
    nowUs: () => timeline.nowUs(),
    run: (us) => timeline.runUntil(timeline.nowUs() + us),
    runUntil(done, us = 30_000_000, what = "what was waited for") {
      const endUs = timeline.nowUs() + us;
      while (!done()) {
        assert(timeline.nowUs() < endUs, `${what} happens in time`);
        timeline.runUntil(timeline.nowUs() + 10_000);
      }
    },
    offer(change = {}) {
      const before = holder.written("offer").length;
      const answer = holder.command({
        verb: "offer",
        offer: { ...offerOf(authority, sceneBlock), ...change },
      });
      assert(answer.ok, `the holder may offer: ${JSON.stringify(answer)}`);
      scene.runUntil(() => holder.written("offer").length > before, 5_000_000, "the offer");
      const offer = holder.written("offer").at(-1);
      assert(offer !== undefined, "the offer is on disk");
      scene.run(50_000);
      return offer;
    },
    accept: (consumer, offer, insist = false) =>
      consumer.command({ verb: "accept", accept: { offer: offer.id, block: null, insist } }),
    settle(change = {}, consumer = consumers[0] as Host) {
      const offer = scene.offer(change);
      const answer = scene.accept(consumer, offer);
      assert(answer.ok, `the consumer may accept: ${JSON.stringify(answer)}`);
      scene.runUntil(() => consumer.radio.isOn(), 20_000_000, "RF on");
      scene.run(50_000);
      const lease = leasesOf(consumer).at(-1);
      assert(lease !== undefined, "a settled pair is a lease");
      return lease;
    },
  };
  for (const host of hosts) host.start();
  scene.run(1_000);
  return scene;
}

export function leasesOf(host: Host): readonly Lease[] {
  return [...host.agent().durable.leases.values()];
}

/** The lease as `host` knows it now, by its artifact. */
export function leaseAt(host: Host, { derived }: Lease): Lease {
  const found = host.agent().durable.leases.get(toHex(derived.id));
  assert(found !== undefined, `${host.script.name} holds the artifact`);
  return found;
}

export function offerOf({ schema }: Authority, block: Block): OfferCommand {
  return {
    schema: schema.id,
    resource: "block a",
    block,
    price: { form: "fixed", microUnits: 0n, currency: "EUR" },
    eligibility: { level: "user", verb: "acquire", eligibilityClass: "scene" },
    rules: ["content-match"],
    leaseClass: "scene",
    validUs: 300_000_000,
  };
}

function configOf(
  { root, policy }: Authority,
  link: RecordOf<"credential">,
  sells: boolean,
  { radio }: HostScript,
): Omit<AgentConfig, "primitives" | "draw" | "key" | "bootId" | "owner" | "counter"> {
  return {
    roots: [root.inception.header.lineage],
    credentials: [link.id],
    policy: policy.id,
    radio: sells
      ? null
      : {
          deadman: "guard",
          controls: "transmitter",
          muteLatencyUs: 2 * radio.muteUs,
          lowestHz: 24_000_000,
          highestHz: 1_766_000_000,
          powerMaxCentiDbm: 2_000,
          eirpCentiDbm: 900,
        },
    wishes: [],
    standingOffers: [],
    timeRules: {
      kPermille: 1_000,
      unestimatedErrorUs: 0,
      transportUs: 0,
      ppsTransportUs: 0,
      driftPpm: SCENE_DRIFT_PPM,
      checkAgainstWall: false,
      wallToleranceUs: 60_000_000,
    },
    placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 0, unestimatedErrorMm: null },
    clockDriftPpm: SCENE_DRIFT_PPM,
    production: false,
  };
}
