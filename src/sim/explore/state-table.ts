/** Which states were reached, each a row of numbers, and the fewest adverse events that led there; nothing is rounded. */
import { assert } from "../../core/base/assert.ts";

const ROWS_FIRST = 1 << 16;
/** Two adverse events in the first, the rest is for empty rows. */
const EMPTY = 255;

export class StateTable {
  /** Numbers a row. */
  readonly #width: number;
  #rows: number = ROWS_FIRST;
  #cells: Uint32Array;
  #fewest: Uint8Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#cells = new Uint32Array(ROWS_FIRST * width);
    this.#fewest = new Uint8Array(ROWS_FIRST).fill(EMPTY);
  }

  get size(): number {
    return this.#size;
  }

  /** `new`, `fewer` where it was reached with more adverse events only, or `known`. */
  reach(row: readonly number[], adverse: number): "new" | "fewer" | "known" {
    assert(row.length === this.#width && adverse < EMPTY, "rows of one table are alike");
    if (this.#size * 3 > this.#rows * 2) this.#grow();
    const at = this.#find(row);
    const before = this.#fewest[at] ?? EMPTY;
    if (before <= adverse) return "known";
    this.#fewest[at] = adverse;
    if (before !== EMPTY) return "fewer";
    this.#cells.set(row, at * this.#width);
    this.#size += 1;
    return "new";
  }

  /** Where the row stands, or would stand. */
  #find(row: ArrayLike<number>): number {
    const mask = this.#rows - 1;
    let at = hashOf(row) & mask;
    while (this.#fewest[at] !== EMPTY && !this.#isAt(row, at)) at = (at + 1) & mask;
    return at;
  }

  #isAt(row: ArrayLike<number>, at: number): boolean {
    const begin = at * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#cells[begin + i] !== row[i]) return false;
    return true;
  }

  #grow(): void {
    const [cells, fewest, rows] = [this.#cells, this.#fewest, this.#rows];
    this.#rows = rows * 2;
    this.#cells = new Uint32Array(this.#rows * this.#width);
    this.#fewest = new Uint8Array(this.#rows).fill(EMPTY);
    for (let from = 0; from < rows; from++) {
      if (fewest[from] === EMPTY) continue;
      const row = cells.subarray(from * this.#width, (from + 1) * this.#width);
      const at = this.#find(row);
      this.#cells.set(row, at * this.#width);
      this.#fewest[at] = fewest[from] ?? EMPTY;
    }
  }
}

function hashOf(row: ArrayLike<number>): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < row.length; i++) {
    hash = Math.imul(hash ^ (row[i] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
