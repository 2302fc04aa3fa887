/** The simulated TPM: repeatable from its seed, durable in its folder, and broken on command. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tpmDrivers } from "../../../hardware/tpm/registry.ts";
import { dispatch } from "../../../hardware/tpm/simulator/dispatch.ts";
import { machine } from "../../../hardware/tpm/simulator/machine.ts";
import { memoryPermanentStore } from "../../../hardware/tpm/simulator/permanent.ts";
import { simulatedTpm } from "../../../hardware/tpm/simulator/simulated-tpm.ts";
import { ascii } from "../../../src/core/base/bytes.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { nodePrimitives, realClock, tpmContext } from "../../conformance/tpm-context.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spectrum-simulated-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A clock that moves only when told; wakers run as it passes them. */
function virtualClock(): Clock & { pass(us: number): void } {
  let nowUs = 1_000_000;
  let waiting: { at: number; wake: () => void }[] = [];
  return {
    bootId: new Uint8Array(16),
    read: () => ({ wallUs: nowUs, bootUs: nowUs }),
    at(at, wake) {
      const entry = { at, wake };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    pass(us) {
      nowUs += us;
      const due = waiting.filter((each) => each.at <= nowUs);
      waiting = waiting.filter((each) => each.at > nowUs);
      for (const each of due) each.wake();
    },
  };
}

describe("simulated TPM", () => {
  test("gives the same keys, signatures and quotes for the same seed, and others for another", async () => {
    const open = (seed: string) => simulatedTpm().open(tpmContext(seed, virtualClock()), {});
    const [a, b, c] = [await open("one"), await open("one"), await open("two")];
    const message = ascii("the same message");
    expect(b.identity).toEqual(a.identity);
    expect(await b.signer.sign(message)).toEqual(await a.signer.sign(message));
    expect(await b.quote(new Uint8Array(32), [0, 7])).toEqual(await a.quote(new Uint8Array(32), [0, 7]));
    expect(c.identity.akPublic).not.toEqual(a.identity.akPublic);
    expect(c.signer.publicKey).not.toEqual(a.signer.publicKey);
  });

  test("keeps identity and counter in its folder when the process ends without a word", async () => {
    const first = await simulatedTpm().open(tpmContext("first"), { state: folder });
    await first.incrementCounter();
    const counter = await first.incrementCounter();
    const before = await first.readClock();
    const again = await simulatedTpm().open(tpmContext("quite another"), { state: folder });
    expect(again.identity.akPublic).toEqual(first.identity.akPublic);
    expect(again.signer.publicKey).toEqual(first.signer.publicKey);
    expect(await again.readCounter()).toBe(counter);
    const after = await again.readClock();
    expect([after.resetCount, after.safe]).toEqual([before.resetCount + 1, false]);
  });

  test("stays safe over a clean close", async () => {
    const first = await simulatedTpm().open(tpmContext("clean"), { state: folder });
    expect((await first.readClock()).safe).toBe(true);
    await first.close();
    const again = await simulatedTpm().open(tpmContext("clean"), { state: folder });
    expect((await again.readClock()).safe).toBe(true);
    await again.close();
  });

  test("keeps its secrets from other users of the host", async () => {
    const tpm = await simulatedTpm().open(tpmContext("modes"), { state: folder });
    await tpm.close();
    for (const name of ["tpm.json", "signing.priv", "signing.pub"]) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
    }
  });

  test("says tpm-state-damaged of a folder that it cannot read, and does not begin anew", async () => {
    const tpm = await simulatedTpm().open(tpmContext("damage"), { state: folder });
    await tpm.close();
    const path = join(folder, "tpm.json");
    const good = readFileSync(path, "utf8");
    for (const bad of ["", "{}", good.slice(0, good.length - 5), good.replace('"seed":"x', '"seed":"')]) {
      writeFileSync(path, bad);
      const opening = simulatedTpm().open(tpmContext("damage"), { state: folder });
      await expect(opening).rejects.toMatchObject({ code: "tpm-state-damaged", retryable: false });
    }
  });

  test("is refused with tpm-locked-out while locked out, and serves again afterwards", async () => {
    const { control, open } = simulatedTpm();
    const tpm = await open(tpmContext("lockout"), {});
    control.setLockedOut(true);
    const locked = { code: "tpm-locked-out", retryable: true };
    await expect(tpm.signer.sign(ascii("x"))).rejects.toMatchObject({ port: "signer", ...locked });
    await expect(tpm.incrementCounter()).rejects.toMatchObject({ port: "tpm", ...locked });
    await expect(tpm.readClock()).resolves.toBeDefined();
    control.setLockedOut(false);
    await expect(tpm.incrementCounter()).resolves.toBe(1n);
  });

  test("cannot be opened while it is away, and can when it is back", async () => {
    const { control, open } = simulatedTpm();
    control.setLost(true);
    await expect(open(tpmContext("away"), {})).rejects.toMatchObject({ code: "tpm-lost", retryable: true });
    control.setLost(false);
    await expect(open(tpmContext("away"), {})).resolves.toBeDefined();
  });

  test("answers as late as it is told, in virtual time, and a loss meanwhile ends the wait", async () => {
    const clock = virtualClock();
    const { control, open } = simulatedTpm();
    const tpm = await open(tpmContext("slow", clock), {});
    control.setDelayUs(500_000);
    let signed: Uint8Array | null = null;
    const signing = tpm.signer.sign(ascii("slow")).then((signature) => {
      signed = signature;
    });
    await settle();
    clock.pass(499_999);
    await settle();
    expect(signed).toBeNull();
    clock.pass(1);
    await signing;
    expect(
      nodePrimitives.verifySignature(1, tpm.signer.publicKey, ascii("slow"), signed ?? new Uint8Array()),
    ).toBe(true);

    const lost = tpm.incrementCounter().catch((error: unknown) => error);
    await settle();
    control.setLost(true);
    expect(await lost).toMatchObject({ code: "tpm-lost" });
    control.setLost(false);
    control.setDelayUs(0);
    // It was executed though its answer never came: the caller reads before it raises again.
    expect(await tpm.readCounter()).toBe(1n);
  });

  test("begins a new counter above every older one", async () => {
    const one = await simulatedTpm().open(tpmContext("counters"), { state: folder, counter: 0x01807301 });
    for (let i = 0; i < 5; i++) await one.incrementCounter();
    await one.close();
    const two = await simulatedTpm().open(tpmContext("counters"), { state: folder, counter: 0x01807302 });
    expect(await two.readCounter()).toBe(0n);
    expect(await two.incrementCounter()).toBe(6n);
  });

  test("loads through the registry", async () => {
    const entry = tpmDrivers.find((each) => each.id === "simulated");
    const open = await entry?.load();
    const tpm = await open?.(tpmContext("registry", realClock), {});
    expect(tpm?.identity.level).toBe("simulated");
    await tpm?.close();
  });

  test("answers any bytes", async () => {
    const context = tpmContext("garbage");
    const tpm = machine(context.clock, context.entropy, memoryPermanentStore());
    for (let i = 0; i < 3000; i++) {
      const bytes = context.entropy.bytes(i % 200);
      // Half of them with a header that lets them in.
      if (i % 2 === 0 && bytes.length >= 10) {
        bytes.set([0x80, 1 + (i % 4 === 0 ? 1 : 0), 0, 0, 0, bytes.length, 0, 0, 1, 0x20 + ((i * 7) % 0x70)]);
      }
      expect(dispatch(tpm, bytes).length).toBeGreaterThanOrEqual(10);
    }
  });
});

/** Lets promises that wait on nothing but one another run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}
