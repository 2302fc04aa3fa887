/** Notices that a connection brought nothing understood for too long; one timer, whatever the traffic. */
import type { Clock } from "../../src/ports/clock.ts";

export type Silence = {
  /** Begins to watch; `broken` is called at most once, with the length of the silence. */
  watch(broken: (reason: string) => void): void;
  heard(bootUs: number): void;
  stop(): void;
};

export function silence(clock: Clock, silenceUs: number): Silence {
  let heardBootUs = 0;
  let cancel = (): void => undefined;

  function arm(broken: (reason: string) => void): void {
    cancel = clock.at(heardBootUs + silenceUs, () => {
      const silentUs = clock.read().bootUs - heardBootUs;
      if (silentUs >= silenceUs) broken(`silent for ${Math.floor(silentUs / 1000)} ms`);
      else arm(broken);
    });
  }

  return {
    watch(broken) {
      heardBootUs = clock.read().bootUs;
      arm(broken);
    },
    heard(bootUs) {
      heardBootUs = bootUs;
    },
    stop: () => cancel(),
  };
}
