/** Liveness: in calm everybody gets a turn, and whoever is honest and entitled has to come to a settlement of its own. */
import { equalBytes } from "../core/base/bytes.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Lease } from "../core/settlement/lease.ts";
import type { Host } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { InvariantBroken } from "./invariants/invariant.ts";
import type { Openings } from "./openings.ts";
import type { Timeline } from "./timeline.ts";

export type Turns = {
  /** Calm begins. */
  begin(): void;
  /** An offer became durable: in calm, whoever waited longest there tries it, as long as there is something to buy. */
  offered(offer: RecordOf<"offer">): void;
  /** Throws InvariantBroken. At the end of the calm. */
  check(): void;
};

export type TurnsParts = {
  readonly hosts: readonly Host[];
  readonly timeline: Timeline;
  /** Nobody can hold this host to anything: it was deceived, or its disk lost what it had acknowledged. */
  readonly isExcused: (host: Host) => boolean;
  /** Its credential neither was revoked nor ran out. */
  readonly isEntitled: (host: Host) => boolean;
  readonly openings: Openings;
};

/** For quarantines and the bounds of leases to run out; who is fit then has the rest of the calm for its turn. */
const FIT_AFTER_US = 50_000_000;
/** An offer has to come round first. */
const HEARD_AFTER_US = 400_000;
/** From a consumer's decision until both hold the lease; documents may have to be asked for. */
const SETTLED_AFTER_US = 3_000_000;
/** A holder offers what it has anew within 9 s, so that within this time several get their turns. */
const UNSOLD_US = 30_000_000;
const LOOK_EVERY_US = 2_000_000;
/** Two at most so far apart trade, whatever their receivers err: the world's window is 50 m. */
const NEAR_MM = 43_000;

export function newTurns(parts: TurnsParts): Turns {
  return new Queue(parts);
}

class Queue implements Turns {
  readonly #parts: TurnsParts;
  #beganUs: number | null = null;
  /** Who waits for a turn, the longest first. */
  #waiting: readonly Host[] = [];
  readonly #fit = new Set<Host>();
  /** Consumers that had a turn, and what they tried still lay open when it was over. */
  readonly #failed = new Set<Host>();
  /** Since when a fit holder has had room; now, where it has none. */
  readonly #roomSinceUs = new Map<Host, number>();
  readonly #unsold = new Set<Host>();

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { hosts, timeline } = this.#parts;
    this.#beganUs = timeline.nowUs();
    this.#waiting = hosts.filter(({ spec }) => spec.role === "consumer");
    timeline.at(this.#beganUs + FIT_AFTER_US, () => {
      for (const host of hosts) if (this.#isFit(host)) this.#fit.add(host);
      this.#lookRound();
    });
  }

  offered(offer: RecordOf<"offer">): void {
    const { hosts, timeline } = this.#parts;
    const holder = hosts.find((host) => equalBytes(host.lineage(), offer.header.lineage));
    if (this.#beganUs === null || holder === undefined) return;
    timeline.at(timeline.nowUs() + HEARD_AFTER_US, () => this.#giveTurn(offer, holder));
  }

  check(): void {
    const idle = [...this.#fit].filter(
      (host) =>
        this.#isFit(host) && this.#isTraded(host) && this.#couldSettle(host) && !this.#hasSettled(host),
    );
    if (idle.length === 0) return;
    const names = idle.map(({ spec }) => spec.name).join(", ");
    throw new InvariantBroken("honest-pairs-settle", `fit, near, and without a settlement in calm: ${names}`);
  }

  #giveTurn(offer: RecordOf<"offer">, holder: Host): void {
    const { openings, timeline } = this.#parts;
    const next = openings.isOpen(offer, { holder, consumer: null }) ? this.#nextFor(holder) : undefined;
    if (next === undefined) return;
    this.#waiting = [...this.#waiting.filter((each) => each !== next), next];
    void next.running()?.command({ verb: "accept", accept: { offer: offer.id, block: null, insist: false } });
    timeline.at(timeline.nowUs() + SETTLED_AFTER_US, () => this.#judgeTurn(offer, holder, next));
  }

  /** First of all those who have to settle in the end. */
  #nextFor({ spec }: Host): Host | undefined {
    const there = this.#waiting.filter((host) => host.spec.site === spec.site && !this.#hasSettled(host));
    return there.find((host) => this.#fit.has(host) && this.#isTraded(host)) ?? there[0];
  }

  /** Who was beaten to it, or to the last of the budget, had no turn and waits on in front of the others. */
  #judgeTurn(offer: RecordOf<"offer">, holder: Host, consumer: Host): void {
    if (this.#hasSettled(consumer)) return;
    if (!this.#parts.openings.isOpen(offer, { holder, consumer }))
      this.#waiting = [consumer, ...this.#waiting.filter((each) => each !== consumer)];
    else if (this.#fit.has(holder) && this.#isFit(holder) && isNear(consumer, holder))
      this.#failed.add(consumer);
  }

  #lookRound(): void {
    const { openings, timeline } = this.#parts;
    const nowUs = timeline.nowUs();
    for (const holder of this.#fit) {
      if (holder.spec.role !== "holder") continue;
      const hasRoom = this.#isFit(holder) && openings.hasRoom(holder);
      const sinceUs = hasRoom ? (this.#roomSinceUs.get(holder) ?? nowUs) : nowUs;
      this.#roomSinceUs.set(holder, sinceUs);
      if (nowUs - sinceUs >= UNSOLD_US) this.#unsold.add(holder);
    }
    timeline.at(nowUs + LOOK_EVERY_US, () => this.#lookRound());
  }

  /** Where holders let less than there are consumers, some go without, and nobody is to blame. */
  #couldSettle(host: Host): boolean {
    if (host.spec.role === "holder" || this.#failed.has(host)) return true;
    return [...this.#unsold].some((holder) => isNear(host, holder));
  }

  #isFit(host: Host): boolean {
    const { isExcused, isEntitled } = this.#parts;
    const agent = host.agent();
    return agent !== null && agent.volatile.quarantine === null && !isExcused(host) && isEntitled(host);
  }

  #hasSettled(host: Host): boolean {
    const sinceUs = WORLD_BEGAN_US + (this.#beganUs ?? 0);
    const leases = [...(host.agent()?.durable.leases.values() ?? [])];
    return leases.some((lease) => (settledUs(lease) ?? 0) >= sinceUs);
  }

  #isTraded(host: Host): boolean {
    return [...this.#fit].some((other) => other.spec.role !== host.spec.role && isNear(host, other));
  }
}

function settledUs({ role, consumerSettlement, holderSettlement }: Lease): number | null {
  const own = role === "holder" ? holderSettlement : consumerSettlement;
  return own?.header.time?.latestUs ?? null;
}

function isNear({ spec: one }: Host, { spec: other }: Host): boolean {
  return (
    one.site === other.site && Math.hypot(one.northMm - other.northMm, one.eastMm - other.eastMm) < NEAR_MM
  );
}
