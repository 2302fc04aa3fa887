/** Brokers that stop, cut off, part, withhold and delay, and strangers who flood inboxes. */
import { agentTopic } from "../../core/wire/topic.ts";
import type { Fault, FaultParts } from "./fault.ts";

/** More than any lane lets in, a second. */
const FLOOD_MESSAGES = 160;
const SLOW_US_MAX = 4_000_000;
const WITHHELD_US_MAX = 40_000_000;
const GARBAGE_BYTES = 400;

export function meshFaults(parts: FaultParts): readonly Fault[] {
  return [...brokerFaults(parts), ...peerFaults(parts)];
}

function brokerFaults({ hosts, world: { broker }, chance, weather }: FaultParts): readonly Fault[] {
  return [
    {
      name: "broker-restart",
      weight: 3,
      strike({ spec: { site } }) {
        broker.stop(site);
        return () => broker.start(site);
      },
    },
    {
      name: "cut-off",
      weight: 15,
      strike(host) {
        const id = host.clientId();
        broker.cut(id);
        return () => broker.restore(id);
      },
    },
    // Bridged brokers that lost each other: everybody stays connected, and half of them is not heard.
    {
      name: "partition",
      weight: 6,
      strike({ spec: { site } }) {
        const there = hosts.filter(({ spec }) => spec.site === site);
        const side = new Set(there.filter(() => chance.hits(500)).map((host) => host.clientId()));
        return weather.part(side, site);
      },
    },
    {
      name: "broker-withholds",
      weight: 8,
      strike: (host) => weather.delay("to", host.clientId(), never(chance.hits(500), chance.below)),
    },
    {
      name: "broker-swallows",
      weight: 4,
      strike: (host) => weather.delay("from", host.clientId(), null),
    },
  ];
}

function never(isLost: boolean, below: (most: number) => number): number | null {
  return isLost ? null : below(WITHHELD_US_MAX);
}

function peerFaults({ world: { broker }, chance, weather }: FaultParts): readonly Fault[] {
  return [
    {
      name: "slow-peer",
      weight: 8,
      strike(host) {
        const lateUs = chance.below(SLOW_US_MAX);
        const ends = [
          weather.delay("to", host.clientId(), lateUs),
          weather.delay("from", host.clientId(), lateUs),
        ];
        return () => {
          for (const end of ends) end();
        };
      },
    },
    {
      name: "garbage",
      weight: 10,
      strike(host) {
        broker.inject(agentTopic(host.lineage(), "inbox"), chance.bytes(chance.below(GARBAGE_BYTES)));
        return null;
      },
    },
    {
      name: "flood",
      weight: 2,
      strike(host) {
        const topic = agentTopic(host.lineage(), "inbox");
        const bytes = chance.bytes(GARBAGE_BYTES);
        for (let i = 0; i < FLOOD_MESSAGES; i++) broker.inject(topic, bytes.subarray(i));
        return null;
      },
    },
  ];
}
