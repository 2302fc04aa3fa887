/** What a lease class asks that says nothing of control, oversight, licence, sharing or identifiers (PROTOCOL §4, §6). */
import type { LeaseClass } from "../record/kinds/policy.ts";

export type ClassRules = Pick<
  LeaseClass,
  "control" | "oversight" | "endsWithLicence" | "exclusive" | "identifiers"
>;

export const PLAIN_CLASS: ClassRules = {
  control: "licensee",
  oversight: null,
  endsWithLicence: "lease",
  exclusive: "allowed",
  identifiers: { holder: [], consumer: [] },
};
