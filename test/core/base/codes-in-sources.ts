/** Finds every stable id in the shipped sources, by syntax alone: where a string becomes a `code`. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

/** An id, and where it stands (`src/core/wire/decode.ts:13`). */
export type CodeSite = { readonly id: string; readonly at: string };

const ROOTS = ["src", "hardware"];
/** The registry itself, which is what the ids are held against. */
const REGISTRY = /^src\/core\/base\/codes(\/|[.])/;
/** What an id looks like; other strings under the name `code` are somebody else's (`ENOENT`). */
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Closed unions whose words `explain` knows too. */
const REASONS = /(Code|TerminationReason|RelinquishReason)$/;
/** `what` of a time-fault is a closed union in the middle of a type. */
const TIME_FAULT = /\/kinds\/time-fault[.]ts$/;

type Source = {
  readonly path: string;
  readonly file: ts.SourceFile;
  /** Local name → where it comes from. */
  readonly imports: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  /** Callable name → index of its parameter named `code`. */
  readonly takesCode: ReadonlyMap<string, number>;
};

/** Every id of every source below `root`, in the order of paths and lines. */
export function codesInSources(root: string): readonly CodeSite[] {
  const sources = new Map(sourcePaths(root).map((path) => [path, parse(root, path)]));
  return [...sources.values()].flatMap((source) => codesOf(source, sources));
}

/** Ids in one text, as if it stood alone: for the test of this tool itself. */
export function codesInText(path: string, text: string): readonly CodeSite[] {
  const source = sourceOf(path, text);
  return codesOf(source, new Map([[path, source]]));
}

/** How many files the search reads: none means a broken search, not clean sources. */
export function sourcePaths(root: string): readonly string[] {
  return ROOTS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /[.]tsx?$/.test(name))
      .map((name) => join(folder, name)),
  )
    .filter((path) => !REGISTRY.test(path))
    .sort();
}

function parse(root: string, path: string): Source {
  return sourceOf(path, readFileSync(join(root, path), "utf8"));
}

function sourceOf(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return { path, file, imports: importsOf(path, file), takesCode: takersOf(file) };
}

function importsOf(path: string, file: ts.SourceFile): Source["imports"] {
  const found = new Map<string, { path: string; name: string }>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const from = statement.moduleSpecifier.text;
    const named = statement.importClause?.namedBindings;
    if (!from.startsWith(".") || named === undefined || !ts.isNamedImports(named)) continue;
    const target = relative(resolve(), resolve(dirname(path), from));
    for (const each of named.elements) {
      found.set(each.name.text, { path: target, name: (each.propertyName ?? each.name).text });
    }
  }
  return found;
}

/** Functions, constants that hold one, and classes by their constructor. */
function takersOf(file: ts.SourceFile): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  everyNode(file, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const name = nameOf(node);
    const index = node.parameters.findIndex(({ name: each, type }) => {
      return ts.isIdentifier(each) && each.text === "code" && type?.kind !== ts.SyntaxKind.NumberKeyword;
    });
    if (name !== null && index >= 0) found.set(name, index);
  });
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string | null {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text ?? null;
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name.text;
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : null;
}

function codesOf(source: Source, sources: ReadonlyMap<string, Source>): readonly CodeSite[] {
  const found: CodeSite[] = [];
  everyNode(source.file, (node) => {
    for (const literal of literalsAt(node, source, sources)) {
      if (!ID.test(literal.text)) continue;
      const { line } = source.file.getLineAndCharacterOfPosition(literal.getStart(source.file));
      found.push({ id: literal.text, at: `${source.path}:${line + 1}` });
    }
  });
  return found;
}

type Text = ts.StringLiteralLike | ts.Identifier;

/** The strings that this node makes ids. */
function literalsAt(node: ts.Node, source: Source, sources: ReadonlyMap<string, Source>): readonly Text[] {
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const index = codeIndex(node, source, sources);
    const argument = index === undefined ? undefined : node.arguments?.[index];
    return argument === undefined ? [] : literalsIn(argument);
  }
  if (ts.isPropertyAssignment(node) && isCodeName(node.name) && !isZodIssue(node)) {
    return literalsIn(node.initializer);
  }
  if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
    if (isCodeName(node.name)) return literalsIn(node.initializer);
    if (ts.isIdentifier(node.name) && /_CODES$/.test(node.name.text)) return keysOf(node.initializer);
  }
  if (ts.isTypeAliasDeclaration(node) && REASONS.test(node.name.text)) return wordsOf(node.type);
  if (ts.isPropertySignature(node) && node.type !== undefined) {
    const isWhat = TIME_FAULT.test(source.path) && node.name.getText() === "what";
    if (isCodeName(node.name) || isWhat) return wordsOf(node.type);
  }
  return [];
}

function codeIndex(
  node: ts.CallExpression | ts.NewExpression,
  source: Source,
  sources: ReadonlyMap<string, Source>,
): number | undefined {
  const { expression } = node;
  // A method is found by its name in its own file: the calls on `this` are all there are.
  if (ts.isPropertyAccessExpression(expression)) return source.takesCode.get(expression.name.text);
  if (!ts.isIdentifier(expression)) return undefined;
  const own = source.takesCode.get(expression.text);
  if (own !== undefined) return own;
  const imported = source.imports.get(expression.text);
  return imported === undefined ? undefined : sources.get(imported.path)?.takesCode.get(imported.name);
}

/** Each string that the expression may be: both arms of a choice, the fallback of `??`. */
function literalsIn(expression: ts.Expression): readonly Text[] {
  if (ts.isStringLiteralLike(expression)) return [expression];
  if (ts.isConditionalExpression(expression)) {
    return [...literalsIn(expression.whenTrue), ...literalsIn(expression.whenFalse)];
  }
  if (ts.isBinaryExpression(expression)) {
    return isFallback(expression) ? [...literalsIn(expression.left), ...literalsIn(expression.right)] : [];
  }
  const isWrapped =
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression);
  return isWrapped ? literalsIn(expression.expression) : [];
}

function isFallback({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
}

function isCodeName(name: ts.Node): boolean {
  return ts.isIdentifier(name) && name.text === "code";
}

/** zod has codes of its own. */
function isZodIssue(node: ts.PropertyAssignment): boolean {
  const call = node.parent.parent;
  return ts.isCallExpression(call) && /[.]addIssue$/.test(call.expression.getText());
}

function keysOf(expression: ts.Expression): readonly Text[] {
  const inner = ts.isAsExpression(expression) ? expression.expression : expression;
  if (!ts.isObjectLiteralExpression(inner)) return [];
  return inner.properties.flatMap(({ name }) =>
    name !== undefined && (ts.isStringLiteral(name) || ts.isIdentifier(name)) ? [name] : [],
  );
}

function wordsOf(type: ts.TypeNode): readonly Text[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(wordsOf);
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal] : [];
}

function everyNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => everyNode(child, visit));
}
