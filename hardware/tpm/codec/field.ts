/** One value on the wire, both ways: the alphabet that the TPM's structure and command tables are written in (TPM 2.0 part 2 §4, big-endian). */
import { concat } from "../../../src/core/base/bytes.ts";

/**
 * Bytes being read. A reader never throws: the first thing that does not fit leaves its TPM response code in `fault`
 * and every later read answers zeros, so one check at the end is enough.
 */
export type Source = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  end: number;
  fault: number;
};

/** Bytes being written, in parts. */
export type Sink = Uint8Array[];

export interface Field<T> {
  write(sink: Sink, value: T): void;
  read(source: Source): T;
}

/** Response codes that a structure can answer by itself (TPM 2.0 part 2 §6.6.3, format one without position). */
export const FAULT = {
  VALUE: 0x084,
  HASH: 0x083,
  KDF: 0x08c,
  TYPE: 0x08a,
  SCHEME: 0x092,
  SIZE: 0x095,
  SYMMETRIC: 0x096,
  TAG: 0x097,
  SELECTOR: 0x098,
  INSUFFICIENT: 0x09a,
  CURVE: 0x0a6,
  RESERVED_BITS: 0x0a1,
} as const;

export function sourceOf(bytes: Uint8Array): Source {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, at: 0, end: bytes.length, fault: 0 };
}

export function encoded<T>(field: Field<T>, value: T): Uint8Array {
  const sink: Sink = [];
  field.write(sink, value);
  return concat(...sink);
}

/** The value, or null when `bytes` is not exactly one of it. */
export function decoded<T>(field: Field<T>, bytes: Uint8Array): T | null {
  const source = sourceOf(bytes);
  const value = field.read(source);
  return source.fault === 0 && source.at === source.end ? value : null;
}

export function fail(source: Source, fault: number): void {
  if (source.fault === 0) source.fault = fault;
}

/** Moves over `length` bytes and returns where they begin, or -1 after a fault. */
function take(source: Source, length: number): number {
  if (source.fault !== 0) return -1;
  if (source.at + length > source.end) {
    source.fault = FAULT.INSUFFICIENT;
    return -1;
  }
  const at = source.at;
  source.at += length;
  return at;
}

export const u8: Field<number> = {
  write: (sink, value) => void sink.push(Uint8Array.of(value)),
  read(source) {
    const at = take(source, 1);
    return at < 0 ? 0 : source.view.getUint8(at);
  },
};

export const u16: Field<number> = {
  write: (sink, value) => void sink.push(Uint8Array.of((value >>> 8) & 0xff, value & 0xff)),
  read(source) {
    const at = take(source, 2);
    return at < 0 ? 0 : source.view.getUint16(at);
  },
};

export const u32: Field<number> = {
  write(sink, value) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    sink.push(bytes);
  },
  read(source) {
    const at = take(source, 4);
    return at < 0 ? 0 : source.view.getUint32(at);
  },
};

export const u64: Field<bigint> = {
  write(sink, value) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value);
    sink.push(bytes);
  },
  read(source) {
    const at = take(source, 8);
    return at < 0 ? 0n : source.view.getBigUint64(at);
  },
};

/** TPMI_YES_NO: one byte, 0 or 1. */
export const yesNo: Field<boolean> = {
  write: (sink, value) => void sink.push(Uint8Array.of(value ? 1 : 0)),
  read(source) {
    const value = u8.read(source);
    if (value > 1) fail(source, FAULT.VALUE);
    return value === 1;
  },
};

/** A field whose value must pass `admits`; otherwise `fault`. */
export function checked<T>(field: Field<T>, fault: number, admits: (value: T) => boolean): Field<T> {
  return {
    write: (sink, value) => field.write(sink, value),
    read(source) {
      const value = field.read(source);
      if (source.fault === 0 && !admits(value)) fail(source, fault);
      return value;
    },
  };
}

/** `length` bytes without a size before them. */
export function fixed(length: number): Field<Uint8Array> {
  return {
    write: (sink, value) => void sink.push(value),
    read(source) {
      const at = take(source, length);
      return at < 0 ? new Uint8Array(length) : source.bytes.slice(at, at + length);
    },
  };
}

/** All bytes that are left. */
export const rest: Field<Uint8Array> = {
  write: (sink, value) => void sink.push(value),
  read(source) {
    if (source.fault !== 0) return new Uint8Array(0);
    const value = source.bytes.slice(source.at, source.end);
    source.at = source.end;
    return value;
  },
};

/** TPM2B: a 16-bit size, at most `max`, and that many bytes. */
export function blob(max: number): Field<Uint8Array> {
  return {
    write(sink, value) {
      u16.write(sink, value.length);
      sink.push(value);
    },
    read(source) {
      const length = u16.read(source);
      if (source.fault === 0 && length > max) fail(source, FAULT.SIZE);
      const at = take(source, length);
      return at < 0 ? new Uint8Array(0) : source.bytes.slice(at, at + length);
    },
  };
}

/** TPM2B around a structure: the structure must fill it (TPM 2.0 part 2 §10.4.1). Size 0 is `FAULT.SIZE`. */
export function sized<T>(field: Field<T>): Field<T> {
  return {
    write(sink, value) {
      const bytes = encoded(field, value);
      u16.write(sink, bytes.length);
      sink.push(bytes);
    },
    read(source) {
      const length = u16.read(source);
      if (source.fault === 0 && length === 0) fail(source, FAULT.SIZE);
      const end = source.at + length;
      const value = field.read(source);
      if (source.fault === 0 && source.at !== end) fail(source, FAULT.SIZE);
      return value;
    },
  };
}

/** TPML: a 32-bit count, at most `max`, and that many values. */
export function list<T>(field: Field<T>, max: number): Field<readonly T[]> {
  return {
    write(sink, values) {
      u32.write(sink, values.length);
      for (const value of values) field.write(sink, value);
    },
    read(source) {
      const count = u32.read(source);
      if (source.fault === 0 && count > max) fail(source, FAULT.SIZE);
      const values: T[] = [];
      for (let i = 0; i < count && source.fault === 0; i++) values.push(field.read(source));
      return values;
    },
  };
}

export type FieldsOf<T> = { readonly [K in keyof T]: Field<T[K]> };

/** A structure: its fields in the order in which they are named. */
export function record<T extends object>(fields: FieldsOf<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    write(sink, value) {
      for (const name of names) fields[name].write(sink, value[name]);
    },
    read(source) {
      const value: Partial<T> = {};
      for (const name of names) value[name] = fields[name].read(source);
      return value as T;
    },
  };
}

/** Format-one modifier of the n-th parameter, n from 1 (TPM 2.0 part 2 §6.6.3). */
export function parameterFault(fault: number, n: number): number {
  return fault + 0x40 + n * 0x100;
}

/** A command's parameter area: as `record`, but a fault names the parameter that it is in. */
export function parameters<T extends object>(fields: FieldsOf<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    write: (sink, value) => record<T>(fields).write(sink, value),
    read(source) {
      const value: Partial<T> = {};
      for (const [index, name] of names.entries()) {
        const before = source.fault;
        value[name] = fields[name].read(source);
        if (before === 0 && source.fault !== 0) source.fault = parameterFault(source.fault, index + 1);
      }
      return value as T;
    },
  };
}
