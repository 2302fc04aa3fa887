/** An agent on the demo's stage: asked things, and watched for the records that it makes durable. */
import type { BenchAgent } from "../compose/bench.ts";
import type { Note } from "../core/agent/effect.ts";
import type { CommandAnswer } from "../core/agent/input.ts";
import type { RecordOf } from "../core/record/record.ts";

/** Longest wait for one step of the story. */
const STEP_MS_MAX = 15_000;

/** An agent on stage, with the records that it has made durable so far. */
export type Actor = { readonly agent: BenchAgent; readonly records: RecordList };
export type RecordList = { readonly all: NoteRecord[]; wake: () => void };
export type NoteRecord = Extract<Note, { readonly what: "record" }>["record"];
/** Commands are refused until time, place and attestation stand: asked again, within the step's bound. */
export async function untilAccepted(ask: () => Promise<CommandAnswer>): Promise<Uint8Array> {
  const deadline = performance.now() + STEP_MS_MAX;
  for (;;) {
    const answer = await ask();
    if (answer.ok) return answer.record;
    const codes = answer.rejections.map(({ code }) => code).join(", ");
    if (performance.now() > deadline) throw new Error(`the command was refused: ${codes}`);
    await pause(50);
  }
}

export async function nextRecord<K extends NoteRecord["kind"]>(
  actor: Actor,
  kind: K,
  fits: (record: RecordOf<K>) => boolean,
): Promise<RecordOf<K>> {
  let found: RecordOf<K> | undefined;
  await until(`${actor.agent.name} records ${kind}`, () => {
    found = actor.records.all.find((each) => each.kind === kind && fits(each as RecordOf<K>)) as
      | RecordOf<K>
      | undefined;
    return found !== undefined;
  });
  return found as RecordOf<K>;
}

export async function until(what: string, done: () => boolean): Promise<void> {
  const deadline = performance.now() + STEP_MS_MAX;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`within ${STEP_MS_MAX} ms it did not happen: ${what}`);
    await pause(10);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
