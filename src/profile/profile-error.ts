/** What is wrong with a file of the operator's, and where: a value, never an exception (DESIGN §4, exit 78). */
import { nearestWord } from "./nearest-word.ts";

/** Why a file was refused. `explain` reads the sentences. */
export const PROFILE_CODES = {
  "file-unreadable": "The file cannot be read.",
  "file-too-large": "The file is larger than the agent reads.",
  "file-not-utf8": "The file is not valid UTF-8.",
  "yaml-syntax": "The file is not well-formed YAML 1.2.",
  "yaml-empty": "The file holds no document.",
  "yaml-key-twice": "A key stands twice in one map.",
  "yaml-key": "A key of a map is not a plain text, or is a name that no map may have.",
  "yaml-tag": "The file uses a YAML tag or directive; values are written plainly.",
  "yaml-aliases": "The file uses more aliases than the agent follows.",
  "yaml-alias-loop": "An alias refers to something that contains it.",
  "yaml-depth": "The file is nested more deeply than any profile is.",
  "yaml-expansion": "The file grows beyond all bounds once its aliases are followed.",
  "field-unknown": "There is no such key here.",
  "field-absent": "A key that has to be there is missing.",
  "field-type": "The value is of another type than the key takes.",
  "field-form": "The text does not have the form that the key takes.",
  "field-range": "The value or quantity is outside the range that the key takes.",
  "field-count": "The list has too few or too many entries.",
  "field-choice": "The word is none of those that the key takes.",
  "field-twice": "The same entry stands twice in one list.",
  "fields-conflict": "Keys that exclude one another stand together, or none of them is there.",
  "fields-order": "Two values stand in the wrong order to one another.",
  "unit-missing": "A number stands without its unit.",
  "unit-unknown": "The unit is none of those that the key takes.",
  "number-malformed": "The text is no decimal number with its unit.",
  "number-not-exact": "The number has more places than the agent keeps; it is not rounded in silence.",
  polygon: "The corners do not make a simple polygon.",
  "driver-unknown": "No driver of that name is installed for this port.",
  "extends-unknown": "A base that the profile extends is not shipped, or cannot be read.",
  "extends-cycle": "A profile extends itself, by way of its bases.",
  "extends-depth": "Too many bases stand below one another.",
  "extends-count": "The profile extends more files than the agent reads.",
  "extends-kind": "A base is no device profile.",
  "csv-syntax": "The file is not well-formed CSV.",
  "change-left": "A place that is marked CHANGE was not changed.",
  "verify-before-use": "Numbers that nobody has checked against their sources yet.",
  "profile-unknown": "No such device profile can be read.",
  "name-unknown": "Nothing in the file has that name.",
  "time-impossible": "The instant or duration cannot be in this scenario.",
  "step-not-yet": "The step belongs to a capability that is not there yet.",
  "step-unfit": "The step or fault does not fit the role of that agent.",
  "device-not-simulated": "The fault strikes a device that the profile does not simulate.",
  "simulated-in-production": "A simulated or replayed device in a profile for production.",
} as const;

export type ProfileCode = keyof typeof PROFILE_CODES;

/** One finding in one file. */
export type ProfileError = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** As in `offers[0].price`; "" is the whole document. */
  readonly path: string;
  readonly code: ProfileCode;
  /** What stands in the file, shortened, without control characters. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
  /** How to mend it, or "". */
  readonly hint: string;
};

/** What a schema says of a value; the document knows where it stands. */
export type Complaint = {
  readonly code: ProfileCode;
  readonly allowed: string;
  readonly hint: string;
  /** Instead of the text in the file, where that says nothing (a clash of two keys). */
  readonly found?: string;
};

export type Path = readonly (string | number)[];

export function complaint(code: ProfileCode, allowed: string, hint = "", found?: string): Complaint {
  return found === undefined ? { code, allowed, hint } : { code, allowed, hint, found };
}

/** `did you mean …?` where a word of the list is near, else "". */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearestWord(word, words);
  return near === null ? "" : `did you mean \`${near}\`?`;
}

/** One line for stderr: `file:line:column: path: code: found …, allowed …; hint`. */
export function formatProfileError(error: ProfileError): string {
  const { file, line, column, path, code, found, allowed, hint } = error;
  const where = path === "" ? "" : `${path}: `;
  return `${file}:${line}:${column}: ${where}${code}: found ${found}, allowed ${allowed}${hint === "" ? "" : `; ${hint}`}`;
}

/** `offers[0].price`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
