/** Breaks one thing in the bytes of a TPM command. */
import type { HandleRole } from "../../hardware/tpm/codec/command.ts";
import type { Chance } from "./tpm-chance.ts";

export type Mutation = { readonly text: string; apply(bytes: Uint8Array): Uint8Array };

type Outline = { readonly handles: readonly HandleRole[]; readonly authorisations: number };

const HEADER = 10;
const SIZE_AT = 2;
const CODE_AT = 6;

export function mutated(chance: Chance, command: Outline): Mutation {
  const general = [cut(chance), padded(chance), badTag(), flippedTag(), badCode(), badSize(chance)];
  if (command.authorisations === 0) return chance.pick(general);
  const area = HEADER + 4 * command.handles.length;
  return chance.pick([...general, ...sessionMutations(area)]);
}

/** Loses bytes at the end; the header says so. */
function cut(chance: Chance): Mutation {
  const length = 1 + chance.below(40);
  return {
    text: `cut by ${length}`,
    apply: (bytes) => resized(bytes.slice(0, Math.max(HEADER, bytes.length - length))),
  };
}

function padded(chance: Chance): Mutation {
  const length = 1 + chance.below(8);
  return {
    text: `padded by ${length}`,
    apply: (bytes) => resized(Uint8Array.from([...bytes, ...new Uint8Array(length)])),
  };
}

function badTag(): Mutation {
  return { text: "tag 8099", apply: (bytes) => written(bytes, 0, [0x80, 0x99]) };
}

/** Sessions where none are, none where they are. */
function flippedTag(): Mutation {
  return { text: "tag flipped", apply: (bytes) => written(bytes, 1, [(bytes[1] ?? 0) ^ 3]) };
}

function badCode(): Mutation {
  return { text: "code 0999", apply: (bytes) => written(bytes, CODE_AT, [0, 0, 0x09, 0x99]) };
}

function badSize(chance: Chance): Mutation {
  const by = chance.pick([-1, 1]);
  return { text: `size ${by}`, apply: (bytes) => resized(bytes, by) };
}

/** The first authorisation: {session, nonce size, attributes, secret size} after the area's own size. */
function sessionMutations(area: number): readonly Mutation[] {
  const session = area + 4;
  return [
    { text: "area size 8", apply: (bytes) => written(bytes, area, [0, 0, 0, 8]) },
    { text: "area size 4000", apply: (bytes) => written(bytes, area, [0, 0, 0x0f, 0xa0]) },
    { text: "session 40000001", apply: (bytes) => written(bytes, session, [0x40, 0, 0, 1]) },
    { text: "session 02000000", apply: (bytes) => written(bytes, session, [2, 0, 0, 0]) },
    { text: "session attributes 20", apply: (bytes) => written(bytes, session + 6, [0x20]) },
    { text: "session attributes 01", apply: (bytes) => written(bytes, session + 6, [0x01]) },
    { text: "password", apply: (bytes) => inserted(bytes, area, session + 7, [0, 2, 0x61, 0x62]) },
    { text: "zero password", apply: (bytes) => inserted(bytes, area, session + 7, [0, 2, 0, 0]) },
    { text: "nonce", apply: (bytes) => inserted(bytes, area, session + 4, [0, 1, 0x61]) },
  ];
}

function written(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const out = bytes.slice();
  if (at + values.length <= out.length) out.set(values, at);
  return out;
}

/** Replaces the empty TPM2B at `at` and makes both sizes fit. */
function inserted(bytes: Uint8Array, area: number, at: number, value: readonly number[]): Uint8Array {
  const longer = Uint8Array.from([...bytes.slice(0, at), ...value, ...bytes.slice(at + 2)]);
  const view = new DataView(longer.buffer);
  view.setUint32(area, view.getUint32(area) + value.length - 2);
  return resized(longer);
}

function resized(bytes: Uint8Array, by: number = 0): Uint8Array {
  const out = bytes.slice();
  new DataView(out.buffer).setUint32(SIZE_AT, out.length + by);
  return out;
}
