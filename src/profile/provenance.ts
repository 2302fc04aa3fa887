/** Where the numbers of a shared document come from: they are copied into places where they matter. */
import { calendarDate } from "./instant.ts";
import { flag, freeText, list, type Piece } from "./leaf.ts";

export type Provenance = {
  /** What the document is for and what has to be declared by text, not by numbers. */
  readonly about: string;
  readonly sources: readonly string[];
  /** Day on which the numbers were taken from their sources. */
  readonly date: string;
  /** True where nobody has checked the numbers against their sources yet. */
  readonly verifyBeforeUse: boolean;
};

const TEXT_MAX = 4_000;
const SOURCES_MAX = 16;

type Written = {
  readonly about: string;
  readonly sources: readonly string[];
  readonly date: string;
  readonly "verify-before-use": boolean;
};

export function provenanceKeys(): { readonly [K in keyof Written]: Piece<Written[K]> } {
  return {
    about: freeText(TEXT_MAX, "what the document is for, and what it asks for in words"),
    sources: list(freeText(TEXT_MAX, "a source"), 1, SOURCES_MAX, "where the numbers come from"),
    date: calendarDate("when they were taken from there"),
    "verify-before-use": flag("true until somebody has checked every number against its source"),
  };
}

export function provenanceOf(written: Written): Provenance {
  const { about, sources, date } = written;
  return { about, sources, date, verifyBeforeUse: written["verify-before-use"] };
}
