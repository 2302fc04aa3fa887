/** What the rules of style share: where a node stands and how it is marked. */
import ts from "typescript";

export type Finding = { readonly line: number; readonly what: string };

export function at(file: ts.SourceFile, node: ts.Node, what: string): Finding {
  return { line: lineOf(file, node.getStart(file)), what };
}

export function lineOf(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

export function modifiersOf(node: ts.Node): readonly ts.ModifierLike[] {
  return ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
}
