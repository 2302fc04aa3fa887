/** An expected failure is a value that says what was measured and what is required (STYLE 11). */

/** A number with its unit in the key (`distanceMm`, `skewUs`), or text where no number can say it. */
export type Measure = Readonly<Record<string, number | string | boolean>>;

export type Rejection = {
  /** Stable id, listed in `base/codes.ts`; `explain` reads it from there. */
  readonly code: string;
  /** The field of the record that failed, dotted (`body.block.lowerHz`), or "" where it is the whole. */
  readonly field: string;
  readonly measured: Measure;
  readonly required: Measure;
};

export function rejection(code: string, field: string, measured: Measure, required: Measure): Rejection {
  return { code, field, measured, required };
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejections: readonly Rejection[] };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse<T>(...rejections: readonly Rejection[]): Result<T> {
  return { ok: false, rejections };
}
