/** Quantities as people read them in a line of text. */

export function hertz(hz: number): string {
  return `${(hz / 1e6).toFixed(3)} MHz`;
}

export function metres(mm: number): string {
  return `${(mm / 1000).toFixed(1)} m`;
}

export function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(us < 10_000 ? 2 : 0)} ms`;
}

/** Named measurements in their order: `distanceMm 97661, errorMm 5410`. */
export function measures(measure: Readonly<Record<string, number | string | boolean>>): string {
  return Object.entries(measure)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}
