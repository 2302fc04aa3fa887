/** Regulatory identifiers that a lease class asks for, in credentials or in settlements (PROTOCOL §1, §3). */
import { describe, expect, test } from "vitest";
import type { AgentConfig } from "../../../src/core/agent/config.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import { clear } from "../../../src/core/record/sealed.ts";
import { SECOND_US, scenePolicy } from "../../support/scripted-authority.ts";
import type { Host } from "../../support/scripted-host.ts";
import { leasesOf, type Scene, twoAgents } from "../../support/two-agents.ts";

type Asked = { readonly holder: readonly string[]; readonly consumer: readonly string[] };
type Parts = {
  readonly config?: Partial<AgentConfig>;
  readonly holderCredential?: Partial<Credential>;
  readonly consumerCredential?: Partial<Credential>;
};

function scene(identifiers: Asked, parts: Parts = {}): Scene {
  const leaseClasses = scenePolicy.leaseClasses.map((each) => ({ ...each, identifiers }));
  return twoAgents({ authority: { policy: { leaseClasses } }, ...parts });
}

const licensed = { identifiers: clear([{ scheme: "call-sign", value: "WQ-1" }]) };
const device = { identifiers: [{ scheme: "fcc-id", value: "ABC-123" }] };

function rejected(host: Host): readonly string[] {
  return host
    .written("rejection")
    .flatMap(({ body }) =>
      body.findings.map(({ code, field, required }) => `${code} ${field} ${required["scheme"]}`),
    );
}

describe("identifiers that a lease class asks for", () => {
  test("are found in a credential of the chain, or stated by the settlement, which both sides keep", () => {
    const of = scene(
      { holder: ["call-sign"], consumer: ["fcc-id"] },
      { holderCredential: licensed, config: device },
    );
    of.settle();
    const [lease] = leasesOf(of.holder);
    expect(lease?.consumerSettlement?.body.identifiers.value).toEqual(device.identifiers);
    expect(lease?.holderSettlement.body.identifiers.value).toEqual(device.identifiers);
    expect(leasesOf(of.consumer)[0]?.derived.id).toEqual(lease?.derived.id);
  });

  test("missing on the consumer's side keep it from accepting, by its own gate", () => {
    const of = scene({ holder: [], consumer: ["fcc-id"] });
    const answer = of.accept(of.consumer, of.offer());
    expect(answer).toMatchObject({
      ok: false,
      rejections: [
        {
          code: "identifier-missing",
          field: "consumer.identifiers",
          measured: { identifiers: 0 },
          required: { scheme: "fcc-id" },
        },
      ],
    });
  });

  test("missing from a countersignature all the same make it none: the lease ends unconfirmed", () => {
    const of = scene({ holder: [], consumer: ["fcc-id"] });
    expect(of.accept(of.consumer, of.offer(), true).ok).toBe(true);
    of.run(40 * SECOND_US);
    expect(of.holder.written("lease-termination").map(({ body }) => body.reason)).toEqual([
      "not-countersigned",
    ]);
    expect(of.consumer.effects("arm")).toHaveLength(0);
  });

  test("missing on the holder's side are refused by its own gate, each by its scheme", () => {
    const of = scene({ holder: ["call-sign", "frn"], consumer: [] }, { holderCredential: licensed });
    expect(of.accept(of.consumer, of.offer()).ok).toBe(true);
    of.run(SECOND_US);
    expect(rejected(of.holder)).toEqual(["identifier-missing holder.identifiers frn"]);
    expect(of.holder.written("settlement")).toHaveLength(0);
  });
});
