/** Every check that `verify` makes: what it says when it holds and when it does not. `explain` reads them from here. */

/** Empty: that is never said. What is only ever not checkable gives its reason in the check itself. */
export const auditCodes = {
  // The file
  "record-read": {
    passed: "Every record reads by the table of its kind.",
    failed: "A record cannot be read.",
  },
  "record-opening": {
    passed: "Every opening opens a sealed field of its record.",
    failed: "An opening fits no sealed field of its record, or holds something else than that field.",
  },
  "bundle-claims": {
    passed: "The bundle holds the records that its first line says it holds.",
    failed: "The bundle does not hold what its first line says.",
  },
  "bundle-order": {
    passed: "Own records stand in the order of their lineages, before all foreign ones.",
    failed: "A record stands in the file where it does not belong.",
  },
  "record-connected": {
    passed:
      "Every foreign record is one that records of the exported lineages, or of the one lease, name or rest on.",
    failed:
      "Nothing in the exported lineages, or in the lease that the bundle is of, has to do with this record.",
  },
  // Keys and lineages
  "trust-root": {
    passed: "The inception of a trusted root is at hand and certifies itself.",
    failed: "None of the trusted roots has its inception here, so nothing here can be traced to one.",
  },
  "record-signature": {
    passed: "Every record of this lineage is signed by the key of its inception.",
    failed: "A record is not signed by the key of the lineage that it names.",
  },
  "session-key": {
    passed:
      "Every record by a session key is one that the policy lets it sign, within what it is certified for.",
    failed:
      "A session key signed what its policy did not choose, or is certified for longer or another boot.",
  },
  "session-age": {
    passed: "A record of somebody else's names this record and is from before the session key's end.",
    failed: "",
  },
  "record-author": {
    passed: "",
    failed: "The author of a record has no inception here that certifies itself.",
  },
  "lineage-fork": {
    passed: "No position of this lineage holds two records.",
    failed: "Two signed records stand at one position: the lineage was forked.",
  },
  "lineage-link": {
    passed: "Each record names the one before it.",
    failed: "A record does not name the one before it.",
  },
  "lineage-gap": {
    passed: "No record is missing between the first and the last one here.",
    failed: "Records of a lineage that the bundle says it holds are missing.",
  },
  "lineage-end": { passed: "", failed: "" },
  "checkpoint-root": {
    passed: "The Merkle roots in the checkpoints are those of the records.",
    failed: "A checkpoint's size or Merkle root is not that of the records before it.",
  },
  // Between records
  reference: {
    passed: "Every record that these records name is here, and is what it is named as.",
    failed: "A record names another that is not here or is something else.",
  },
  "snapshot-order": {
    passed: "Status snapshots of one issuer follow one another.",
    failed: "A status snapshot does not follow the one that it names.",
  },
  "attestation-evidence": {
    passed: "The attestation key certifies the signing key and quoted an ancestor of the lineage.",
    failed: "An attestation does not show what it says.",
  },
  "tpm-genuine": { passed: "", failed: "" },
  // Settlements
  "settlement-party": {
    passed: "Both settlements are by the parties of the pair.",
    failed: "A settlement is by somebody who is not a party to the pair, or the holder's is missing.",
  },
  "settlement-pair": {
    passed: "The acceptance answers the offer that the settlement names.",
    failed: "The acceptance answers another offer than the settlement names.",
  },
  "settlement-roots": {
    passed:
      "Every root in the context, and the authors of policy and schema, are trusted roots, or recognised by one.",
    failed:
      "A root, or the author of the policy or schema, is none of the trusted roots, and none that they recognise.",
  },
  "settlement-policy": {
    passed: "The settlement was made before the end that the policy's successor states.",
    failed: "The settlement was made under a policy that its successor had ended.",
  },
  "settlement-time": {
    passed:
      "The settlement was signed within its deadline and its context's interval, by its author's own time.",
    failed: "The settlement was signed after its deadline, or outside the interval of its context.",
  },
  "artifact-rederived": {
    passed: "Evaluating the pair again gives the artifact that the settlement names.",
    failed: "Evaluating the pair again does not give the artifact that the settlement names.",
  },
  "artifact-both-sides": {
    passed: "Holder and consumer signed the same artifact.",
    failed: "Holder and consumer signed different artifacts for one pair.",
  },
  "artifact-once": {
    passed: "The pair led to one artifact.",
    failed: "One acceptance led to more than one artifact.",
  },
  "before-revocation": { passed: "", failed: "" },
  "evidence-true": { passed: "", failed: "" },
  // Leases
  "lease-party": {
    passed: "Every record about the lease is by the party that may make it.",
    failed: "A record about the lease is by somebody else than the party that may make it.",
  },
  "request-order": {
    passed: "Renewals were asked for after the consumer's settlement, naming the holder's records.",
    failed: "A renewal was asked for before the consumer's settlement, or names a record of somebody else.",
  },
  "renewal-answers-request": {
    passed: "Each renewal answers one request of the consumer, with its nonce and boot.",
    failed: "A renewal does not answer a request of the consumer: lease, nonce, boot or author differ.",
  },
  "renewal-once": {
    passed: "No request was answered with two renewals.",
    failed: "One request was answered with two renewals.",
  },
  "renewal-after-settlements": {
    passed: "No renewal was signed before both settlements.",
    failed: "A renewal was signed without both settlements.",
  },
  "renewal-reach": {
    passed: "No renewal reaches farther than the lease class allows.",
    failed: "A renewal reaches farther than the lease class allows.",
  },
  "renewal-expiry": {
    passed: "Each transmit expiry is within the grant, every link, and the age of every snapshot named.",
    failed: "A transmit expiry is after the grant, a link, or the age of a snapshot allows.",
  },
  "renewal-clock": {
    passed: "The holder's boot clock never ran backwards between renewals.",
    failed: "The holder's boot clock ran backwards between two renewals.",
  },
  "renewal-after-end": {
    passed: "The holder signed no renewal after its termination.",
    failed: "The holder signed a renewal after its termination.",
  },
  "preemption-entitled": {
    passed:
      "Every directive that the lease gave way to is in scope, entitled and within its author's budgets.",
    failed: "A lease gave way to a directive that was not to be obeyed.",
  },
  "preemption-state": {
    passed: "What was recorded of directives is what directive, artifact and policy give.",
    failed: "A record of a directive says something else than directive, artifact and policy give.",
  },
  "preemption-silence": {
    passed: "While a recorded directive stood, nothing was asked for, renewed or switched on.",
    failed: "While a recorded directive stood, something was asked for, renewed or switched on.",
  },
  "preemption-ending": {
    passed: "The lease ended by a directive that the bundle holds and the holder recorded.",
    failed:
      "A lease was ended for a directive that is not here, or that the holder did not record as its end.",
  },
  "consumer-after-end": {
    passed: "The consumer neither asked for more nor switched on after the end of the lease.",
    failed: "The consumer asked for more, or switched on, after the end of the lease.",
  },
  "termination-once": {
    passed: "It was ended once.",
    failed: "It was ended twice.",
  },
  "termination-sound": {
    passed: "The reason of the termination is borne out by the records it names.",
    failed: "The reason of the termination is not borne out by the records it names.",
  },
  // Emissions
  "actuation-entitled": {
    passed: "RF was switched on only after both settlements, by a renewal of the same boot.",
    failed:
      "RF was switched on without both settlements, or without a renewal that answers a request of this boot.",
  },
  "actuation-deadline": {
    passed: "The guard's deadline is within the renewal, counted from the request.",
    failed: "The guard's deadline is later than the renewal allows, counted from the request.",
  },
  "actuation-expiry": {
    passed: "The guard's deadline is within the transmit expiry, counted from the request.",
    failed: "The guard's deadline is later than the transmit expiry allows.",
  },
  "acknowledgement-sound": {
    passed: "What was acknowledged is another one's record, and about this lease.",
    failed: "A record of somebody else, or about another lease, was acknowledged.",
  },
  "identifiers-stated": {
    passed: "Both sides state the regulatory identifiers that the lease class asks for.",
    failed: "A side does not state a regulatory identifier that the lease class asks for.",
  },
  "actuation-acknowledged": {
    passed: "RF waited for the acknowledgement that the lease class asks for.",
    failed: "RF was switched on without the acknowledgement that the lease class asks for.",
  },
  "emission-block": {
    passed: "Every emission stays inside the block's edges.",
    failed: "An emission exceeds the block's edges.",
  },
  "emission-power": {
    passed: "Every emission stays under each of the block's power limits.",
    failed: "An emission is above a power limit of the block.",
  },
  "emission-duty-cycle": {
    passed: "Every emission was set to each duty cycle of the lease's terms.",
    failed: "A transmitter was not set to a duty cycle of the lease's terms.",
  },
  "emission-time": {
    passed: "RF was switched on inside the grant and before the transmit expiry.",
    failed: "RF was switched on outside the grant or after the transmit expiry.",
  },
  "emission-place": {
    passed: "RF was switched on inside the area.",
    failed: "RF was switched on outside the area.",
  },
  "outcome-order": {
    passed: "Outcomes follow their actuations, of the same boot, and none is on after a mute.",
    failed: "An outcome is of another boot, comes before its actuation, or is on again after a mute.",
  },
  "outcome-deadline": {
    passed: "The radio was silent by the last deadline that any renewal gave.",
    failed: "The radio was silent only after the last deadline that any renewal gave.",
  },
  "outage-interval": {
    passed: "",
    failed: "An outage, in which the radio's falling silent could not be recorded, ends before it begins.",
  },
  "outcome-known": { passed: "", failed: "" },
  "emitter-obeyed": { passed: "", failed: "" },
  "border-field": { passed: "", failed: "" },
  // Books and budgets
  "double-allocation": {
    passed: "No exclusive block was let twice while the earlier lease stood.",
    failed: "An exclusive block was let again while an earlier lease stood.",
  },
  "allocation-boot-clock": { passed: "", failed: "" },
  "book-whole": { passed: "", failed: "" },
  "budget-held": {
    passed:
      "Every budget was kept, as far as its author's log goes, and nothing was bound while one was suspended.",
    failed: "A budget was overrun, not stated as the credentials give it, or used while it was suspended.",
  },
  "holdings-held": {
    passed: "No acceptance of this consumer leaves out what it held.",
    failed: "An acceptance leaves out what its consumer held, or goes above a ceiling by its own statement.",
  },
  // Refusals
  "refusal-subject": {
    passed: "The refused record is here.",
    failed: "The refused record is not here, or is by somebody else than the rejection says.",
  },
  "refusal-recomputed": {
    passed: "Every finding of the refusal comes out again from the records.",
    failed: "A finding of the refusal does not come out again from the records.",
  },
  "list-cut": { passed: "", failed: "There are more failed checks than are listed." },
} as const;

export type AuditCode = keyof typeof auditCodes;
