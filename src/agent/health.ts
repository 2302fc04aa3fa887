/** Why the agent is not ready, port by port. Missing hardware never stops the daemon: it waits with a reason (DESIGN §4). */

export type PortName = "mesh" | "gnss" | "tpm" | "signer" | "store" | "radio" | "quarantine";

export type Health = {
  set(port: PortName, reason: string | null): void;
  reasons(): Readonly<Record<string, string>>;
};

export function health(onChange: (port: PortName, reason: string | null) => void): Health {
  const reasons = new Map<PortName, string>();
  return {
    set(port, reason) {
      if ((reasons.get(port) ?? null) === reason) return;
      if (reason === null) reasons.delete(port);
      else reasons.set(port, reason);
      onChange(port, reason);
    },
    reasons: () => Object.fromEntries([...reasons].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
