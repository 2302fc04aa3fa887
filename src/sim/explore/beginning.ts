/** Where an exploration begins: agents started, the first consumer's acceptance queued, or its radio on already. */
import { assert } from "../../core/base/assert.ts";
import { equalBytes } from "../../core/base/bytes.ts";
import { quiet } from "./calm.ts";
import { FIRST_BOOT, SCENE_BEGAN_US } from "./host-time.ts";
import type { Order } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { successors } from "./successors.ts";
import type { HostState, Log, World } from "./world.ts";

export function beginning(stage: Stage): World {
  const { scope } = stage;
  const accepts = Array.from({ length: scope.begins === "accepted" ? scope.consumers : 1 }, (_, i) => i + 1);
  let world = started(stage);
  for (const host of accepts) world = told(stage, world, { host, verb: "accept" });
  if (scope.begins !== "accepted") {
    world = onAir(stage, { ...world, adverse: scope.adverse });
  }
  if (scope.begins === "restored") world = restored(stage, world);
  return { ...world, adverse: 0, orders: scope.orders };
}

function started(stage: Stage): World {
  const { members, offer } = stage.ground;
  const hosts = members.map((member, i): HostState => {
    let log: Log | null = stage.append(null, { own: member.inception, foreign: [] });
    if (i === 0) log = stage.append(log, { own: offer, foreign: [] });
    const rest = { agent: null, isAway: false, onAir: null, jobs: [], ticked: false, mark: null, heard: [] };
    return stage.known(i, { ...rest, atUs: SCENE_BEGAN_US, log, boot: FIRST_BOOT });
  });
  const { adverse } = stage.scope;
  const world: World = {
    trueUs: SCENE_BEGAN_US,
    hosts,
    flight: stage.flights.empty,
    adverse,
    orders: [],
    promised: new Map(),
  };
  return quiet(stage, world).world;
}

function told(stage: Stage, world: World, order: Order): World {
  for (const next of successors(stage, { ...world, orders: [order] })) {
    if (next.world.orders.length === 0 && next.world.hosts[order.host]?.agent?.queue.length === 1)
      return next.world;
  }
  assert(false, "a consumer may accept the offer of its scope");
}

function onAir(stage: Stage, begun: World): World {
  const { world, breach } = quiet(stage, begun);
  assert(breach === null && world.hosts[1]?.onAir !== null, "a calm pair comes to transmit");
  return world;
}

/** The holder's disk came back as it was before the pair was settled, and its store tells that its end was cut. */
function restored(stage: Stage, world: World): World {
  const [holder, ...consumers] = world.hosts;
  assert(holder !== undefined, "a scope has its holder");
  let { log } = holder;
  while (log !== null && !equalBytes(log.entry.own.id, stage.ground.offer.id)) log = log.before;
  assert(log !== null, "the offer is in the holder's log");
  const mark = { seq: log.entry.own.header.seq + 1, reason: "flushed bytes do not read back" };
  const down = { ...holder, log, mark, agent: null, jobs: [], heard: [], ticked: false };
  return { ...world, hosts: [stage.known(0, down), ...consumers] };
}
