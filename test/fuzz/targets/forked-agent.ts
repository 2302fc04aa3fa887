/** Copies of one agent, each to go its own way from the same instant: what one input does is not seen by the next. */
import type { AgentConfig } from "../../../src/core/agent/config.ts";
import { cloneState } from "../../../src/core/agent/state.ts";
import type { Agent } from "../../../src/core/agent/turn.ts";
import type { Volatile } from "../../../src/core/agent/volatile.ts";
import { named } from "../../support/scripted-keys.ts";

/** The copy draws the same bytes in every run. */
export function forkedAgent(agent: Agent): Agent {
  return {
    ...agent,
    config: { ...agent.config, draw: drawing() },
    durable: cloneState(agent.durable),
    provisional: cloneState(agent.provisional),
    queue: [...agent.queue],
    documents: new Map(agent.documents),
    volatile: forkedVolatile(agent.volatile),
  };
}

const DRAWS: Uint8Array[] = Array.from({ length: 64 }, (_, i) => named(`fuzz draw ${i}`));

function drawing(): AgentConfig["draw"] {
  let drawn = 0;
  return (length) => {
    drawn += 1;
    return (DRAWS[drawn] ?? named(`fuzz draw ${drawn}`)).slice(0, length);
  };
}

/** Records and what is replaced as a whole are shared; every container, and what is changed in place, is copied. */
function forkedVolatile(volatile: Volatile): Volatile {
  const copy = Object.fromEntries(
    Object.entries(volatile).map(([name, value]: [string, unknown]) => [name, copied(value)]),
  ) as unknown as Volatile;
  const lanes = new Map([...volatile.lanes].map(([name, lane]) => [name, { ...lane }]));
  const aggregates = new Map([...volatile.aggregates].map(([name, each]) => [name, { ...each }]));
  return { ...copy, lanes, aggregates, known: volatile.known.copy() };
}

function copied(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  return value instanceof Set ? new Set(value) : value;
}
