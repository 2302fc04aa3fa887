/** Finds every stable id in the shipped sources, by syntax alone: where a string becomes a `code`. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

/** An id, where it stands (`src/core/wire/decode.ts:13`), and the names that are plainly measured and required there. */
export type CodeSite = {
  /** With a `*` for each part of it that is only known when the program runs. */
  readonly id: string;
  readonly at: string;
  readonly measured: readonly string[];
  readonly required: readonly string[];
};

const ROOTS = ["src", "hardware"];
/** The registry itself, which is what the ids are held against. */
const REGISTRY = /^src\/core\/base\/codes(\/|[.])/;
/** What an id looks like; other strings under the name `code` are somebody else's (`ENOENT`). */
const ID = /^([a-z][a-z0-9]*|[*])(-([a-z0-9]+|[*]))*$/;
/** Closed unions whose words `explain` knows, and tables by whose keys such a union is made. */
const UNIONS = /(Code|TerminationReason|RelinquishReason)$/;
/** `what` of a time-fault is a closed union in the middle of a type. */
const TIME_FAULT = /\/kinds\/time-fault[.]ts$/;

/** Where the parameters stand; -1 for none. */
type Taker = { readonly code: number; readonly measured: number; readonly required: number };

type Source = {
  readonly path: string;
  readonly file: ts.SourceFile;
  /** Local name → where it comes from. */
  readonly imports: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  /** By name, what takes a parameter named `code`. */
  readonly takers: ReadonlyMap<string, Taker>;
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

/** Whether `site` says `id`. */
export function says(site: CodeSite, id: string): boolean {
  if (!site.id.includes("*")) return site.id === id;
  return new RegExp(`^${site.id.replaceAll("*", "[a-z0-9-]+")}$`).test(id);
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
  return { path, file, imports: importsOf(path, file), takers: takersOf(file) };
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
function takersOf(file: ts.SourceFile): ReadonlyMap<string, Taker> {
  const found = new Map<string, Taker>();
  everyNode(file, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const name = nameOf(node);
    const place = (parameter: string): number =>
      node.parameters.findIndex((each) => ts.isIdentifier(each.name) && each.name.text === parameter);
    const code = place("code");
    const isNumber = node.parameters[code]?.type?.kind === ts.SyntaxKind.NumberKeyword;
    if (name === null || code < 0 || isNumber) return;
    found.set(name, { code, measured: place("measured"), required: place("required") });
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
    const names = namesAt(node, source, sources);
    for (const literal of literalsAt(node, source, sources)) {
      const id = textOf(literal);
      if (!ID.test(id)) continue;
      const { line } = source.file.getLineAndCharacterOfPosition(literal.getStart(source.file));
      found.push({ id, at: `${source.path}:${line + 1}`, ...names });
    }
  });
  return found;
}

type Text = ts.StringLiteralLike | ts.TemplateExpression | ts.Identifier;

function textOf(text: Text): string {
  if (!ts.isTemplateExpression(text)) return text.text;
  return text.head.text + text.templateSpans.map(({ literal }) => `*${literal.text}`).join("");
}

/** The strings that this node makes ids. */
function literalsAt(node: ts.Node, source: Source, sources: ReadonlyMap<string, Source>): readonly Text[] {
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const argument = node.arguments?.[takerOf(node, source, sources)?.code ?? -1];
    return argument === undefined ? [] : literalsIn(argument);
  }
  const isHolder = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node) || ts.isParameter(node);
  if (isHolder && isCodeName(node.name) && !isZodIssue(node)) {
    return node.initializer === undefined ? [] : literalsIn(node.initializer);
  }
  if (ts.isTypeAliasDeclaration(node) && UNIONS.test(node.name.text)) return wordsOf(node.type);
  if (ts.isPropertySignature(node) && node.type !== undefined) {
    const isWhat = TIME_FAULT.test(source.path) && node.name.getText() === "what";
    if (isCodeName(node.name) || isWhat) return wordsOf(node.type);
  }
  return [];
}

function takerOf(
  { expression }: ts.CallExpression | ts.NewExpression,
  source: Source,
  sources: ReadonlyMap<string, Source>,
): Taker | undefined {
  // A method is found by its name in its own file: the calls on `this` are all there are.
  if (ts.isPropertyAccessExpression(expression)) return source.takers.get(expression.name.text);
  if (!ts.isIdentifier(expression)) return undefined;
  const own = source.takers.get(expression.text);
  if (own !== undefined) return own;
  const imported = source.imports.get(expression.text);
  return imported === undefined ? undefined : sources.get(imported.path)?.takers.get(imported.name);
}

/** Names under measured and required, where the call writes them out; spreads and computed names say nothing. */
function namesAt(
  node: ts.Node,
  source: Source,
  sources: ReadonlyMap<string, Source>,
): Pick<CodeSite, "measured" | "required"> {
  if (!ts.isCallExpression(node)) return { measured: [], required: [] };
  const taker = takerOf(node, source, sources);
  return {
    measured: namesOf(node.arguments[taker?.measured ?? -1]),
    required: namesOf(node.arguments[taker?.required ?? -1]),
  };
}

function namesOf(argument: ts.Expression | undefined): readonly string[] {
  if (argument === undefined) return [];
  const bare = ts.isIdentifier(argument) ? constantAbove(argument) : argument;
  if (bare === undefined || !ts.isObjectLiteralExpression(bare)) return [];
  return bare.properties.flatMap(({ name }) =>
    name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : [],
  );
}

/** What a constant holds that is declared in one of the blocks around its use. */
function constantAbove(use: ts.Identifier): ts.Expression | undefined {
  for (let node: ts.Node = use.parent; node !== undefined; node = node.parent) {
    if (!ts.isBlock(node) && !ts.isSourceFile(node)) continue;
    for (const statement of node.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const found = statement.declarationList.declarations.find(({ name }) => name.getText() === use.text);
      if (found?.initializer !== undefined) return found.initializer;
    }
  }
  return undefined;
}

/** Each string that the expression may be: both arms of a choice, the fallback of `??`, a constant's text. */
function literalsIn(expression: ts.Expression): readonly Text[] {
  const bare = unwrapped(expression);
  if (ts.isStringLiteralLike(bare) || ts.isTemplateExpression(bare)) return [bare];
  if (ts.isConditionalExpression(bare)) {
    return [...literalsIn(bare.whenTrue), ...literalsIn(bare.whenFalse)];
  }
  if (ts.isBinaryExpression(bare)) {
    return isFallback(bare) ? [...literalsIn(bare.left), ...literalsIn(bare.right)] : [];
  }
  if (!ts.isIdentifier(bare)) return [];
  const constant = constantAbove(bare);
  return constant !== undefined && ts.isStringLiteralLike(constant) ? [constant] : [];
}

function unwrapped(expression: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression);
  return isWrapped ? unwrapped(expression.expression) : expression;
}

function isFallback({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
}

function isCodeName(name: ts.Node): boolean {
  return ts.isIdentifier(name) && name.text === "code";
}

/** zod has codes of its own. */
function isZodIssue(node: ts.Node): boolean {
  const call = node.parent.parent;
  return ts.isCallExpression(call) && /[.]addIssue$/.test(call.expression.getText());
}

/** `"a" | "b"`, or `keyof typeof table`. */
function wordsOf(type: ts.TypeNode): readonly Text[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(wordsOf);
  if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal];
  if (!ts.isTypeOperatorNode(type) || !ts.isTypeQueryNode(type.type)) return [];
  const { exprName } = type.type;
  const table = ts.isIdentifier(exprName) ? constantAbove(exprName) : undefined;
  const bare = table === undefined ? undefined : unwrapped(table);
  if (bare === undefined || !ts.isObjectLiteralExpression(bare)) return [];
  return bare.properties.flatMap(({ name }) =>
    name !== undefined && (ts.isStringLiteral(name) || ts.isIdentifier(name)) ? [name] : [],
  );
}

function everyNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => everyNode(child, visit));
}
