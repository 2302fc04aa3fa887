/** The life of one process: what it asked for is answered only while it lives, and late while it is stopped. */

export type Life = {
  isAlive(): boolean;
  /** Nothing that this life asked for comes back from now on. */
  end(): void;
  /** As SIGSTOP: wakes and answers wait until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Runs `act` if the life lasts, now or when it is thawed. */
  wake(act: () => void): void;
  /** What `promise` gives, if the life lasts so long; otherwise nothing, ever. */
  keep<T>(promise: Promise<T>): Promise<T>;
};

/** Wakes that may wait for one thaw; a stopped process has a bounded number of timers and sockets too. */
const HELD_MAX = 100_000;

export function newLife(): Life {
  let alive = true;
  let held: (() => void)[] | null = null;

  function wake(act: () => void): void {
    if (!alive) return;
    if (held === null) act();
    else if (held.length < HELD_MAX) held.push(act);
  }

  return {
    isAlive: () => alive,
    end() {
      alive = false;
      held = null;
    },
    freeze() {
      held ??= [];
    },
    thaw() {
      const waiting = held ?? [];
      held = null;
      for (const act of waiting) wake(act);
    },
    wake,
    keep<T>(promise: Promise<T>): Promise<T> {
      return new Promise((resolve, reject) => {
        promise.then(
          (value) => wake(() => resolve(value)),
          (error: unknown) => wake(() => reject(error)),
        );
      });
    },
  };
}

/** The same life, which `die` ends as it asks for the `effect`-th thing, from 0 on: asked for, and never answered. */
export function dyingAt(life: Life, effect: number, die: () => void): Life {
  let asked = 0;
  return {
    ...life,
    keep(promise) {
      if (asked === effect) die();
      asked += 1;
      return life.keep(promise);
    },
  };
}
