/** What a trial program is asked and answers. */

/** How often each switch was passed: while the file was loaded, and in each of its tests. */
export type Passed = {
  readonly static: Readonly<Record<string, number>>;
  readonly perTest: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

export type TrialFile = {
  readonly testFile: string;
  readonly bundle: string;
  /** Ids of the tests to run; null for all. */
  readonly tests: readonly string[] | null;
  /** A mutant that is passed more often has made a loop that does not end. */
  readonly hitLimit: number;
};

export type Trial = {
  /** The active mutant, or null to run the sources as they are. */
  readonly mutant: string | null;
  /** Tried in this order, up to the first failing test. */
  readonly files: readonly TrialFile[];
};

export type TrialAnswer =
  | { readonly kind: "begun"; readonly testFile: string }
  | {
      readonly kind: "done";
      /** The first test that failed, or null. */
      readonly failed: {
        readonly testFile: string;
        readonly test: string;
        readonly why: string;
        readonly isEndless: boolean;
      } | null;
      /** Of the last file, when no mutant was active. */
      readonly passed: Passed;
      readonly tests: number;
      /** Milliseconds that the last file took, loading included. */
      readonly ms: number;
      /** Milliseconds of each test of the last file. */
      readonly testMs: Readonly<Record<string, number>>;
    };
