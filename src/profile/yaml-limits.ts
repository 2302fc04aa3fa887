/** Bounds on one file: far above any profile, far below what could hurt (STYLE 14). */
export const YAML_LIMITS = {
  /** UTF-16 units of the text, and bytes of the file. */
  LENGTH_MAX: 1_048_576,
  ALIASES_MAX: 50,
  /** Maps and lists inside one another, in the text and once aliases are followed. */
  DEPTH_MAX: 24,
  /** Values once aliases are followed. */
  VALUES_MAX: 50_000,
  /** More findings than these help nobody. */
  ERRORS_MAX: 50,
} as const;
