/** A root's own licence as a file: who stands behind it, and what it may pass on (PROTOCOL §3 Licensee-rooted mode). */
import * as z from "zod";
import type { RegisteredIdentifier } from "../core/record/kinds/credential.ts";
import { grantKeys, grantOf, type WrittenGrant } from "./grant-schema.ts";
import { choice, complain, freeText, map, type Piece, printableText } from "./leaf.ts";
import { hex } from "./octets.ts";
import { complaint } from "./profile-error.ts";

export const LICENCE_SCHEMA = "spectrum-agent.licence/1";

export type WrittenLicence = WrittenGrant & {
  readonly contact: string;
  readonly revocationChannel: string;
  readonly licenceAsserted: boolean;
};

export function licenceDocument(): Piece<WrittenLicence> {
  const keys = grantKeys();
  return map({
    schema: z.literal(LICENCE_SCHEMA),
    ...keys,
    contact: freeText(200, "whom to call at any hour"),
    "revocation-channel": freeText(200, "where status snapshots are found"),
    root: choice(
      ["regulator", "licensee"],
      "who keeps this authority; a licensee asserts its licence itself",
    ),
    licence: map(
      {
        scheme: printableText(64, "whose register"),
        number: freeText(200, "licence number"),
        register: freeText(200, "address of the register's entry"),
        "document-sha256": hex(32, "SHA-256 of the licence document").optional(),
      },
      "what a licensee asserts",
    ).optional(),
  }).transform((written, context): WrittenLicence => {
    const { root, licence } = written;
    if ((root === "licensee") !== (licence !== undefined)) {
      const allowed = "`licence` for a licensee, and none for a regulator";
      complain(context, ["licence"], complaint("fields-conflict", allowed));
    }
    const grant = grantOf(written, {}, context);
    const asserted: readonly RegisteredIdentifier[] =
      licence === undefined
        ? []
        : [
            { scheme: licence.scheme, value: licence.number },
            { scheme: "register", value: licence.register },
            ...(licence["document-sha256"] === undefined
              ? []
              : [
                  {
                    scheme: "document-sha256",
                    value: Buffer.from(licence["document-sha256"]).toString("hex"),
                  },
                ]),
          ];
    return {
      ...grant,
      identifiers: [...asserted, ...grant.identifiers],
      contact: written.contact,
      revocationChannel: written["revocation-channel"],
      licenceAsserted: root === "licensee",
    };
  });
}
