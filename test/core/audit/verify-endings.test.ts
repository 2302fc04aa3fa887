/** Ends of leases, blocks of several holders, attestations, and verdicts too long to list. */

import { describe, expect, test } from "vitest";
import type { AuditCode } from "../../../src/core/audit/audit-codes.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import type { Attestation } from "../../../src/core/record/kinds/attestation.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { LeaseTermination } from "../../../src/core/record/kinds/lease-termination.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import { digestOf, lineageBuilder } from "../../support/lineage-builder.ts";
import { type Market, market, SECOND_US, START_US } from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

type Running = ReturnType<typeof lease>;

function having(then: (of: Market, running: Running) => void, credential: Partial<Credential> = {}): Verdict {
  const of = market({ name: "endings" });
  const running = lease(of, credential);
  then(of, running);
  const exporters = [of.holder.author, running.consumer.author];
  return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
}

function codes({ checks }: Verdict, result: "failed" | "not-checkable"): readonly AuditCode[] {
  return [...new Set(checks.filter((each) => each.result === result).map(({ code }) => code))];
}

describe("a termination", () => {
  const ended = (
    second: number,
    body: (running: Running) => Partial<LeaseTermination>,
    before: (of: Market, running: Running) => void = () => {},
    credential: Partial<Credential> = {},
  ): Verdict =>
    having((of, running) => {
      before(of, running);
      const whole = { artifact: running.derived.id, reason: "operator" as const, cause: null, link: null };
      of.holder.author.write("lease-termination", { ...whole, ...body(running) }, of.made(of.holder, second));
    }, credential);

  test("by the operator, or as lapsed, needs no further record", () => {
    expect(
      codes(
        ended(20, () => ({})),
        "failed",
      ),
    ).toEqual([]);
    expect(
      codes(
        ended(20, () => ({ reason: "lapsed" })),
        "failed",
      ),
    ).toEqual([]);
  });

  test("as not effective fails after a renewal", () => {
    expect(
      codes(
        ended(99, () => ({ reason: "not-effective" })),
        "failed",
      ),
    ).toEqual(["termination-sound"]);
  });

  test("as ended passes after the grant and fails before it", () => {
    expect(
      codes(
        ended(600, () => ({ reason: "ended" })),
        "failed",
      ),
    ).toEqual([]);
    expect(
      codes(
        ended(599, () => ({ reason: "ended" })),
        "failed",
      ),
    ).toEqual(["termination-sound"]);
  });

  test("without a time of its own is not checkable against a deadline", () => {
    const verdict = having((of, { derived }) => {
      const body = { artifact: derived.id, reason: "ended" as const, cause: null, link: null };
      of.holder.author.write("lease-termination", body);
    });
    expect(codes(verdict, "failed")).toEqual([]);
    expect(codes(verdict, "not-checkable")).toContain("termination-sound");
  });

  test("for a fallen link passes with the snapshot that lists it, is not checkable without, and fails where none is named", () => {
    const fallen = (running: Running): Partial<LeaseTermination> => ({
      reason: "link-fallen",
      link: running.consumer.credential.id,
      cause: digestOf("a snapshot"),
    });
    const revoked = (of: Market, running: Running): void => {
      const body = {
        number: 2,
        previousSnapshot: of.snapshot.id,
        issuedUs: START_US + 10 * SECOND_US,
        revoked: [running.consumer.credential.id],
      };
      of.root.write("status-snapshot", body);
    };
    const listed = ended(20, fallen, revoked);
    expect(codes(listed, "failed")).not.toContain("termination-sound");
    expect(codes(listed, "not-checkable")).not.toContain("termination-sound");
    const unlisted = ended(20, fallen);
    expect(codes(unlisted, "failed")).not.toContain("termination-sound");
    expect(codes(unlisted, "not-checkable")).toContain("termination-sound");
    const unnamed = ended(20, (running) => ({ ...fallen(running), cause: null }));
    expect(codes(unnamed, "failed")).toEqual(["termination-sound"]);
  });

  test("for a link that ended passes from its end on, and fails for one that is no link of the lease", () => {
    const short = { untilUs: START_US + 300 * SECOND_US };
    const expired = (second: number): Verdict =>
      ended(
        second,
        (running) => ({ reason: "link-fallen", link: running.consumer.credential.id }),
        () => {},
        short,
      );
    expect(codes(expired(301), "failed")).toEqual([]);
    expect(codes(expired(299), "failed")).toEqual(["termination-sound"]);
    let bystander: Uint8Array = new Uint8Array();
    const foreign = ended(
      301,
      () => ({ reason: "link-fallen", link: bystander }),
      (of) => {
        bystander = of.party({ name: "bystander", credential: short }).credential.id;
      },
    );
    expect(codes(foreign, "failed")).toEqual(["termination-sound"]);
  });

  test("for a fallen link that it does not name fails", () => {
    expect(
      codes(
        ended(20, () => ({ reason: "link-fallen" })),
        "failed",
      ),
    ).toEqual(["termination-sound"]);
  });

  test("before any renewal, as not countersigned, passes after confirmBy and fails before", () => {
    const bound = (second: number): Verdict => {
      const of = market({ name: "bound" });
      const consumer = of.party({ name: "consumer" });
      const offer = of.offer(0);
      of.terminate(of.bind(consumer, offer, of.accept(consumer, offer, 1), 2), second, "not-countersigned");
      return verify(bundleOf([of.holder.author, consumer.author], of.root.records()), [
        { lineage: of.root.lineage },
      ]);
    };
    expect(codes(bound(31), "failed")).toEqual([]);
    expect(codes(bound(30.9), "failed")).toEqual(["termination-sound"]);
  });

  test("that the consumer's outcome names ends its requests, too", () => {
    const verdict = having((of, running) => {
      const { consumer, actuation } = running;
      const termination = of.terminate(running, 9.1, "lapsed");
      const body = {
        ...running.on.body,
        result: "muted" as const,
        emission: null,
        termination: termination.id,
      };
      consumer.author.write(
        "actuation-outcome",
        { ...body, actuation: actuation.id },
        of.made(consumer, 9.2),
      );
      of.request(running, 9.3, termination);
    });
    expect(codes(verdict, "failed")).toEqual(["consumer-after-end"]);
  });
});

describe("an exclusive block let by two holders under one root", () => {
  /** A second market's holder, whose chain ends in the same root. */
  function twoHolders(second: number, before: (of: Market, running: Running) => void = () => {}): Verdict {
    const of = market({ name: "two" });
    const running = lease(of);
    before(of, running);
    const other = of.party({ name: "second holder", credential: { level: "licensee", verbs: ["allocate"] } });
    const buyer = of.party({ name: "second buyer" });
    const offer = other.author.write("offer", running.offer.body, of.made(other, second - 1.5));
    const acceptance = of.accept(buyer, offer, second - 1);
    const evaluation = of.evaluateAt(offer, acceptance, second);
    if (!("derived" in evaluation)) throw new Error(JSON.stringify(evaluation.findings));
    const context = of.contextAt(offer, acceptance, second);
    const body = {
      offer: offer.id,
      acceptance: acceptance.id,
      context,
      artifact: evaluation.derived.id,
      identifiers: clear([]),
    };
    other.author.write("settlement", body, of.made(other, second));
    const exporters = [of.holder, running.consumer, other, buyer].map((each) => each.author);
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("while the first lease stands fails", () => {
    expect(codes(twoHolders(12), "failed")).toEqual(["double-allocation"]);
  });

  test("once the first was relinquished passes", () => {
    const verdict = twoHolders(12, (of, running) => {
      of.outcome(running, running.actuation, 10, "muted");
      of.terminate(running, 11, "relinquished", of.relinquish(running, 10.5));
    });
    expect(codes(verdict, "failed")).toEqual([]);
  });

  test("after the first was ended and its expiry passed is not checkable: no boot clock is shared", () => {
    const verdict = twoHolders(30, (of, running) => void of.terminate(running, 20, "lapsed"));
    expect(codes(verdict, "failed")).toEqual([]);
    expect(codes(verdict, "not-checkable")).toContain("allocation-boot-clock");
  });
});

describe("re-allocation by the boot clock", () => {
  /** A lease over, another block's renewal at `renewedBootUs`, and the first block let again at 18 s. */
  function again(order: "renewal first" | "allocation first", renewedSecond: number): Verdict {
    const of = market({ name: "clock" });
    const running = lease(of);
    of.terminate(running, 17, "lapsed");
    const elsewhere = { ...running.offer.body.block, lowerHz: 434_000_000, upperHz: 434_200_000 };
    const buyer = of.party({ name: "buyer" });
    const rival = of.party({ name: "rival" });
    const offer = of.offer(17.1, { block: elsewhere, resource: "munich/433-b" });
    const bound = of.countersign(of.bind(buyer, offer, of.accept(buyer, offer, 17.2), 17.3), 17.4);
    const request = of.request(bound, 17.5, bound.holderSettlement);
    if (order === "renewal first") of.renew(bound, request, renewedSecond);
    of.bind(rival, running.offer, of.accept(rival, running.offer, 17.9), 18);
    if (order === "allocation first") of.renew(bound, request, renewedSecond);
    const exporters = [of.holder, running.consumer, buyer, rival].map((each) => each.author);
    return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
  }

  test("passes where a renewal signed before shows that the bound had passed", () => {
    const verdict = again("renewal first", 17.6);
    expect(codes(verdict, "failed")).toEqual([]);
    expect(codes(verdict, "not-checkable")).not.toContain("allocation-boot-clock");
  });

  test("fails where a renewal signed afterwards shows that it had not", () => {
    expect(codes(again("allocation first", 16), "failed")).toContain("double-allocation");
  });
});

describe("an attestation", () => {
  const garbage: Attestation = {
    akPublic: digestOf("ak"),
    signingPublic: digestOf("signing"),
    certification: digestOf("certify"),
    certificationSignature: new Uint8Array(64),
    quote: digestOf("quote"),
    quoteSignature: new Uint8Array(64),
    pcrs: [],
    head: digestOf("head"),
    bootId: new Uint8Array(16),
  };

  test("of garbage fails, and its missing head is not checkable", () => {
    const verdict = having(
      (of) => void of.holder.author.write("attestation", garbage, of.made(of.holder, 10)),
    );
    expect(codes(verdict, "failed")).toEqual(["attestation-evidence"]);
    expect(codes(verdict, "not-checkable")).toContain("attestation-evidence");
  });

  test("whose head is no ancestor fails for that, too", () => {
    const verdict = having((of, { consumer }) => {
      const body = { ...garbage, head: consumer.author.inception.id };
      of.holder.author.write("attestation", body, of.made(of.holder, 10));
    });
    const heads = verdict.checks.filter(
      ({ code, required }) => code === "attestation-evidence" && "head" in required,
    );
    expect(heads.map(({ result }) => result)).toEqual(["failed"]);
  });

  test("key named by an inception is never said to be genuine", () => {
    const author = lineageBuilder({ name: "tpm", akName: new Uint8Array(34).fill(1), tier: "tpm" });
    const verdict = verify(bundleOf([author], []), [{ lineage: author.lineage }]);
    expect(codes(verdict, "failed")).toEqual([]);
    expect(codes(verdict, "not-checkable")).toContain("tpm-genuine");
  });
});

describe("a bundle of a consumer that never confirmed", () => {
  test("passes, and says that the artifact is not checkable where the context did not come along", () => {
    const of = market({ name: "unconfirmed" });
    const consumer = of.party({ name: "consumer" });
    const offer = of.offer(0);
    const bound = of.bind(consumer, offer, of.accept(consumer, offer, 1), 2);
    const termination = of.terminate(bound, 32, "not-countersigned");
    const body = {
      artifact: bound.derived.id,
      reason: "terminated" as const,
      bootId: consumer.bootId,
      mutedBootUs: 1,
      termination: termination.id,
    };
    consumer.author.write("relinquishment", body, of.made(consumer, 33));
    const foreign = [
      of.root.inception,
      of.holder.author.inception,
      offer,
      bound.holderSettlement,
      termination,
    ];
    const verdict = verify(bundleOf([consumer.author], foreign), [{ lineage: of.root.lineage }]);
    expect(codes(verdict, "not-checkable")).toContain("artifact-rederived");
    expect(verdict.settlements[0]?.verdict).not.toBe("passed");
  });
});

describe("a verdict", () => {
  test("lists at most a thousand failures of one kind, and says how many more there are", () => {
    const of = market({ name: "many" });
    for (let i = 0; i < 1_100; i++)
      of.holder.author.write("withdrawal", { offer: digestOf("no", i), reason: "" });
    const verdict = verify(bundleOf([of.holder.author], of.root.records()), [{ lineage: of.root.lineage }]);
    const missing = verdict.checks.filter(({ code, result }) => code === "reference" && result === "failed");
    expect(missing).toHaveLength(1_000);
    const cut = verdict.checks.find(({ code }) => code === "list-cut");
    expect(cut?.measured).toMatchObject({ found: 1_100, listed: 1_000 });
  }, 60_000);
});
