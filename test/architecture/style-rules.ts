/** The rules of style that a machine can check, each a question to one parsed file. */
import ts from "typescript";
import { exportedWords, fileName } from "./style-names.ts";
import { at, type Finding, lineOf, modifiersOf } from "./syntax.ts";

export type StyleRule = {
  readonly id: string;
  /** The rule as a sentence; the name of its test. */
  readonly says: string;
  /** Repository paths that it holds for. */
  readonly where: RegExp;
  readonly find: (file: ts.SourceFile) => readonly Finding[];
};

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 4;

const SHIPPED = /^(src|hardware)\/.*[.]ts$/;
const CORE = /^src\/core\/.*[.]ts$/;
const EVERYWHERE = /^(src|hardware|test)\/.*[.]ts$/;
const TESTS = /^test\/.*[.]ts$/;

/** Results that IEEE 754 fixes to the last bit, so that every platform agrees. All other functions of Math differ. */
const EXACT_MATH = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(
    " ",
  ),
);

export const styleRules: readonly StyleRule[] = [
  {
    id: "default-export",
    says: "nothing is exported as default",
    where: SHIPPED,
    find: (file) => nodes(file, isDefaultExport, () => "default export"),
  },
  {
    id: "barrel",
    says: "there is no index.ts",
    where: SHIPPED,
    find: (file) => (/(^|\/)index[.]ts$/.test(file.fileName) ? [{ line: 1, what: "barrel" }] : []),
  },
  {
    id: "enum-namespace",
    says: "there is no enum and no namespace",
    where: SHIPPED,
    find: (file) =>
      nodes(
        file,
        (node) => ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node),
        () => "enum or namespace",
      ),
  },
  {
    id: "inheritance",
    says: "no class extends another, but an error of a port or an assertion extends Error",
    where: SHIPPED,
    find: (file) => nodes(file, inheritsOtherThanError, () => "inheritance"),
  },
  {
    id: "file-length",
    says: `no file is longer than ${FILE_LINES_MAX} lines`,
    where: SHIPPED,
    find: longFile,
  },
  {
    id: "function-length",
    says: `no function is longer than ${FUNCTION_LINES_MAX} lines`,
    where: SHIPPED,
    find: longFunctions,
  },
  {
    id: "parameters",
    says: `no function takes more than ${PARAMETERS_MAX} parameters`,
    where: SHIPPED,
    find: (file) =>
      nodes(
        file,
        (node) => ts.isFunctionLike(node) && node.parameters.length > PARAMETERS_MAX,
        (node) => `${functionName(node)}: ${ts.isFunctionLike(node) ? node.parameters.length : 0} parameters`,
      ),
  },
  {
    id: "module-let",
    says: "no module keeps a variable: no let at top level",
    where: SHIPPED,
    find: (file) => file.statements.filter(isLet).map((node) => at(file, node, "module-level let")),
  },
  {
    id: "math-random",
    says: "nobody calls Math.random: randomness comes through ports/entropy",
    where: EVERYWHERE,
    find: (file) => mathUses(file, (name) => name === "random"),
  },
  {
    id: "core-clock",
    says: "the core reads no clock: time is an argument",
    where: CORE,
    find: (file) => nodes(file, isClockName, (node) => node.getText(file)),
  },
  {
    id: "core-math",
    says: "the core uses only those functions of Math that every platform rounds alike",
    where: CORE,
    find: (file) => mathUses(file, (name) => !EXACT_MATH.has(name)),
  },
  {
    id: "core-headline",
    says: "each file of the core begins by saying what it is",
    where: CORE,
    find: missingHeadline,
  },
  {
    id: "file-name",
    says: "file names are kebab-case and avoid the words that say nothing",
    where: SHIPPED,
    find: fileName,
  },
  {
    id: "exported-words",
    says: "exported names avoid the words that say nothing",
    where: SHIPPED,
    find: exportedWords,
  },
  {
    id: "literal-import",
    says: "a lazy import names its module, so that the import rule sees it",
    where: SHIPPED,
    find: (file) => nodes(file, isBlindImport, () => "import() of an expression"),
  },
  {
    id: "ignores",
    says: "no check is silenced: no coverage, type or lint ignore",
    where: SHIPPED,
    find: (file) =>
      textual(
        file,
        /\b(v8|c8|istanbul)\s+ignore|@ts-(ignore|expect-error|nocheck)|biome-ignore|node:coverage/,
      ),
  },
  {
    id: "mock",
    says: "no test mocks a module",
    where: TESTS,
    find: (file) =>
      nodes(
        file,
        (node) => isCallOf(node, /^vi$/, /^(mock|doMock|hoisted)$/),
        () => "module mock",
      ),
  },
  {
    id: "only",
    says: "no test shuts out the others by .only",
    where: TESTS,
    find: (file) => nodes(file, isOnly, () => ".only"),
  },
];

/** Every node that the predicate picks, in reading order. */
function nodes(
  file: ts.SourceFile,
  picks: (node: ts.Node) => boolean,
  what: (node: ts.Node) => string,
): readonly Finding[] {
  const found: Finding[] = [];
  const visit = (node: ts.Node): void => {
    if (picks(node)) found.push(at(file, node, what(node)));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function textual(file: ts.SourceFile, pattern: RegExp): readonly Finding[] {
  return file.text
    .split("\n")
    .flatMap((text, index) => (pattern.test(text) ? [{ line: index + 1, what: text.trim() }] : []));
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === "default";
  return modifiersOf(node).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
}

function inheritsOtherThanError(node: ts.Node): boolean {
  if (!ts.isClassLike(node)) return false;
  const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return base !== undefined && base.types[0]?.getText() !== "Error";
}

function longFile(file: ts.SourceFile): readonly Finding[] {
  const lines = file.text.trimEnd().split("\n").length;
  return lines > FILE_LINES_MAX ? [{ line: lines, what: `${lines} lines` }] : [];
}

function longFunctions(file: ts.SourceFile): readonly Finding[] {
  const lines = (node: ts.Node): number => lineOf(file, node.end) - lineOf(file, node.getStart(file)) + 1;
  return nodes(
    file,
    (node) => ts.isFunctionLike(node) && lines(node) > FUNCTION_LINES_MAX,
    (node) => `${functionName(node)}: ${lines(node)} lines`,
  );
}

function functionName(node: ts.Node): string {
  if (ts.isFunctionLike(node) && node.name !== undefined) return node.name.getText();
  const parent = node.parent;
  return parent !== undefined && ts.isVariableDeclaration(parent) ? parent.name.getText() : "a function";
}

function isLet(node: ts.Statement): boolean {
  return ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.Let) !== 0;
}

function mathUses(file: ts.SourceFile, refused: (name: string) => boolean): readonly Finding[] {
  const uses = nodes(
    file,
    (node) =>
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText(file) === "Math" &&
      refused(node.name.text),
    (node) => node.getText(file),
  );
  // Math taken apart or passed on could reach any of its functions unseen.
  const loose = nodes(
    file,
    (node) => ts.isIdentifier(node) && node.text === "Math" && !ts.isPropertyAccessExpression(node.parent),
    () => "Math as a value",
  );
  return [...uses, ...loose];
}

function isClockName(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || !/^(Date|performance|Intl)$/.test(node.text)) return false;
  return !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
}

/** The first comment stands before everything but imports, is a doc comment, and says something. */
function missingHeadline(file: ts.SourceFile): readonly Finding[] {
  const body = file.statements.find((statement) => !ts.isImportDeclaration(statement));
  const heads = [file.statements[0], body].flatMap((statement) =>
    statement === undefined ? [] : (ts.getLeadingCommentRanges(file.text, statement.pos) ?? []),
  );
  const first = heads[0];
  const text = first === undefined ? "" : file.text.slice(first.pos, first.end);
  const says = /^\/\*\*/.test(text) && text.replace(/[^A-Za-z]/g, "").length >= 15;
  return says ? [] : [{ line: 1, what: "no doc comment that says what the file is" }];
}

function isBlindImport(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return false;
  const target = node.arguments[0];
  return target === undefined || !ts.isStringLiteralLike(target);
}

function isCallOf(node: ts.Node, object: RegExp, method: RegExp): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression, name } = node.expression;
  return ts.isIdentifier(expression) && object.test(expression.text) && method.test(name.text);
}

function isOnly(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== "only") return false;
  return /^(test|it|describe|suite|bench)\b/.test(node.expression.getText());
}
