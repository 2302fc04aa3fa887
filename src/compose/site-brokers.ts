/** The brokers of a simulated world: one a site. No client hears another site's; who injects reaches all of them. */
import { MemoryBroker } from "../adapters/mqtt/memory-broker.ts";
import { assert } from "../core/base/assert.ts";
import { limits } from "../core/wire/limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { SimBroker } from "../sim/drivers.ts";

const MESH_LATENCY_US = 500;
const IN_FLIGHT_MAX = 256;

export function siteBrokers(clock: Clock, count: number): SimBroker {
  const brokers = Array.from({ length: count }, () => new MemoryBroker(clock, MESH_LATENCY_US));

  function at(site: number): MemoryBroker {
    const broker = brokers[site];
    assert(broker !== undefined, "every site of a world has a broker");
    return broker;
  }
  // A client is at one site, and nobody asks which: the other brokers do not know of it.
  function each(act: (broker: MemoryBroker) => void): void {
    for (const broker of brokers) act(broker);
  }

  return {
    open(clientId, site) {
      return at(site).open({
        clientId,
        clean: true,
        will: null,
        maxMessageBytes: limits.ENVELOPE_BYTES_MAX,
        inFlightMax: IN_FLIGHT_MAX,
      });
    },
    decide: (rule) => each(({ faults }) => faults.decide(({ from, to }) => rule(from, to))),
    stop: (site) => at(site).stop(),
    start: (site) => at(site).start(),
    kill: (clientId) => each((broker) => broker.kill(clientId)),
    cut: (clientId) => each((broker) => broker.cut(clientId)),
    restore: (clientId) => each((broker) => broker.restore(clientId)),
    inject: (topic, bytes) => each((broker) => broker.inject(topic, bytes)),
    retain: (topic, bytes) => each((broker) => broker.inject(topic, bytes, true)),
  };
}
