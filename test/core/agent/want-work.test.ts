/** Nobody signs a want: what one costs must not grow with the log (PROTOCOL §8). */
import { expect, test, vi } from "vitest";
import { writeWant } from "../../../src/core/wire/want.ts";
import { named } from "../../support/scripted-keys.ts";
import { leaseAt, twoAgents } from "../../support/two-agents.ts";

test("a want goes through no lease: each of its ids is looked up, known or not", () => {
  const scene = twoAgents();
  const lease = scene.settle();
  const { holder, consumer } = scene;
  const { lastRenewal, acceptance, lastRequest } = leaseAt(holder, lease);
  if (lastRenewal === null || lastRequest === null) throw new Error("the lease is in motion");
  const { leases } = holder.agent().durable;
  for (const way of ["values", "entries", "keys", "forEach"] as const) {
    vi.spyOn(leases, way).mockImplementation(() => {
      throw new Error("every lease is gone through");
    });
  }
  const { lineage } = consumer.lineage.inception.header;
  const ids = [named("nobody's"), acceptance.id, lastRequest.id, lastRenewal.id];
  const before = holder.effects("publish").length;
  holder.take({ kind: "message", bytes: writeWant({ lineage, ids }) });
  const served = holder.effects("publish").slice(before);
  expect(served.map(({ record }) => record.kind)).toEqual(["acceptance", "renewal-request", "renewal"]);
  holder.take({ kind: "message", bytes: writeWant({ lineage: named("a stranger"), ids: ids.slice(1) }) });
  expect(holder.effects("publish")).toHaveLength(before + served.length);
  vi.restoreAllMocks();
});
