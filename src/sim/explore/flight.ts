/** Messages on their way: a set, one object for each, so that what becomes of it is looked up and not made again. */
import type { Flight, Message } from "./world.ts";

/** What is late first, so that a path's words do not depend on anything else. */
function messageNumber({ said, late }: Message): number {
  return said.id * 2 + (late ? 0 : 1);
}

export class Flights {
  readonly #known: Map<string, Flight> = new Map();
  readonly empty: Flight = this.of([]);

  of(messages: readonly Message[]): Flight {
    const sorted = messages.toSorted((one, other) => messageNumber(one) - messageNumber(other));
    const key = sorted.map(messageNumber).join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const flight = { id: this.#known.size, messages: sorted, toggled: new Map() };
    this.#known.set(key, flight);
    return flight;
  }

  /** A copy that is on its way already, and as late, is the same message. */
  with(flight: Flight, message: Message): Flight {
    const number = messageNumber(message);
    const isIn = flight.messages.some((each) => messageNumber(each) === number);
    return isIn ? flight : this.#toggled(flight, number, () => [...flight.messages, message]);
  }

  without(flight: Flight, message: Message): Flight {
    const others = (): readonly Message[] => flight.messages.filter((each) => each !== message);
    return this.#toggled(flight, messageNumber(message), others);
  }

  #toggled(flight: Flight, number: number, messages: () => readonly Message[]): Flight {
    const known = flight.toggled.get(number);
    if (known !== undefined) return known;
    const made = this.of(messages());
    flight.toggled.set(number, made);
    return made;
  }
}
