/** From an opening to the loss of power: a plan's actions on the production store, each answer noted in the model. */
import { PortError } from "../../src/ports/port-error.ts";
import type { Store } from "../../src/ports/store.ts";
import { breach } from "./model.ts";
import type { Action, Mark } from "./plan.ts";
import type { World } from "./world.ts";

/** Ends with an orderly closing, or as soon as power is lost; throws where a promise was broken. */
export async function live(world: World, actions: readonly Action[]): Promise<void> {
  try {
    let store = await opened(world);
    for (const action of actions) store = await act(world, store, action);
    await ended(world, store);
  } catch (error) {
    if (world.isPowered || !(error instanceof PortError)) throw error;
  }
}

/** Opens as often as planted failures strike, judges what is there, and cuts a torn tail under a mark as the agent does. */
async function opened(world: World): Promise<Store> {
  for (;;) {
    const ahead = world.faultsAhead();
    try {
      const store = await world.open();
      world.tally.openings += 1;
      world.isFailed = false;
      await recovered(world, store);
      return store;
    } catch (error) {
      expectPlanted(world, error, ahead);
    }
  }
}

async function recovered(world: World, store: Store): Promise<void> {
  if (store.tail.kind === "damaged") breach("no flushed batch is gone");
  world.mayTear ||= world.model.isInDoubt();
  if (!isClean(store) && !world.mayTear) breach("only what was under way or failed leaves a torn tail");
  await world.model.check(store);
  world.mayTear = !isClean(store);
  if (isClean(store)) return;
  world.tally.tornTails += 1;
  if ((await codeOf(store.append(world.model.fresh([8])))) !== "store-tail-uncut")
    breach("nothing is appended behind a tail that was not cut");
  await writeMark(world, store, { name: "quarantine", length: 1 });
  await store.cutTail();
  if (!isClean(store)) breach("a tail that was cut is clean");
  world.mayTear = false;
  await world.model.check(store);
}

function isClean({ tail }: Store): boolean {
  return tail.kind === "clean";
}

async function act(world: World, store: Store, action: Action): Promise<Store> {
  switch (action.kind) {
    case "append":
      return await append(world, store, action);
    case "mark":
      return (await isDone(world, writeMark(world, store, action.mark))) ? store : await opened(world);
    case "close":
      await ended(world, store);
      return await opened(world);
    case "kill":
      return await opened(world);
    case "fault":
      world.plant(world.disk.operations + action.after, action.fault);
      return store;
    case "room": {
      const { disk } = world;
      disk.setCapacity(action.bytes === null ? Number.POSITIVE_INFINITY : disk.usedBytes + action.bytes);
      return store;
    }
    case "reopen":
      return await reopened(world, store);
  }
}

async function append(
  world: World,
  store: Store,
  action: Extract<Action, { kind: "append" }>,
): Promise<Store> {
  const { model, tally } = world;
  const mayFail = world.isFailed || world.faultsAhead() > 0;
  const asked = action.appends.map((lengths) => model.asked(model.fresh(lengths)));
  const answers = asked.map(async (each, i) => {
    for (let turns = i * action.turnsApart; turns > 0; turns--) await Promise.resolve();
    const code = await codeOf(store.append(each.frames));
    if (code === "") each.isAcknowledged = true;
    if (code === "store-full") model.forget(each);
    return code;
  });
  const marked = Promise.allSettled([
    action.mark === null ? true : isDone(world, writeMark(world, store, action.mark)),
  ]);
  const codes = await Promise.all(answers);
  const [{ status, reason }] = (await marked) as [PromiseRejectedResult];
  if (status === "rejected") throw reason;
  if (!world.isPowered) throw noPower();
  tally.appends += asked.length;
  if (codes.includes("store-full")) tally.fullDisks += 1;
  if (codes.includes("store-flush-failed")) world.isFailed = true;
  if (world.isFailed && !mayFail) breach("an append fails where nothing else does");
  const wrong = codes.find((code) => !["", "store-full", "store-flush-failed"].includes(code));
  if (wrong !== undefined) breach(`an append is not refused with ${wrong} here`);
  return store;
}

async function writeMark(world: World, store: Store, { name, length }: Mark): Promise<void> {
  const value = length === null ? null : world.model.freshMark(length);
  world.model.markAsked(name, value);
  await store.writeMark(name, value);
  world.model.markAcknowledged(name, value);
}

async function reopened(world: World, store: Store): Promise<Store> {
  if (!(await isDone(world, store.reopen()))) return await opened(world);
  world.isFailed = false;
  if (!isClean(store)) breach("a store that was reopened has a clean tail");
  await world.model.check(store);
  return store;
}

async function ended(world: World, store: Store): Promise<void> {
  world.mayTear = true;
  if (await isDone(world, store.close())) world.mayTear = false;
}

/** False where a planted failure or a full disk kept it from being done. */
async function isDone(world: World, what: Promise<void>): Promise<boolean> {
  // What runs has not yet touched the disk: its first operation follows a turn of the microtask queue.
  const ahead = world.faultsAhead();
  try {
    await what;
    return true;
  } catch (error) {
    if (error instanceof PortError && world.isPowered && error.code === "store-full") return false;
    expectPlanted(world, error, ahead);
    return false;
  }
}

const FAILURES: readonly string[] = ["store-flush-failed", "store-mark-failed"];

/** `ahead`: planted failures that had not struck before. */
function expectPlanted(world: World, error: unknown, ahead: number): void {
  if (!(error instanceof PortError) || !world.isPowered) throw error;
  if (!FAILURES.includes(error.code)) throw error;
  if (ahead === 0) breach(`nothing failed, and yet: ${error.code}: ${error.message}`);
}

function noPower(): PortError {
  return new PortError("disk", "disk-failed", "power was lost", false);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return error.code;
  }
}
