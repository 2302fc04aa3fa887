/** Waiting for a broker's first answer. */
import type { Clock } from "../ports/clock.ts";
import type { Mesh } from "../ports/mesh.ts";

/** Resolves true once connected, false after `withinUs` of boot time. */
export function isUp(mesh: Mesh, clock: Clock, withinUs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.at(clock.read().bootUs + withinUs, () => resolve(false));
    mesh.listen(({ kind }) => {
      if (kind !== "up") return;
      cancel();
      resolve(true);
    });
  });
}
