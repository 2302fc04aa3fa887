/** One market's whole story, and the bundle that its parties export: the good case that every test breaks in one place. */
import type { Bundle, BundleRecord } from "../../../src/core/audit/bundle.ts";
import type { TrustedRoot } from "../../../src/core/audit/evidence.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { rejection } from "../../../src/core/base/rejection.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { type LineageBuilder, packed, primitives } from "../../support/lineage-builder.ts";
import { type Market, type MarketParts, market } from "../../support/market-builder.ts";
import { assertTold } from "../../support/told.ts";

/** Offer, acceptance, both settlements, three requests, two renewals, RF on and off, relinquished, terminated. */
export function lease(of: Market, credential: Partial<Credential> = {}) {
  const consumer = of.party({ name: "consumer", northE7: 10_000, credential });
  const offer = of.offer(0);
  const acceptance = of.accept(consumer, offer, 1);
  const bound = of.bind(consumer, offer, acceptance, 2);
  const confirmed = of.countersign(bound, 2.5);
  const request1 = of.request(confirmed, 2.6, bound.holderSettlement);
  const renewal1 = of.renew(confirmed, request1, 3);
  const actuation = of.actuate(confirmed, renewal1, 3.1);
  const on = of.outcome(confirmed, actuation, 3.2, "on");
  const request2 = of.request(confirmed, 6, renewal1);
  const renewal2 = of.renew(confirmed, request2, 6.1);
  const request3 = of.request(confirmed, 9, renewal2, renewal2);
  return {
    ...confirmed,
    request1,
    renewal1,
    actuation,
    on,
    request2,
    renewal2,
    request3,
  };
}

/** As `lease`, to its end, with three refused consumers beside it. */
export function story(parts: MarketParts = {}) {
  const of = market(parts);
  const running = lease(of);
  const { offer } = running;

  const rival = of.party({ name: "rival", northE7: 12_000 });
  const second = of.accept(rival, offer, 9.2);
  const standing = running.derived.artifact.block;
  const { lowerHz, upperHz, fromUs, untilUs } = second.body.block;
  const taken = of.refuse(
    second,
    [
      rejection(
        "already-allocated",
        "acceptance.block",
        { lowerHz, upperHz, fromUs, untilUs },
        {
          lease: toHex(running.derived.id),
          notLowerHz: standing.lowerHz,
          notUpperHz: standing.upperHz,
          notFromUs: standing.fromUs,
          notUntilUs: standing.untilUs,
          guardHz: 12_500,
        },
      ),
    ],
    9.4,
  );
  const far = of.party({ name: "far", northE7: 200_000 });
  const distant = of.accept(far, offer, 9.5);
  const tooFar = of.refuse(distant, of.findingsAt(offer, distant, 9.6), 9.6);
  const stranger = of.party({ name: "stranger", northE7: 9_000, credential: { eligibilityClasses: [] } });
  const unfit = of.accept(stranger, offer, 9.7);
  const notEligible = of.refuse(unfit, of.findingsAt(offer, unfit, 9.8), 9.8);

  const muted = of.outcome(running, running.actuation, 15.5, "muted");
  const relinquishment = of.relinquish(running, 15.7);
  const termination = of.terminate(running, 16, "relinquished", relinquishment);
  return {
    market: of,
    ...running,
    rival,
    far,
    stranger,
    taken,
    tooFar,
    notEligible,
    muted,
    relinquishment,
    termination,
    exporters: [of.holder, running.consumer, rival, far, stranger].map((each) => each.author),
  };
}

export type Story = ReturnType<typeof story>;

/** What the exporters' stores hold: their own records, and those of others that these name or rest on. */
export function bundleOf(
  exporters: readonly Pick<LineageBuilder, "lineage" | "records">[],
  foreign: readonly AnyRecord[],
): Bundle {
  const own = exporters.flatMap((author) =>
    author
      .records()
      .map((each): BundleRecord => ({ lineage: author.lineage, envelope: packed(each.envelope) })),
  );
  const others = foreign.map((each): BundleRecord => ({ lineage: null, envelope: packed(each.envelope) }));
  const lineages = exporters.map((each) => ({ lineage: each.lineage, records: each.records().length }));
  const header = { exportedBy: "test", views: ["party" as const], lineages, foreign: others.length };
  return { header, records: [...own, ...others] };
}

/** All parties of a story together: everything but the root's records is own. */
export function wholeBundle(of: Story): Bundle {
  return bundleOf(of.exporters, of.market.root.records());
}

/** What the holder alone exports: of its consumers only what its own records name. */
export function holdersBundle(of: Story): Bundle {
  const { consumer, rival, far, stranger } = of;
  const named = [
    of.acceptance,
    of.consumerSettlement,
    of.request1,
    of.request2,
    of.relinquishment,
    ...[rival, far, stranger].flatMap((each) => each.author.records()),
  ];
  const foreign = [...of.market.root.records(), consumer.author.inception, ...named];
  return bundleOf([of.market.holder.author], foreign.filter((each) => each !== null) as readonly AnyRecord[]);
}

/** What the consumer alone exports: of the holder only what its own records name. */
export function consumersBundle(of: Story): Bundle {
  const { holder, root } = of.market;
  const named = [of.offer, of.holderSettlement, of.renewal1, of.renewal2];
  const documents = root.records().filter((each) => each.kind !== "credential" || isOf(each, of));
  return bundleOf([of.consumer.author], [
    ...documents,
    holder.author.inception,
    ...named,
  ] as readonly AnyRecord[]);
}

function isOf(record: AnyRecord, { market: of, consumer }: Story): boolean {
  return [of.rootCredential, of.holder.credential, consumer.credential].some((each) =>
    equalBytes(each.id, record.id),
  );
}

export function rootOf(of: Story): readonly TrustedRoot[] {
  return [{ lineage: of.market.root.lineage }];
}

export function verify(bundle: Bundle, trustedRoots: readonly TrustedRoot[]): Verdict {
  const verdict = verifyBundle({ records: bundle.records, claims: bundle.header, trustedRoots, primitives });
  assertTold(verdict.checks.filter(({ result }) => result === "failed"));
  return verdict;
}

/** `code result` of every check that did not pass, for messages. */
export function findings(verdict: Verdict): readonly string[] {
  return verdict.checks
    .filter(({ result }) => result === "failed")
    .map(
      ({ code, subject, measured, required }) =>
        `${code} ${subject} ${JSON.stringify({ measured, required })}`,
    );
}
