/** Names: kebab-case files, and none of the words that say nothing. */
import ts from "typescript";
import { at, type Finding, modifiersOf } from "./syntax.ts";

/** DESIGN §7, "not used". */
const BANNED_WORDS = new Set(
  "manager managers helper helpers util utils utility utilities service services misc common info data abstract".split(
    " ",
  ),
);
/** Banned where it is a verb: as the first word of a function's or a file's name. */
const BANNED_VERBS = new Set(["handle", "process"]);
/** Where these are the field's own words (TPM 2.0 Part 2: TPM_HANDLE, TPMS_CLOCK_INFO, TPM2B_DATA), and only there. */
const TPM = /(^|\/)tpm(\/|[.]ts$)/;
const TPM_WORDS = new Set(["handle", "info", "data"]);

export function fileName(file: ts.SourceFile): readonly Finding[] {
  const name = (file.fileName.split("/").at(-1) ?? "").replace(/[.]ts$/, "");
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : [{ line: 1, what: `${name} is not kebab-case` }];
  return [
    ...kebab,
    ...emptyWords(file.fileName, name).map((word) => ({ line: 1, what: `"${word}" in the file's name` })),
  ];
}

export function exportedWords(file: ts.SourceFile): readonly Finding[] {
  return exportedNames(file).flatMap(({ name, node }) =>
    emptyWords(file.fileName, name).map((word) => at(file, node, `"${word}" in ${name}`)),
  );
}

type ExportedName = { readonly name: string; readonly node: ts.Node };

function exportedNames(file: ts.SourceFile): readonly ExportedName[] {
  return file.statements.flatMap((node): readonly ExportedName[] => {
    if (
      ts.isExportDeclaration(node) &&
      node.exportClause !== undefined &&
      ts.isNamedExports(node.exportClause)
    ) {
      return node.exportClause.elements.map((element) => ({ name: element.name.text, node: element }));
    }
    if (!modifiersOf(node).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(node)) {
      return node.declarationList.declarations.map((each) => ({ name: each.name.getText(file), node: each }));
    }
    const named = node as ts.Statement & { readonly name?: ts.Node };
    return named.name === undefined ? [] : [{ name: named.name.getText(file), node }];
  });
}

/** The words of a kebab-case or camelCase name that DESIGN §7 does not use. */
function emptyWords(path: string, name: string): readonly string[] {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase());
  // PascalCase names are types, and a type is never a verb: ProcessId is a noun.
  const startsWithVerb = /^[a-z]/.test(name) && words.length > 1 && BANNED_VERBS.has(words[0] ?? "");
  return words
    .filter((word, index) => BANNED_WORDS.has(word) || (index === 0 && startsWithVerb))
    .filter((word) => !(TPM.test(path) && TPM_WORDS.has(word)));
}
