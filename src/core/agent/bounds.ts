/** Every bound of an agent's volatile state and work, with its name (STYLE 14). */
export const bounds = {
  /** Records queued for signing; renewals, terminations and relinquishments may use the reserve on top. */
  QUEUE_MAX: 64,
  QUEUE_RESERVE: 64,
  KNOWN_RECORDS_MAX: 4096,
  KEYS_MAX: 1024,
  /** Recognitions and successors of policies, by roots that the operator trusts. */
  TRUSTED_RECORDS_MAX: 128,
  /** Directives that stand at one time. */
  DIRECTIVES_MAX: 256,
  /** Of one lineage: as many as one want is answered with. */
  ROTATIONS_MAX: 32,
  /** Latest certificates of session keys of one lineage. */
  SESSIONS_MAX: 8,
  /** Records that wait for a key or a document. */
  WAITING_MAX: 256,
  WAITING_US_MAX: 30_000_000,
  PENDING_PER_PEER_MAX: 8,
  /** Evaluations of waiting records in one step, and the pause before one is looked at again unasked. */
  PENDING_PER_STEP: 4,
  LOOK_AGAIN_US: 1_000_000,
  /** Messages that one inception sets free in one step; the rest follow at ticks. */
  RELEASED_PER_STEP: 8,
  SEEN_MAX: 8192,
  /** Policies that follow one another, or would. */
  POLICIES_MAX: 16,
  REJECTIONS_KEPT_MAX: 1024,
  PEERS_MAX: 1024,
  /** Messages a peer and second; unknown senders share one lane of that width. */
  PEER_MESSAGES_PER_SECOND: 64,
  /** For the other side of a standing lease: forged copies in its name must not push its renewals out. */
  LEASE_PARTY_MESSAGES_PER_SECOND: 1024,
  UNKNOWN_MESSAGES_PER_SECOND: 128,
  /** First and longest pause between two sendings of one record. */
  RESEND_FIRST_US: 500_000,
  RESEND_LAST_US: 8_000_000,
  /** Of an acceptance past its confirmBy that nobody answered. */
  RESEND_DEAD_LAST_US: 600_000_000,
  WANTS_PER_SECOND: 16,
  /** Of them for offers that bind nobody yet: the rest is for what does. */
  OFFER_WANTS_PER_SECOND: 8,
  /** Offers and causes that were refused, so that each is said once. */
  REFUSED_OFFERS_MAX: 1024,
  /** Records that went to one peer, and are kept to be served to it again. */
  GIVEN_RECORDS_MAX: 1024,
  /** Own records beyond the log's end that are fetched from peers; peers asked at a time, and the pause before the next. */
  RESTORED_RECORDS_MAX: 1024,
  RESTORE_PEERS_PER_ROUND: 4,
  RESTORE_ASK_AGAIN_US: 1_000_000,
  /** From a countersignature to the record that stores it, where no renewal does before. */
  ACKNOWLEDGE_AFTER_US: 2_000_000,
  CHECKPOINT_EVERY: 64,
  TIME_FAULT_PAUSE_US: 10_000_000,
  IDLE_WAKE_US: 1_000_000,
} as const;
