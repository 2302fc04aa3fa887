/** Every bound on what comes from outside, with its name (PROTOCOL §1, §3, §8; STYLE 14). */
export const limits = {
  /** One record with its signatures; openings come on top, bounded apart. */
  RECORD_BYTES_MAX: 16_384,
  /** One message on the mesh: a record and its openings. */
  ENVELOPE_BYTES_MAX: 24_576,
  ARTIFACT_BYTES_MAX: 65_536,
  DEPTH_MAX: 8,
  /** Elements of one array on the wire. The field tables are narrower. */
  ARRAY_ITEMS_MAX: 1024,
  SIGNATURES_MAX: 8,
  /** No admitted suite has longer ones. */
  SIGNATURE_BYTES_MAX: 96,
  OPENINGS_MAX: 8,
  CHAIN_LINKS_MAX: 5,
  SCOPE_BOXES_MAX: 64,
  AREA_VERTICES_MAX: 120,
  CREDENTIAL_VERTICES_MAX: 512,
  /** Corners of each link's areas times those of its parent's, over a chain: three links of 256, say. */
  CHAIN_VERTEX_PAIRS_MAX: 131_072,
  /** Credentials that one status snapshot lists. */
  SNAPSHOT_REVOKED_MAX: 256,
  WANT_IDS_MAX: 16,
  REPAIR_RECORDS_MAX: 64,
  CONTEXT_IDS_MAX: 32,
  /** Third parties' observations of a pair: which of them are apart from each other is looked for exactly. */
  CORROBORATIONS_MAX: 16,
} as const;
