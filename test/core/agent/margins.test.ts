/** At the very edge of what an agent holds itself to: a full queue, the last microsecond, evidence that is not there yet. */
import { describe, expect, test } from "vitest";
import { enqueue } from "../../../src/core/agent/agent.ts";
import { bounds } from "../../../src/core/agent/bounds.ts";
import { awaitedIssuers } from "../../../src/core/agent/deferring.ts";
import type { CommandAnswer } from "../../../src/core/agent/input.ts";
import { ownTime } from "../../../src/core/agent/own-evidence.ts";
import { hasBegun, mayEmit } from "../../../src/core/agent/renewing.ts";
import { step } from "../../../src/core/agent/step.ts";
import type { Agent, Turn } from "../../../src/core/agent/turn.ts";
import { considerOffer } from "../../../src/core/agent/wishes.ts";
import { idText } from "../../../src/core/base/bytes.ts";
import type { Rejection } from "../../../src/core/base/rejection.ts";
import type { Block } from "../../../src/core/record/spectrum-fields.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { HOST_DEFAULT, type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, offerOf, type Scene, twoAgents } from "../../support/two-agents.ts";

function turnOf(host: Host): Turn {
  return { agent: host.agent(), now: host.reading(), effects: [] };
}

function refusalsOf(host: Host): readonly Rejection[] {
  return host.effects("note").flatMap(({ event }) => (event.what === "refused" ? event.rejections : []));
}

/** As full as ordinary records make it. */
function fillQueue(host: Host, scene: Scene): void {
  host.now.stalled = true;
  const turn = turnOf(host);
  const [offer] = scene.holder.written("offer");
  if (offer === undefined) throw new Error("there is an offer");
  while (turn.agent.queue.length < bounds.QUEUE_MAX) {
    enqueue(turn, "withdrawal", { offer: offer.id, reason: "room" });
  }
}

describe("a full queue", () => {
  const full = (state: string) => ({
    ok: false,
    rejections: [{ code: "queue-full", field: "", measured: {}, required: { state } }],
  });

  test("refuses an offer, a withdrawal and an acceptance by that name, and counts them", () => {
    const scene = twoAgents();
    const { holder, consumer } = scene;
    const offer = scene.offer();
    fillQueue(consumer, scene);
    expect(scene.accept(consumer, offer)).toEqual(full("room in the signing queue, no quarantine"));
    const other = scene.offer({ resource: "block b" });
    fillQueue(holder, scene);
    const again = offerOf(scene.authority, sceneBlock);
    expect(holder.command({ verb: "offer", offer: again })).toEqual(full("room in the signing queue"));
    const withdrawn = holder.command({ verb: "withdraw", offer: other.id, reason: "" });
    expect(withdrawn).toEqual(full("room in the signing queue"));
    expect(holder.agent().volatile.counters.get("queue-full")).toBe(2);
  });

  test("has room kept for what an emission hangs on: the next renewal is asked for all the same", () => {
    const scene = twoAgents();
    scene.settle();
    fillQueue(scene.consumer, scene);
    scene.run(4 * SECOND_US);
    const kinds = scene.consumer.agent().queue.map(({ draft }) => draft.record.kind);
    expect(kinds.slice(bounds.QUEUE_MAX)).toContain("renewal-request");
  });
});

describe("a host whose key is attested, before its first attestation", () => {
  /** The same agent with an attestation key, asked directly. */
  function attesting(host: Host): Agent {
    const running = host.agent();
    return {
      ...running,
      config: { ...running.config, key: { ...running.config.key, akName: new Uint8Array(34) } },
    };
  }

  const notAttested = {
    code: "not-attested",
    field: "",
    measured: { attestation: "none" },
    required: { attestation: "durable" },
  };

  test("neither offers nor accepts", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const answers: CommandAnswer[] = [];
    for (const [host, command] of [
      [scene.holder, { verb: "offer", offer: offerOf(scene.authority, sceneBlock) }],
      [scene.consumer, { verb: "accept", accept: { offer: offer.id, block: null, insist: false } }],
    ] as const) {
      const effects = step(attesting(host), { kind: "command", ticket: 1, command }, host.reading());
      expect(effects.filter(({ kind }) => kind === "append")).toEqual([]);
      answers.push(...effects.flatMap((each) => (each.kind === "answer" ? [each.answer] : [])));
    }
    expect(answers).toEqual([1, 2].map(() => ({ ok: false, rejections: [notAttested] })));
  });

  test("writes no checkpoint: what it counts would rest on a key that nobody vouches for", () => {
    const kinds = (agent: (host: Host) => Agent): readonly string[] => {
      const { holder } = twoAgents();
      const fresh: Agent = agent(holder);
      const provisional = { ...fresh.provisional, checkpoint: null };
      const effects = step({ ...fresh, provisional }, { kind: "tick" }, holder.reading());
      return effects.flatMap((each) => (each.kind === "append" ? [each.draft.record.kind] : []));
    };
    expect(kinds((host) => host.agent())).toContain("checkpoint");
    expect(kinds(attesting)).not.toContain("checkpoint");
  });
});

describe("the last microsecond", () => {
  const running = (): { scene: Scene; turn: Turn; lease: Lease; latestUs: number } => {
    const scene = twoAgents();
    const lease = scene.settle();
    const turn = turnOf(scene.consumer);
    const time = ownTime(turn);
    if (time === null) throw new Error("its time is assured");
    return { scene, turn, lease: leaseAt(scene.consumer, lease), latestUs: time.latestUs };
  };
  const having = (lease: Lease, block: Partial<Block>): Lease => {
    const { derived } = lease;
    const artifact = { ...derived.artifact, block: { ...derived.artifact.block, ...block } };
    return { ...lease, derived: { ...derived, artifact } };
  };

  test("before a grant begins is before it, and its first is within", () => {
    const { turn, lease, latestUs } = running();
    expect(hasBegun(turn, having(lease, { fromUs: latestUs }))).toBe(true);
    expect(hasBegun(turn, having(lease, { fromUs: latestUs + 1 }))).toBe(false);
  });

  test("of a grant may be used, and the one at which it ends may not", () => {
    const { turn, lease, latestUs } = running();
    expect(mayEmit(turn, having(lease, { untilUs: latestUs + 1 }))).toBe(true);
    expect(mayEmit(turn, having(lease, { untilUs: latestUs }))).toBe(false);
  });

  test("in which RF may still be verified is waited for", () => {
    const radio = { ...HOST_DEFAULT.radio, arming: "silent" as const };
    const scene = twoAgents({ consumers: [{ radio }] });
    const offer = scene.offer();
    const { consumer } = scene;
    scene.accept(consumer, offer);
    scene.runUntil(() => consumer.agent().volatile.armed !== null, 5 * SECOND_US, "arming");
    const agent = consumer.agent();
    const [lease] = leasesOf(consumer);
    const dueUs =
      (agent.volatile.armed?.orderedBootUs ?? 0) + (lease?.derived.artifact.terms.verifyWithinUs ?? 0);
    const { bootUs, wallUs } = consumer.reading();
    const mutesAt = (us: number): boolean =>
      step(agent, { kind: "tick" }, { bootUs: us, wallUs: wallUs + us - bootUs }).some(
        ({ kind }) => kind === "mute",
      );
    expect(mutesAt(dueUs)).toBe(false);
    expect(mutesAt(dueUs + 1)).toBe(true);
  });

  test.each([
    [0, 0, []],
    [1, 0, ["context-interval"]],
    [0, 1, []],
    [0, 2, ["context-interval"]],
  ])(
    "by which a context may lie ahead of one's own time passes, %i µs on it does not",
    (ahead, sides, codes) => {
      const scene = twoAgents();
      const { holder, consumer } = scene;
      scene.mesh.carry = (message) => (message.kind === "settlement" ? [] : [3_000]);
      scene.accept(consumer, scene.offer());
      scene.run(500_000);
      const [genuine] = holder.written("settlement");
      const time = ownTime(turnOf(consumer));
      if (genuine === undefined || time === null) throw new Error("the holder settles, in time");
      const skewUs = 5 * SECOND_US;
      const edgeUs = sides === 0 ? time.latestUs + skewUs + ahead : time.earliestUs - skewUs - sides + 1;
      const context = { ...genuine.body.context, interval: { earliestUs: edgeUs, latestUs: edgeUs } };
      const { header, body } = genuine;
      const changed = holder.lineage.write("settlement", { ...body, context }, header);
      consumer.take({ kind: "message", bytes: packEnvelope(changed.envelope) });
      const found = refusalsOf(consumer).map(({ code }) => code);
      expect(found.filter((code) => code === "context-interval")).toEqual(codes);
      expect(found.length).toBeGreaterThan(0);
    },
  );
});

describe("what a record stands on is stored with it", () => {
  test("the holder's refusal beneath the consumer's copy of it", () => {
    const scene = twoAgents({ consumers: [{}, {}] });
    const offer = scene.offer();
    for (const consumer of scene.consumers) scene.accept(consumer, offer);
    scene.run(3 * SECOND_US);
    const [refusal] = scene.holder.written("rejection");
    const refused = scene.consumers.find((each) => each.written("rejection").length > 0);
    expect(refused?.agent().durable.stored.has(idText(refusal?.id ?? offer.id))).toBe(true);
  });

  test("the termination beneath the outcome that names it", () => {
    const scene = twoAgents();
    const lease = scene.settle();
    scene.holder.command({ verb: "terminate", artifact: lease.derived.id });
    scene.run(100_000);
    const [termination] = scene.holder.written("lease-termination");
    const outcomes = scene.consumer
      .effects("append")
      .filter(({ draft }) => draft.record.kind === "actuation-outcome");
    expect(outcomes.at(-1)?.draft.foreign.map(({ id }) => id)).toEqual([termination?.id]);
  });
});

describe("a consequence", () => {
  test.each([
    ["suspend-peer", ["already-allocated:suspend-peer"]],
    ["quota", ["already-allocated:quota", "confirm-by-passed:dispute"]],
    ["none", ["offer-ended:dispute"]],
  ] as const)("of a refusal is %s where policy says so", (consequence, named) => {
    const consequences = named.map((each) => {
      const [code = "", what] = each.split(":");
      return { code, consequence: what as "quota", afterUs: 7 };
    });
    const scene = twoAgents({ authority: { policy: { consequences } }, consumers: [{}, {}] });
    const offer = scene.offer();
    for (const consumer of scene.consumers) scene.accept(consumer, offer);
    scene.run(3 * SECOND_US);
    const { body } = scene.holder.written("rejection")[0] ?? {};
    expect(body).toMatchObject({ consequence, retryAfterUs: consequence === "none" ? 0 : 7 });
  });
});

describe("who waits for a status snapshot", () => {
  test("is nobody while the one at hand is fresh, and its issuer where there is none", () => {
    const scene = twoAgents();
    const lease = leaseAt(scene.holder, scene.settle());
    const { context } = lease.holderSettlement.body;
    const waits = (snapshots: readonly Uint8Array[]): readonly Uint8Array[] =>
      awaitedIssuers(scene.holder.agent(), lease.offer, lease.acceptance, { ...context, snapshots });
    expect(waits(context.snapshots)).toEqual([]);
    expect(waits([])).toEqual([scene.authority.root.inception.header.lineage]);
  });
});

describe("a holder in a quarantine", () => {
  test("says so of a new acceptance, and refuses it by no record", () => {
    const scene = twoAgents();
    const { holder } = scene;
    const offer = scene.offer();
    holder.crash();
    holder.now.mark = { seq: 1_000, reason: "drill" };
    holder.start();
    const before = refusalsOf(holder).length;
    scene.accept(scene.consumer, offer);
    scene.run(100_000);
    expect(refusalsOf(holder).slice(before)).toEqual([
      { code: "quarantine", field: "", measured: {}, required: { state: "no quarantine" } },
    ]);
    expect(holder.written("rejection")).toEqual([]);
  });
});

describe("a renewal that is stored already", () => {
  test("extends nothing and is named by nothing when it comes again", () => {
    const scene = twoAgents();
    scene.settle();
    const [renewal] = scene.holder.written("renewal");
    if (renewal === undefined) throw new Error("the holder renewed");
    scene.consumer.take({ kind: "message", bytes: packEnvelope(renewal.envelope) });
    expect(scene.consumer.agent().volatile.unstoredRenewals.size).toBe(0);
    scene.run(4 * SECOND_US);
    expect(scene.consumer.written("renewal-request").map(({ body }) => body.lastRenewal)).toEqual([
      null,
      null,
    ]);
  });
});

describe("a wish", () => {
  const wish = {
    name: "one",
    commodityClass: "",
    resource: "block a",
    lowestHz: 433_000_000,
    highestHz: 434_000_000,
    widthHz: null,
    durationUs: null,
    priceMaxMicroUnits: 0n,
    currency: "EUR",
    insist: true,
  };

  test("for one resource is for one block of it at a time, and is not held up by another's", () => {
    const scene = twoAgents({ config: { wishes: [wish] } });
    const block = { ...sceneBlock, lowerHz: 433_400_000, upperHz: 433_600_000 };
    scene.accept(scene.consumer, scene.offer({ resource: "block b", block }), true);
    scene.run(SECOND_US);
    scene.offer();
    scene.run(SECOND_US);
    scene.offer();
    scene.run(SECOND_US);
    const accepted = scene.consumer.written("acceptance").map(({ body }) => body.resource);
    expect(accepted).toEqual(["block b", "block a"]);
  });

  test("is not fulfilled at a price that is sealed: whoever cannot read it agrees to none", () => {
    const scene = twoAgents();
    const offer = scene.offer();
    const { agent, ...rest } = turnOf(scene.consumer);
    const turn: Turn = { ...rest, agent: { ...agent, config: { ...agent.config, wishes: [wish] } } };
    considerOffer(turn, { ...offer, body: { ...offer.body, price: { ...offer.body.price, value: null } } });
    expect(turn.effects).toEqual([]);
    considerOffer(turn, offer);
    expect(turn.effects.map(({ kind }) => kind)).toContain("append");
  });
});
