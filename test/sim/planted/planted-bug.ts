/** A mistake that an engineer could make, as one change of the source text, and the promise that it breaks. */
export type PlantedBug = {
  /** Kebab-case, once in all tables. */
  readonly name: string;
  /** The clause of the protocol, and what it promises. */
  readonly promise: string;
  /** Repository path of the source. */
  readonly file: string;
  /** Stands exactly once in `file`. */
  readonly find: string;
  readonly replace: string;
  /** The invariants that ask for this promise: found is what one of them finds, and nothing else. */
  readonly by: readonly [string, ...string[]];
  /** Seeds, from 1 on, within which it is found; absent: the run's own number. */
  readonly seeds?: number;
  /** It shows only with the calm that follows the storm. */
  readonly calm?: true;
  /** Why no run finds it yet, or never can: it is then hunted only when named. */
  readonly unfound?: string;
};

/** `text` with the bug in it. Throws an Error that names the bug where its text does not stand there exactly once. */
export function planted(text: string, { name, file, find, replace }: PlantedBug): string {
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${name}: its text stands ${places} times in ${file}, not once`);
  return text.replace(find, () => replace);
}
