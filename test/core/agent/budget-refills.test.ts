/**
 * Nothing refills a budget (PROTOCOL §7): a holder that trades, dies, reboots, rolls its key, is given new credentials by an
 * issuer that rolls its own, or whose receiver's time steps, held against a list of what it bound in true time.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes } from "../../../src/core/base/bytes.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { HOUR_US, SECOND_US, sceneBlock, scriptedLineage } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const WINDOW_US = 8 * SECOND_US;

function termOf(allowed: number): BudgetTerm {
  return {
    unit: "settlements",
    level: null,
    commodityClass: null,
    leaseClass: null,
    area: null,
    windowUs: WINDOW_US,
    window: "sliding",
    allowed,
  };
}

type Act =
  | { readonly do: "trade" | "restart" | "reboot" | "rekey" | "issuer-rekeys" }
  | { readonly do: "wait"; readonly us: number }
  | { readonly do: "clock"; readonly offUs: number }
  | { readonly do: "renew"; readonly less: number };

type Bound = { readonly atUs: number };

/** A holder with a budget, and what it bound so far by the clock on the wall. */
type Stage = {
  readonly scene: Scene;
  readonly bound: Bound[];
  /** Of a trade: what it was refused for; null: it was bound. */
  perform(act: Act): readonly string[] | null;
};

function stage(allowed: number): Stage {
  const credentials: Uint8Array[] = [];
  const scene = twoAgents({
    authority: { policy: { quotas: { rejections: 64, windowUs: 60 * SECOND_US } } },
    holderCredential: { budgets: [termOf(allowed)] },
    configOf: (name) => (name === "holder" ? { credentials } : {}),
  });
  const { authority, holder } = scene;
  const { lineage } = holder.lineage.inception.header;
  const [first] = authority.root.records.filter(
    (each) => each.kind === "credential" && equalBytes(each.body.subjectLineage, lineage),
  );
  if (first === undefined) throw new Error("the holder has a credential");
  credentials.push(first.id);
  const told: AnyRecord[] = [];
  const bound: Bound[] = [];
  let [pieces, issued, boundThisBoot] = [0, 0, 0];
  let rootLink = authority.rootLink;

  function tell(record: AnyRecord): void {
    told.push(record);
    for (const host of scene.hosts)
      if (host.isRunning()) host.take({ kind: "message", bytes: packEnvelope(record.envelope) });
  }

  function up(): void {
    holder.start();
    for (const each of told) holder.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    scene.run(SECOND_US);
  }

  function renew(number: number): void {
    issued += 1;
    const link = authority.issue(holder.lineage, {
      parent: rootLink.id,
      level: "licensee",
      verbs: ["allocate"],
      budgets: [termOf(number)],
      nonce: new Uint8Array(16).fill(issued),
    });
    tell(link);
    credentials.unshift(link.id);
  }

  /** It says anew, for its new key, what it said for the old one. */
  function issuerRekeys(): void {
    const { root } = authority;
    tell(root.rotate(scene.nowUs() + HOUR_US) as AnyRecord);
    rootLink = root.write("credential", { ...rootLink.body, subjectKey: root.signerKey });
    tell(rootLink as AnyRecord);
    renew(allowed);
  }

  function trade(): readonly string[] | null {
    const lowerHz = 433_000_000 + (pieces % 80) * 25_000;
    pieces += 1;
    const block = { ...sceneBlock, lowerHz, upperHz: lowerHz + 25_000 };
    const [settled, refused] = [holder.written("settlement").length, holder.written("rejection").length];
    scene.accept(scene.consumer, scene.offer({ block, resource: `piece ${pieces}` }), true);
    scene.run(200_000);
    if (holder.written("settlement").length > settled) {
      bound.push({ atUs: scene.nowUs() });
      boundThisBoot += 1;
      return null;
    }
    return holder
      .written("rejection")
      .slice(refused)
      .flatMap(({ body }) => body.findings.map(({ code }) => code));
  }

  return {
    scene,
    bound,
    perform(act) {
      switch (act.do) {
        case "trade":
          return trade();
        case "wait":
          scene.run(act.us);
          return null;
        case "restart":
          holder.crash();
          up();
          return null;
        case "reboot":
          holder.reboot();
          boundThisBoot = 0;
          // A step together with a reboot looks like a long night: that is not promised.
          holder.now.timeErrorUs = 0;
          up();
          return null;
        case "rekey":
          holder.crash();
          tell(holder.rotateKey(scene.nowUs() + HOUR_US) as AnyRecord);
          up();
          renew(allowed);
          return null;
        case "issuer-rekeys":
          issuerRekeys();
          return null;
        case "renew":
          renew(Math.max(0, allowed - act.less));
          return null;
        case "clock":
          // With nothing bound in this boot there is nothing to hold a clock against.
          if (boundThisBoot === 0) return null;
          holder.now.timeErrorUs = act.offUs;
          scene.run(SECOND_US);
          return null;
      }
    },
  };
}

/** When a settlement is bound, within a scene's prompt mesh and store. */
const PROMPT_US = 500_000;
/** A suspension ends at a tick. */
const RESUMED_WITHIN_US = 1_500_000;

/** Whole agents: some 70 ms each, so that a run of the tests takes two seconds for it. */
const RUNS = 16;

/** How many of them count at `atUs`, at least and at most. */
function counting(bound: readonly Bound[], atUs: number): { readonly least: number; readonly most: number } {
  const within = (us: number): number => bound.filter((each) => each.atUs > atUs - us).length;
  return { least: within(WINDOW_US - PROMPT_US), most: within(WINDOW_US + RESUMED_WITHIN_US) };
}

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Act>({ do: "trade" }) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 5 }).map((s): Act => ({ do: "wait", us: s * SECOND_US })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Act>(
      { do: "restart" },
      { do: "reboot" },
      { do: "rekey" },
      { do: "issuer-rekeys" },
    ),
  },
  { weight: 1, arbitrary: fc.nat({ max: 2 }).map((less): Act => ({ do: "renew", less })) },
);

const clockAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: act },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -4, max: 4 }).map((s): Act => ({ do: "clock", offUs: s * SECOND_US })),
  },
);

describe("a budget", () => {
  test("binds what a plain list has room for, and no more, whatever dies, rolls its key, or is issued anew", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(act, { minLength: 4, maxLength: 14 }),
        (allowed, acts) => {
          const of = stage(allowed);
          for (const each of acts) {
            const { least, most } = counting(of.bound, of.scene.nowUs());
            const refused = of.perform(each);
            if (each.do !== "trade") continue;
            if (least >= allowed) expect(refused).toEqual(["budget-exhausted"]);
            if (most < allowed) expect(refused).toBeNull();
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("lets no more through in a window of true time, though the receiver's time steps besides", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(clockAct, { minLength: 4, maxLength: 14 }),
        (allowed, acts) => {
          const of = stage(allowed);
          for (const each of acts) {
            of.perform(each);
            const { least } = counting(of.bound, of.scene.nowUs());
            expect(least).toBeLessThanOrEqual(allowed);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("budget evasion by re-keying", () => {
  test("a key rolled in the midst of a suspension leaves it standing, and the uses counted", () => {
    const { scene, perform } = stage(1);
    expect(perform({ do: "trade" })).toBeNull();
    perform({ do: "rekey" });
    perform({ do: "issuer-rekeys" });
    expect(perform({ do: "trade" })).toEqual(["budget-exhausted"]);
    expect(scene.holder.written("resumption")).toEqual([]);
  });

  test("a fresh lineage has no room under the credential of the exhausted one: that is another's", () => {
    const { scene, perform } = stage(1);
    perform({ do: "trade" });
    const [exhausted] = scene.holder.written("offer");
    if (exhausted === undefined) throw new Error("the holder made an offer");
    const fresh = scriptedLineage(scene.scheme, "holder, as somebody else");
    const { time, place, credential, policy } = exhausted.header;
    const offer = fresh.write("offer", exhausted.body, { time, place, credential, policy });
    for (const each of [fresh.inception, offer])
      scene.consumer.take({ kind: "message", bytes: packEnvelope(each.envelope) });
    const answer = scene.accept(scene.consumer, offer);
    expect(answer.ok ? [] : answer.rejections.map(({ code }) => code)).toContain("credential-subject");
  });
});
