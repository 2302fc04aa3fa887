/** The sections `tpm`, `gnss` and `radio`: which driver, and the options that its registry entry declares. */
import * as z from "zod";
import type { DriverChoice, DriverDescription, DriverOption } from "./driver-registry.ts";
import { count, flag, map, type Piece, read, refuse, textLeaf } from "./leaf.ts";
import { path } from "./path-leaf.ts";
import { complaint } from "./profile-error.ts";
import type { Range } from "./quantity.ts";
import { degrees, power, quantity } from "./quantity.ts";
import { DURATION, FREQUENCY, LENGTH } from "./units.ts";

const ANY_INTEGER: Range = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const TEXT_MAX = 256;

type Values = Readonly<Record<string, unknown>>;

/**
 * One section, the driver's options beside `driver`. `extra` are keys that the section takes whichever driver it is;
 * they come back apart.
 */
export function driverSection(
  drivers: readonly DriverDescription[],
  folder: string,
  extra: Readonly<Record<string, Piece<unknown>>> = {},
): Piece<DriverChoice & { readonly extra: Values }> {
  const shapes = drivers.map(({ id, summary, options }) =>
    map(
      {
        driver: z.literal(id).meta({ description: summary }),
        ...extra,
        ...Object.fromEntries(
          Object.entries(options).map(([name, option]) => [name, optionPiece(option, folder)]),
        ),
      },
      summary,
    ),
  );
  const [first, ...others] = shapes;
  const union: Piece<Values> =
    first === undefined ? noDriver() : (z.discriminatedUnion("driver", [first, ...others]) as Piece<Values>);
  return union.transform((section) => {
    const entries = Object.entries(section).filter(
      ([name, value]) => name !== "driver" && value !== undefined,
    );
    const options = entries.filter(([name]) => !Object.hasOwn(extra, name)) as [
      string,
      string | number | boolean,
    ][];
    return {
      driver: String(section["driver"]),
      options: Object.fromEntries(options),
      extra: Object.fromEntries(entries.filter(([name]) => Object.hasOwn(extra, name))),
    };
  });
}

function optionPiece({ kind, required, doc }: DriverOption, folder: string): Piece<unknown> {
  const piece = valuePiece(kind, doc, folder);
  return required ? piece : piece.optional();
}

function valuePiece(kind: DriverOption["kind"], doc: string, folder: string): Piece<unknown> {
  switch (kind) {
    case "text":
      return optionText(doc);
    case "path":
      return path(folder, doc);
    case "tcp-port":
      return count(1, 65_535, doc);
    case "integer":
      return count(ANY_INTEGER.min, ANY_INTEGER.max, doc);
    case "boolean":
      return flag(doc);
    case "duration":
      return quantity(DURATION, doc);
    case "length":
      return quantity(LENGTH, doc);
    case "frequency":
      return quantity(FREQUENCY, doc);
    case "power":
      return power(doc);
    case "degrees":
      return degrees(doc);
  }
}

function optionText(doc: string): Piece<string> {
  const allowed = `1 to ${TEXT_MAX} characters`;
  return textLeaf({ description: doc }, allowed, (text) =>
    /^[^\p{C}]+$/u.test(text) && text.length <= TEXT_MAX
      ? read(text)
      : refuse(complaint("field-form", allowed)),
  );
}

/** A port without any driver: nothing can be written there. */
function noDriver(): Piece<Values> {
  const allowed = "no section: no driver is installed for this port";
  return textLeaf({}, allowed, () => refuse<Values>(complaint("driver-unknown", allowed)));
}
