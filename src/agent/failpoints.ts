/** Named places at every effect where a test may have the process killed, or hold it. */

/** Called at each place with its name; the production one does nothing. A promise holds the effect. */
export type Failpoints = (name: string) => void | Promise<void>;

export const noFailpoints: Failpoints = () => {};

export async function failpoint(failpoints: Failpoints, name: string): Promise<void> {
  await failpoints(name);
}
