/** What may go wrong with a simulated transmitter, on a timeline that its owner decides. */

export type RadioFault = {
  /** The transmitter ignores every order to be silent, its own deadman's too. */
  readonly stuckOn: boolean;
  /** How long it takes to obey an order to be silent, µs. */
  readonly slowMuteUs: number;
  /** The host cannot reach the device: neither orders nor feeds arrive. */
  readonly lost: boolean;
};

export interface RadioFaults {
  current(): RadioFault;
  set(change: Partial<RadioFault>): void;
  /** Called after each change, until the result is called. */
  listen(listener: (fault: RadioFault) => void): () => void;
}

export function radioFaults(): RadioFaults {
  const listeners = new Set<(fault: RadioFault) => void>();
  let fault: RadioFault = { stuckOn: false, slowMuteUs: 0, lost: false };
  return {
    current: () => fault,
    set(change) {
      fault = { ...fault, ...change };
      for (const listener of listeners) listener(fault);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
