/** The closed words of scenario files: what agents can be told, what can go wrong, what is not there yet. */

/** What a step can have done today. */
export type StepVerb =
  | "offer"
  | "withdraw"
  | "accept"
  | "relinquish"
  | "terminate"
  | "revoke"
  | "preempt"
  | "acknowledge";

export const STEP_VERBS: readonly StepVerb[] = [
  "offer",
  "withdraw",
  "accept",
  "relinquish",
  "terminate",
  "revoke",
  "preempt",
  "acknowledge",
];

/** Words of capabilities that come later (PROTOCOL §1, §10): refused by name, so that nobody takes them for slips. */
export const LATER_VERBS: readonly string[] = [
  "suspend",
  "resume",
  "tender",
  "commit",
  "counter-offer",
  "bid",
  "dispute",
  "recover",
  "rotate",
  "recognise",
  "sense",
  "meter",
  "audit",
];

/** Who has to be told: the holder, the consumer, or (revoke) whoever's credential falls; of preempt: whose offers are silenced; of acknowledge: whose radio waits. */
export const VERB_ROLES: Readonly<Record<StepVerb, "holder" | "consumer" | null>> = {
  offer: "holder",
  withdraw: "holder",
  accept: "consumer",
  relinquish: "consumer",
  terminate: "holder",
  revoke: null,
  preempt: "holder",
  acknowledge: "consumer",
};

/** What a fault strikes, how it is written, and what it needs besides. */
export type FaultWord = {
  readonly strikes: "host" | "mesh";
  /** The simulated device without which there is nothing to break; null: host and mesh are always the simulation's. */
  readonly device: "tpm" | "gnss" | "radio" | null;
  /** Whose host alone it can strike; null: anybody's. */
  readonly role: "holder" | "consumer" | null;
  /** `once`: no `for`. */
  readonly lasts: "once" | "while";
  readonly needs: readonly FaultKey[];
};

export const FAULT_KEYS = [
  "north",
  "east",
  "by",
  "share",
  "groups",
  "from",
  "drift",
  "rate",
  "taken",
] as const;

export type FaultKey = (typeof FAULT_KEYS)[number];

const onHost = (
  lasts: FaultWord["lasts"],
  needs: readonly FaultKey[] = [],
  device: FaultWord["device"] = null,
): FaultWord => ({ strikes: "host", device, lasts, needs, role: device === "radio" ? "consumer" : null });

const onMesh = (needs: readonly FaultKey[] = []): FaultWord => ({
  strikes: "mesh",
  device: null,
  role: null,
  lasts: "while",
  needs,
});

export type FaultName =
  | "kill"
  | "power-cut"
  | "freeze"
  | "flush-error"
  | "write-error"
  | "full-disk"
  | "slow-disk"
  | "cloned-disk"
  | "rot-tail"
  | "rot-old"
  | "backup-put-back"
  | "gnss-outage"
  | "gnss-jammed"
  | "gnss-unplugged"
  | "gnss-drift"
  | "spoof-noticed"
  | "spoof-unnoticed"
  | "wall-step"
  | "oscillator-off"
  | "tpm-lost"
  | "tpm-lockout"
  | "key-rolled"
  | "radio-lost"
  | "radio-slow"
  | "radio-stuck"
  | "sells-twice"
  | "cut-off"
  | "broker-restart"
  | "partition"
  | "loss"
  | "replay"
  | "late";

/** By the names that the random simulation counts them under, where it has them too. */
export const FAULTS: Readonly<Record<FaultName, FaultWord>> = {
  kill: onHost("while"),
  "power-cut": onHost("while"),
  freeze: onHost("while"),
  "flush-error": onHost("once"),
  "write-error": onHost("once"),
  "full-disk": onHost("while"),
  "slow-disk": onHost("while", ["by"]),
  "cloned-disk": onHost("once", ["from"]),
  "rot-tail": onHost("once"),
  "rot-old": onHost("once"),
  "backup-put-back": onHost("once", ["taken"]),
  "gnss-outage": onHost("while", [], "gnss"),
  "gnss-jammed": onHost("while", [], "gnss"),
  "gnss-unplugged": onHost("while", [], "gnss"),
  "gnss-drift": onHost("while", ["rate"], "gnss"),
  "spoof-noticed": onHost("while", ["north", "east", "by"], "gnss"),
  "spoof-unnoticed": onHost("while", ["north", "east", "by"], "gnss"),
  "wall-step": onHost("while", ["by"]),
  "oscillator-off": onHost("while", ["drift"]),
  "tpm-lost": onHost("while", [], "tpm"),
  "tpm-lockout": onHost("while", [], "tpm"),
  "key-rolled": onHost("once", [], "tpm"),
  "radio-lost": onHost("while", [], "radio"),
  "radio-slow": onHost("while", ["by"], "radio"),
  "radio-stuck": onHost("while", [], "radio"),
  "sells-twice": { ...onHost("while"), role: "holder" },
  "cut-off": onHost("while"),
  "broker-restart": onMesh(),
  partition: onMesh(["groups"]),
  loss: onMesh(["share"]),
  replay: onMesh(["share"]),
  late: onMesh(["by"]),
};

export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULTS) as FaultName[];

/** Names of the invariants that every run is held to (src/sim/invariants). */
export const INVARIANTS: readonly string[] = [
  "log-follows",
  "keys-follow",
  "nothing-acknowledged-is-lost",
  "large-loss-is-quarantined",
  "shown-means-silent",
  "one-artifact-a-pair",
  "held-only-where-sold",
  "block-let-once",
  "one-emission-a-block",
  "silent-by-transmit-expiry",
  "rf-only-inside-a-lease",
  "no-over-grant",
  "bounds-hold",
  "budget-kept",
  "policy-usable",
  "one-renewal-a-request",
  "renewed-only-before-the-end",
  "renewed-only-where-held",
  "let-only-while-offered",
  "settled-or-refused",
  "silent-when-given-up",
  "armed-by-this-boot",
  "published-only-durable",
  "quarantine-in-full",
  "on-air-inside-the-area",
  "on-air-within-duty-cycle",
  "silent-at-once",
  "obeyed-only-where-entitled",
  "silent-without-receipt",
  "unrenewed-while-preempted",
  "settled-only-where-recognised",
  "rf-only-acknowledged",
  "stored-signatures-are-low",
];
