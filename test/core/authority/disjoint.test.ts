import fc from "fast-check";
import { expect, test } from "vitest";
import type { Chain } from "../../../src/core/authority/chain.ts";
import { areDisjoint, mostDisjoint } from "../../../src/core/authority/disjoint.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { credentialFor, type Party, party, record } from "../../support/pair-builder.ts";

const root = party("root");
const [broker, other] = [party("broker"), party("other broker")];
const [one, two] = [party("one"), party("two")];

function link(issuer: Party, subject: Party, change: Partial<Credential> = {}): RecordOf<"credential"> {
  return record("credential", issuer, credentialFor(subject, change));
}

function chain(...links: readonly RecordOf<"credential">[]): Chain {
  return { links, missing: null };
}

const licence = link(root, root, { owner: "the regulator" });
const below = (issuer: Party, subject: Party, change: Partial<Credential> = {}): Chain =>
  chain(link(issuer, subject, change), link(root, issuer), licence);

test("two subjects of two issuers of one root are disjoint: the root's own licence is everybody's", () => {
  expect(areDisjoint(below(broker, one), below(other, two))).toBe(true);
  expect(areDisjoint(chain(link(root, one), licence), chain(link(root, two), licence))).toBe(true);
});

const ak = { akName: new Uint8Array(34).fill(9) };

test.each<readonly [string, Chain, Chain]>([
  ["one link", below(broker, one), below(broker, two)],
  ["one lineage under two keys", below(broker, one), below(other, two, { subjectLineage: one.lineage })],
  ["one key of two lineages", below(broker, one), below(other, two, { subjectKey: one.keyId })],
  ["one attestation key", below(broker, one, ak), below(other, two, ak)],
  ["one declared owner", below(broker, one, { owner: "same" }), below(other, two, { owner: "same" })],
  ["an owner who is the other's issuer", below(broker, one), below(other, two, { owner: "broker" })],
  ["a subject who issued the other's", chain(link(root, broker), licence), below(broker, two)],
  ["nothing at all", chain(), below(broker, one)],
])("chains that share %s are not disjoint, either way round", (_name, a, b) => {
  expect(areDisjoint(a, b)).toBe(false);
  expect(areDisjoint(b, a)).toBe(false);
});

/** Every choice, one after another. */
function mostByTrying(chains: readonly Chain[]): number {
  let most = 0;
  for (let choice = 0; choice < 2 ** chains.length; choice++) {
    const chosen = chains.filter((_, i) => (choice >> i) % 2 === 1);
    const apart = chosen.every((a, i) => chosen.slice(i + 1).every((b) => areDisjoint(a, b)));
    if (apart) most = Math.max(most, chosen.length);
  }
  return most;
}

test("as many are counted as can be chosen without two of one party, whatever their order", () => {
  const subjects = ["a", "b", "c", "d", "e", "f"].map((name) => party(`crowd ${name}`));
  const crowd = fc.array(
    fc.record({
      subject: fc.constantFrom(...subjects),
      owner: fc.constantFrom("p", "q", "r", "s"),
      issuer: fc.constantFrom(root, root, broker, other),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(crowd, (members) => {
      const chains = members.map(({ subject, owner, issuer }) =>
        issuer === root ? chain(link(root, subject, { owner }), licence) : below(issuer, subject, { owner }),
      );
      expect(mostDisjoint(chains)).toBe(mostByTrying(chains));
      expect(mostDisjoint(chains.toReversed())).toBe(mostByTrying(chains));
    }),
    { numRuns: 60 },
  );
});

test("sixteen that all meet, or none of which meet, are counted at once", () => {
  const crowd = Array.from({ length: 16 }, (_, i) => party(`many ${i}`));
  expect(mostDisjoint(crowd.map((each) => chain(link(root, each), licence)))).toBe(16);
  expect(mostDisjoint(crowd.map((each) => chain(link(root, each, { owner: "one" }), licence)))).toBe(1);
});
