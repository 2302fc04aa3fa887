/** One trading agent in the production loop, on ports that do what a test says. */
import { runAgent } from "../../src/agent/agent-loop.ts";
import { noFailpoints } from "../../src/agent/failpoints.ts";
import { openLog } from "../../src/agent/open-log.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import type { Gnss, GnssEvent, GnssFix } from "../../src/ports/gnss.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Frame } from "../../src/ports/store.ts";
import { virtualClock } from "../hardware/world/virtual-clock.ts";
import { CENTRE, START_US, scriptedAuthority, scriptedLineage } from "./scripted-authority.ts";
import { packEnvelope } from "./scripted-host.ts";
import { named, quickKeys } from "./scripted-keys.ts";
import { scriptedMesh, scriptedSigner, scriptedStore, scriptedTransmitter } from "./scripted-ports.ts";

type TraderChange = {
  readonly frames?: readonly Frame[];
  readonly marks?: ReadonlyMap<string, Uint8Array>;
};

const quiet = (): void => {};
const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** `change`: frames and marks that the store begins with, and places where effects are held. */
export async function traderLoop(change: TraderChange = {}) {
  const scheme = quickKeys();
  const authority = scriptedAuthority(scheme);
  const lineage = scriptedLineage(scheme, "trader");
  const credential = authority.issue(lineage, { level: "licensee", verbs: ["allocate"] });
  const boot = virtualClock();
  const clock = {
    ...boot,
    read: () => ({ bootUs: boot.read().bootUs, wallUs: START_US + boot.read().bootUs }),
  };
  const store = scriptedStore(
    change.frames ?? [{ kind: "own", bytes: packEnvelope(lineage.inception.envelope) }],
  );
  for (const [name, bytes] of change.marks ?? []) store.marks.set(name, bytes);
  const signer = scriptedSigner(lineage.key, SUITE_ES256);
  const [mesh, radio] = [scriptedMesh(), scriptedTransmitter()];
  const receivers = new Set<(event: GnssEvent) => void>();
  const gnss: Gnss = {
    listen(listener) {
      receivers.add(listener);
      return () => receivers.delete(listener);
    },
    async close() {},
  };
  let drawn = 0;
  const entropy = {
    bytes: (length: number) => {
      drawn += 1;
      return named(`loop ${drawn}`).slice(0, length);
    },
  };
  const key = { suite: SUITE_ES256, publicKey: signer.publicKey, akName: null, tier: "simulated" as const };
  const { primitives } = scheme;
  const opened = await openLog({
    store,
    signer,
    key,
    owner: "trader",
    primitives,
    entropy,
    pack: packEnvelope,
  });
  const running = await runAgent({
    config: {
      primitives,
      draw: (length) => entropy.bytes(length),
      owner: "trader",
      key,
      bootId: clock.bootId,
      roots: [authority.root.inception.header.lineage],
      credentials: [credential.id],
      policy: authority.policy.id,
      radio: null,
      wishes: [],
      standingOffers: [],
      timeRules: {
        kPermille: 1_000,
        unestimatedErrorUs: 0,
        transportUs: 0,
        ppsTransportUs: 0,
        driftPpm: 100,
        checkAgainstWall: false,
        wallToleranceUs: 0,
      },
      placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 0, unestimatedErrorMm: null },
      clockDriftPpm: 100,
      production: false,
      counter: false,
    },
    ports: { clock, log: SILENT, mesh, store, signer, gnss, tpm: null, radio },
    pack: packEnvelope,
    folded: opened.folded,
    documents: [...authority.ground, credential].map(({ envelope }) => packEnvelope(envelope)),
    quarantine: opened.quarantine,
    cellsAround: () => ["cell"],
    eligibilityClasses: ["scene"],
    failpoints: noFailpoints,
    onNote: quiet,
  });
  const fix = (change: Partial<GnssFix> = {}): void => {
    const event: GnssEvent = {
      kind: "fix",
      fix: {
        source: "simulated",
        mode: 3,
        receivedBootUs: boot.read().bootUs,
        timeUs: clock.read().wallUs,
        timeErrorUs: 1_000,
        pps: false,
        leapPending: false,
        latE7: CENTRE.latE7,
        lonE7: CENTRE.lonE7,
        heightMm: 1,
        horizontalErrorMm: 1,
        verticalErrorMm: 1,
        satellitesUsed: 4,
        interference: "",
        ...change,
      },
    };
    for (const receiver of receivers) receiver(event);
  };
  fix();
  await boot.pass(500_000);
  return { running, store, mesh, radio, boot, authority, fix, signer, primitives, lineage };
}
