/** Every rule that records can show, broken by a party that signs whatever it likes: each ends in its own check. */
import { describe, expect, test } from "vitest";
import type { AuditCode } from "../../../src/core/audit/audit-codes.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { appendLeaf, emptyFrontier, merkleRoot } from "../../../src/core/lineage/merkle.ts";
import { ZERO_ID } from "../../../src/core/record/identity.ts";
import type { Actuation } from "../../../src/core/record/kinds/actuation.ts";
import type { Renewal } from "../../../src/core/record/kinds/renewal.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import type { DutyCycle } from "../../../src/core/record/spectrum-fields.ts";
import { digestOf, primitives } from "../../support/lineage-builder.ts";
import {
  bootUsAt,
  type Market,
  type MarketParts,
  market,
  offeredBlock,
  placeAt,
  SECOND_US,
  START_US,
} from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

/** Verdict on what holder and consumer export after `then` went on with a running lease. */
function having(then: (of: Market, running: Running) => void, parts: MarketParts = {}): Verdict {
  const of = market({ name: "rules", ...parts });
  const running = lease(of);
  then(of, running);
  return verify(bundleOf([of.holder.author, running.consumer.author], of.root.records()), [
    { lineage: of.root.lineage },
  ]);
}

function failing({ checks }: Verdict): readonly AuditCode[] {
  return [...new Set(checks.filter(({ result }) => result === "failed").map(({ code }) => code))];
}

function unsure({ checks }: Verdict): readonly AuditCode[] {
  return [...new Set(checks.filter(({ result }) => result === "not-checkable").map(({ code }) => code))];
}

test("the lease that these tests break passes", () => {
  expect(failing(having(() => {}))).toEqual([]);
});

describe("a lineage", () => {
  test("with two records at one position is forked, whichever party shows the second one", () => {
    const of = market({ name: "fork" });
    const running = lease(of);
    const forged = of.holder.author.records().length - 1;
    const { acceptance } = running;
    of.holder.author.rewind(forged);
    const second = of.holder.author.forge(
      "withdrawal",
      { offer: running.offer.id, reason: "" },
      of.made(of.holder, 20),
    );
    of.holder.author.write("renewal", running.renewal2.body, of.made(of.holder, 6.1));
    const foreign = [...of.root.records(), second];
    const verdict = verify(bundleOf([of.holder.author, running.consumer.author], foreign), [
      { lineage: of.root.lineage },
    ]);
    expect(acceptance.header.seq).toBe(1);
    expect(failing(verdict)).toEqual(["lineage-fork"]);
  });

  test("whose record names another than the one before it is broken", () => {
    const verdict = having((of, { offer }) => {
      of.holder.author.write(
        "withdrawal",
        { offer: offer.id, reason: "" },
        { previous: digestOf("elsewhere") },
      );
    });
    expect(failing(verdict)).toEqual(["lineage-link"]);
  });

  test("with a checkpoint of its records passes, and with another root or size fails", () => {
    const roots = (of: Market): Uint8Array => {
      const leaves = of.holder.author.records().map((each) => each.id);
      return merkleRoot(
        primitives.sha256,
        leaves.reduce((frontier, leaf) => appendLeaf(primitives.sha256, frontier, leaf), emptyFrontier),
      );
    };
    const checkpoint = (of: Market, size: number, root: Uint8Array): void => {
      of.holder.author.write("checkpoint", { size, root, tpmCounter: null });
    };
    const size = (of: Market): number => of.holder.author.records().length;
    expect(failing(having((of) => checkpoint(of, size(of), roots(of))))).toEqual([]);
    expect(failing(having((of) => checkpoint(of, size(of) + 1, roots(of))))).toEqual(["checkpoint-root"]);
    expect(failing(having((of) => checkpoint(of, size(of), digestOf("root"))))).toEqual(["checkpoint-root"]);
  });

  test("in a later epoch is not checkable at its first record", () => {
    const verdict = having((of) => {
      of.holder.author.write(
        "outage",
        { what: "x", bootId: of.holder.bootId, fromBootUs: 0, untilBootUs: 1 },
        {
          epoch: 1,
          seq: 0,
          previous: digestOf("recovery"),
        },
      );
    });
    expect(unsure(verdict)).toContain("lineage-link");
  });
});

describe("a renewal", () => {
  const renewal = (of: Market, { derived, consumer }: Running, body: Partial<Renewal>): void => {
    const { renewal2, request3 } = holding;
    const whole = {
      ...renewal2.body,
      request: request3.id,
      nonce: request3.body.nonce,
      artifact: derived.id,
    };
    of.holder.author.write(
      "renewal",
      {
        ...whole,
        consumerBootId: consumer.bootId,
        transmitExpiryUs: START_US + 18 * SECOND_US,
        holderBootUs: bootUsAt(9.1),
        ...body,
      },
      of.made(of.holder, 9.1),
    );
  };
  let holding: Running;
  const renewed = (body: Partial<Renewal>): Verdict =>
    having((of, running) => {
      holding = running;
      renewal(of, running, body);
    });

  test("of the third request passes", () => {
    expect(failing(renewed({}))).toEqual([]);
  });

  test.each<[string, Partial<Renewal>, readonly AuditCode[]]>([
    ["with another nonce", { nonce: new Uint8Array(16) }, ["renewal-answers-request"]],
    ["for another boot", { consumerBootId: new Uint8Array(16) }, ["renewal-answers-request"]],
    ["beyond the reach", { durationUs: 10 * SECOND_US + 1 }, ["renewal-reach"]],
    ["beyond the grant", { transmitExpiryUs: offeredBlock.untilUs + 1 }, ["renewal-expiry"]],
    ["on a boot clock that ran backwards", { holderBootUs: bootUsAt(5) }, ["renewal-clock"]],
    [
      "naming a request that is not here",
      { request: digestOf("no") },
      ["reference", "renewal-answers-request"],
    ],
  ])("%s fails", (_, body, codes) => {
    expect(failing(renewed(body))).toEqual(codes);
  });

  test("within the age of a snapshot that is not here is compared with grant and links only", () => {
    const verdict = renewed({ snapshots: [digestOf("newer")] });
    expect(failing(verdict)).toEqual([]);
    expect(unsure(verdict)).toContain("renewal-expiry");
  });

  test("of one request a second time fails", () => {
    const verdict = having((of, running) => {
      holding = running;
      renewal(of, running, {});
      renewal(of, running, { durationUs: 1 });
    });
    expect(failing(verdict)).toEqual(["renewal-once"]);
  });

  test("after the termination fails", () => {
    const verdict = having((of, running) => {
      holding = running;
      of.terminate(running, 9.05, "lapsed");
      renewal(of, running, {});
    });
    expect(failing(verdict)).toEqual(["renewal-after-end"]);
  });

  test("without the consumer's settlement fails", () => {
    const of = market({ name: "early" });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const acceptance = of.accept(consumer, offer, 1);
    const bound = of.bind(consumer, offer, acceptance, 2);
    of.renew(bound, of.request(bound, 2.6, bound.holderSettlement), 3);
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
    expect(failing(verdict)).toEqual(["request-order", "renewal-after-settlements"]);
    expect(unsure(verdict)).toContain("artifact-both-sides");
  });
});

describe("an actuation", () => {
  const actuated = (body: Partial<Actuation>, second = 3.15, northE7?: number): Verdict =>
    having((of, running) => {
      const written = of.made(
        running.consumer,
        second,
        northE7 === undefined ? {} : { place: clear(placeAt(northE7)) },
      );
      running.consumer.author.write("actuation", { ...running.actuation.body, ...body }, written);
    });
  const { emission } = lease(market({ name: "rules" })).actuation.body;

  test("as it was, again, passes", () => {
    expect(failing(actuated({}))).toEqual([]);
  });

  test.each<[string, Partial<Actuation>, readonly AuditCode[]]>([
    [
      "1 Hz below the block",
      { emission: { ...emission, lowerHz: emission.lowerHz - 1 } },
      ["emission-block"],
    ],
    [
      "1 Hz above the block",
      { emission: { ...emission, upperHz: emission.upperHz + 1 } },
      ["emission-block"],
    ],
    ["1 cdB above the limit", { emission: { ...emission, eirpCentiDbm: 1_001 } }, ["emission-power"]],
    ["by a renewal that is not here", { renewal: digestOf("no") }, ["reference", "actuation-entitled"]],
    ["in another boot than asked", { bootId: new Uint8Array(16) }, ["actuation-entitled"]],
    ["with a deadline 1 µs late", { deadlineBootUs: 1_012_539_002 }, ["actuation-deadline"]],
  ])("%s fails", (_, body, codes) => {
    expect(failing(actuated(body))).toEqual(codes);
  });

  test("under duty cycles is held to each of them, ordered and read back; what was on the air is not checkable", () => {
    const dutyCycle = { lowerHz: 0, upperHz: 10 ** 10, shareCentiPercent: 1_000, windowUs: 60_000_000 };
    const under = (ordered: readonly DutyCycle[], readBack: readonly DutyCycle[] = ordered): Verdict =>
      having(
        (of, running) => {
          const body = { ...running.actuation.body, emission: { ...emission, dutyCycles: ordered } };
          const actuation = running.consumer.author.write("actuation", body, of.made(running.consumer, 3.15));
          const told = { ...actuation, body: { ...body, emission: { ...emission, dutyCycles: readBack } } };
          of.outcome(running, told, 3.2, "on");
        },
        { policy: { dutyCycles: [dutyCycle] } },
      );
    expect(failing(under([dutyCycle]))).toEqual([]);
    expect(unsure(under([dutyCycle]))).toContain("emission-duty-cycle");
    expect(failing(under([]))).toEqual(["emission-duty-cycle"]);
    expect(failing(under([dutyCycle], []))).toEqual(["emission-duty-cycle"]);
    expect(failing(under([{ ...dutyCycle, shareCentiPercent: 1_001 }]))).toEqual(["emission-duty-cycle"]);
    expect(failing(under([{ ...dutyCycle, shareCentiPercent: 500 }, dutyCycle]))).toEqual([]);
  });

  test("at the edge of block, limit and deadline passes", () => {
    expect(
      failing(actuated({ deadlineBootUs: 1_012_539_001, emission: { ...emission, eirpCentiDbm: 1_000 } })),
    ).toEqual([]);
  });

  test("before the grant, after the transmit expiry, or outside the area fails", () => {
    expect(failing(actuated({}, -1))).toEqual(["emission-time"]);
    expect(failing(actuated({}, 13.1))).toEqual(["emission-time"]);
    expect(failing(actuated({}, 3.15, 500_001))).toEqual(["emission-place"]);
  });

  test("whose deadline lies past the expiry as its outcome shows fails; without an outcome it is not checkable", () => {
    // The second renewal expires at 16.095 s. At 10.1 s that leaves 5.99 s: from 9.5 s, when RF was on, until 15.44 s.
    const late = (outcome: boolean): Verdict =>
      having((of, running) => {
        const actuation = running.consumer.author.write(
          "actuation",
          { ...running.actuation.body, renewal: running.renewal2.id, deadlineBootUs: bootUsAt(15.5) },
          of.made(running.consumer, 10.1),
        );
        if (outcome) of.outcome(running, actuation, 9.5, "on");
      });
    expect(failing(late(true))).toEqual(["actuation-expiry"]);
    expect(failing(late(false))).toEqual([]);
    expect(unsure(late(false))).toContain("actuation-expiry");
    expect(unsure(late(false))).toContain("outcome-known");
  });

  test("after the relinquishment, or after a record that names the termination, fails", () => {
    const relinquished = having((of, running) => {
      of.relinquish(running, 5);
      running.consumer.author.write("actuation", running.actuation.body, of.made(running.consumer, 5.1));
    });
    expect(failing(relinquished)).toEqual(["consumer-after-end"]);
  });
});

describe("an outcome", () => {
  test("on again after a mute fails", () => {
    const verdict = having((of, running) => {
      of.outcome(running, running.actuation, 10, "muted");
      of.outcome(running, running.actuation, 10.1, "on");
    });
    expect(failing(verdict)).toEqual(["outcome-order"]);
  });

  test("silent only after the last deadline of any renewal fails where the holder's log is whole", () => {
    // The second request's anchor is 6 s; with 10 s of reach, shrunk and less the interval, the guard mutes by 15.99 s.
    expect(
      failing(having((of, running) => void of.outcome(running, running.actuation, 15.9, "muted"))),
    ).toEqual([]);
    expect(
      failing(having((of, running) => void of.outcome(running, running.actuation, 16, "muted"))),
    ).toEqual(["outcome-deadline"]);
  });
});

describe("a termination", () => {
  test("is one", () => {
    const verdict = having((of, running) => {
      of.terminate(running, 20, "lapsed");
      of.terminate(running, 21, "ended");
    });
    expect(failing(verdict)).toEqual(["termination-once", "termination-sound"]);
  });

  test.each(["not-countersigned", "ended", "relinquished"] as const)(
    "for being %s is borne out, or fails",
    (reason) => {
      expect(failing(having((of, running) => void of.terminate(running, 20, reason)))).toEqual([
        "termination-sound",
      ]);
    },
  );

  test("by somebody else than the holder fails", () => {
    const verdict = having((of, { consumer, derived }) => {
      const body = { artifact: derived.id, reason: "operator" as const, cause: null, link: null };
      consumer.author.write("lease-termination", body, of.made(consumer, 20));
    });
    expect(failing(verdict)).toEqual(["lease-party"]);
  });
});

describe("an exclusive block", () => {
  /** A second pair over the same block, bound at a second, whatever the book says. */
  function again(of: Market, { offer }: Running, second: number): void {
    const rival = of.party({ name: "rival" });
    const acceptance = of.accept(rival, offer, second - 1);
    const bound = of.bind(rival, offer, acceptance, second);
    rivals = [of.countersign(bound, second + 0.1).consumer.author];
  }
  let rivals: ReturnType<Market["party"]>["author"][] = [];

  function bookAfter(then: (of: Market, running: Running) => void): Verdict {
    const of = market({ name: "book" });
    const running = lease(of);
    then(of, running);
    const exporters = [of.holder.author, running.consumer.author, ...rivals];
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("let twice while the first lease stands fails", () => {
    expect(failing(bookAfter((of, running) => again(of, running, 12)))).toEqual(["double-allocation"]);
  });

  test("let again after a termination, but before a renewal's expiry has passed, fails", () => {
    const verdict = bookAfter((of, running) => {
      of.terminate(running, 11, "lapsed");
      again(of, running, 12);
    });
    expect(failing(verdict)).toEqual(["double-allocation"]);
  });

  test("let again after termination and expiry is not checkable by the boot clock", () => {
    const verdict = bookAfter((of, running) => {
      of.terminate(running, 17, "lapsed");
      again(of, running, 18);
    });
    expect(failing(verdict)).toEqual([]);
    expect(unsure(verdict)).toContain("allocation-boot-clock");
  });

  test("let again once the consumer had relinquished it passes", () => {
    const verdict = bookAfter((of, running) => {
      of.outcome(running, running.actuation, 10, "muted");
      of.terminate(running, 11, "relinquished", of.relinquish(running, 10.5));
      again(of, running, 12);
    });
    expect(failing(verdict)).toEqual([]);
    expect(unsure(verdict)).not.toContain("allocation-boot-clock");
  });

  test("let again right after a termination without any renewal passes", () => {
    const of = market({ name: "unrenewed" });
    const first = of.party({ name: "first" });
    const second = of.party({ name: "second" });
    const offer = of.offer(0);
    const bound = of.bind(first, offer, of.accept(first, offer, 1), 2);
    of.terminate(bound, 32, "not-countersigned");
    of.bind(second, offer, of.accept(second, offer, 32.5), 33);
    const exporters = [of.holder, first, second].map((each) => each.author);
    const verdict = verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
    expect(failing(verdict)).toEqual([]);
  });
});

describe("a settlement", () => {
  const settled = (body: (artifact: Uint8Array) => Uint8Array): Verdict => {
    const of = market({ name: "settled" });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const acceptance = of.accept(consumer, offer, 1);
    const bound = of.bind(consumer, offer, acceptance, 2);
    const changed = { ...bound.holderSettlement.body, artifact: body(bound.derived.id) };
    consumer.author.write("settlement", changed, of.made(consumer, 2.5));
    return verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
  };

  test("of the same artifact passes on both sides", () => {
    expect(failing(settled((artifact) => artifact))).toEqual([]);
  });

  test("of another artifact than evaluation gives fails", () => {
    const codes = failing(settled(() => digestOf("other")));
    expect(codes).toContain("artifact-rederived");
    expect(codes).toContain("artifact-both-sides");
  });

  test("by a stranger to the pair fails", () => {
    const verdict = having((of, running) => {
      of.root.write("settlement", running.holderSettlement.body, of.made(of.holder, 5));
    });
    expect(failing(verdict)).toContain("settlement-party");
  });

  test("of an acceptance of another offer fails, though the two would fit", () => {
    const of = market({ name: "crossed" });
    const consumer = of.party({ name: "consumer" });
    const [accepted, crossed] = [of.offer(0), of.offer(0.5)];
    const acceptance = of.accept(consumer, accepted, 1);
    const context = of.contextAt(crossed, acceptance, 2);
    const body = {
      offer: crossed.id,
      acceptance: acceptance.id,
      context,
      artifact: digestOf("any"),
      identifiers: clear([]),
    };
    of.holder.author.write("settlement", body, of.made(of.holder, 2));
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
    expect(failing(verdict)).toContain("settlement-pair");
  });

  test("signed after its confirmBy, or outside its context's interval, fails", () => {
    const of = market({ name: "late" });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
    of.countersign(bound, 31.1);
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
    expect(failing(verdict)).toEqual(["settlement-time"]);
  });

  test("under a policy or schema by somebody else than a trusted root fails", () => {
    const of = market({ name: "own-policy" });
    const consumer = of.party({ name: "consumer" });
    const policy = of.holder.author.write("policy", of.policy.body);
    const offer = of.offer(0, {}, { policy: policy.id });
    const acceptance = of.accept(consumer, offer, 1, {}, { policy: policy.id });
    expect(() => of.bind(consumer, offer, acceptance, 2)).toThrow("context-incomplete");
    const context = of.contextAt(offer, acceptance, 2);
    const body = {
      offer: offer.id,
      acceptance: acceptance.id,
      context,
      artifact: digestOf("any"),
      identifiers: clear([]),
    };
    of.holder.author.write("settlement", body, of.made(of.holder, 2));
    const verdict = verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
      { lineage: of.root.lineage },
    ]);
    expect(failing(verdict)).toContain("settlement-roots");
  });

  test("whose link a later snapshot revokes says that `before` is not checkable", () => {
    const verdict = having((of, running) => {
      of.root.write("status-snapshot", {
        number: 2,
        previousSnapshot: of.snapshot.id,
        issuedUs: START_US + 60 * SECOND_US,
        revoked: [running.consumer.credential.id],
      });
    });
    expect(failing(verdict)).toEqual([]);
    expect(unsure(verdict)).toContain("before-revocation");
  });
});

describe("a status snapshot", () => {
  test.each([
    ["skips a number", 3, 60],
    ["is older than the one before", 2, -120],
  ])("that %s fails", (_, number, second) => {
    const verdict = having((of) => {
      const issuedUs = START_US + second * SECOND_US;
      of.root.write("status-snapshot", { number, previousSnapshot: of.snapshot.id, issuedUs, revoked: [] });
    });
    expect(failing(verdict)).toEqual(["snapshot-order"]);
  });

  test("that begins a chain anew is read for what it is", () => {
    const verdict = having((of) => {
      of.root.write("status-snapshot", {
        number: 9,
        previousSnapshot: ZERO_ID,
        issuedUs: START_US,
        revoked: [],
      });
    });
    expect(failing(verdict)).toEqual([]);
  });
});
