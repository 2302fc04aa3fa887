/** Generated TPM command scripts: mostly sensible, some with wrong sizes, handles, attributes, passwords or frames. */

import * as commands from "../../hardware/tpm/codec/commands.ts";
import {
  ALG,
  HIERARCHY,
  NV,
  NV_COUNTER_ATTRIBUTES,
  OBJECT,
  TAG_HASHCHECK,
} from "../../hardware/tpm/codec/constants.ts";
import { encodeCommand } from "../../hardware/tpm/codec/frame.ts";
import type { EccPublic } from "../../hardware/tpm/codec/structures.ts";
import {
  anyHandle,
  attestation,
  creation,
  ECDSA,
  endorsement,
  hierarchy,
  index,
  NOTHING,
  nvAuthority,
  nvSpan,
  OTHER_INDEX,
  OWN,
  object,
  pcrs,
  provision,
  scheme,
  storage,
  TEST_INDEX,
  template,
} from "./tpm-arguments.ts";
import { type Chance, chanceOf } from "./tpm-chance.ts";
import { mutated } from "./tpm-mutation.ts";
import { type Make, POLICY_KINDS } from "./tpm-policy-script.ts";
import { type AnyCommand, made, plain, type Step } from "./tpm-step.ts";

const STEPS_MIN = 6;
const STEPS_MAX = 16;

export function script(seed: number): readonly Step[] {
  const chance = chanceOf(seed);
  const steps: Step[] = [];
  if (chance.oneIn(4)) steps.push(...powerCycle(chance));
  // Most scripts begin with a storage key and an attestation key, so that later steps find something.
  if (!chance.oneIn(5)) steps.push(primary(chance, HIERARCHY.OWNER, storage()));
  if (!chance.oneIn(3)) steps.push(primary(chance, HIERARCHY.ENDORSEMENT, attestation()));
  const length = STEPS_MIN + chance.below(STEPS_MAX - STEPS_MIN + 1);
  for (let i = 0; i < length; i++) steps.push(...chance.pick(KINDS)(chance));
  return steps;
}

/** Leaves both machines as the next script wants them. */
export function tidyUp(): readonly Step[] {
  return [
    plain(commands.startup, [], { type: 0 }),
    ...[0, 1, 2].map((slot) => plain(commands.flushContext, [], { handle: 0x80000000 + slot })),
    ...[0, 1, 2].map((slot) => plain(commands.flushContext, [], { handle: 0x03000000 + slot })),
    plain(commands.nvUndefineSpace, [HIERARCHY.OWNER, TEST_INDEX], {}),
    plain(commands.nvUndefineSpace, [HIERARCHY.OWNER, OTHER_INDEX], {}),
  ];
}

const KINDS: readonly Make[] = [
  (chance) => [primary(chance, hierarchy(chance), template(chance))],
  (chance) => [create(chance)],
  (chance) => [create(chance)],
  (chance) => [load(chance)],
  (chance) => [load(chance)],
  (chance) => [made(chance, commands.readPublic, [object(chance)], {})],
  (chance) => [made(chance, commands.flushContext, [], { handle: anyHandle(chance) })],
  (chance) => [sign(chance)],
  (chance) => [sign(chance)],
  (chance) => [made(chance, commands.certify, [object(chance), object(chance)], attest(chance))],
  (chance) => [made(chance, commands.quote, [object(chance)], { ...attest(chance), pcrs: pcrs(chance) })],
  (chance) => [made(chance, commands.getTime, [endorsement(chance), object(chance)], attest(chance))],
  (chance) => [made(chance, commands.readClock, [], {})],
  (chance) => [nvDefine(chance)],
  (chance) => [nvDefine(chance)],
  (chance) => [made(chance, commands.nvIncrement, [nvAuthority(chance), index(chance)], {})],
  (chance) => [made(chance, commands.nvIncrement, [TEST_INDEX, TEST_INDEX], {})],
  (chance) => [made(chance, commands.nvRead, [nvAuthority(chance), index(chance)], nvSpan(chance))],
  (chance) => [made(chance, commands.nvReadPublic, [index(chance)], {})],
  (chance) => [made(chance, commands.nvUndefineSpace, [provision(chance), index(chance)], {})],
  (chance) => [made(chance, commands.pcrRead, [], { pcrs: pcrs(chance) })],
  (chance) => [pcrExtend(chance)],
  (chance) => [made(chance, commands.getRandom, [], { length: chance.pick([0, 1, 16, 64, 65, 4000]) })],
  (chance) => [capability(chance)],
  ...POLICY_KINDS,
  (chance) => [made(chance, commands.selfTest, [], { full: chance.oneIn(2) })],
  (chance) => [made(chance, commands.startup, [], { type: chance.pick([0, 1, 2]) })],
  (chance) => [made(chance, commands.shutdown, [], { type: chance.pick([0, 0, 1, 2]) })],
  powerCycle,
];

/** Without a shut-down, or after one of either kind; then a start-up that may not fit it. */
function powerCycle(chance: Chance): readonly Step[] {
  const before = chance.pick([[], [0], [1]]).map((type) => plain(commands.shutdown, [], { type }));
  const early = chance.oneIn(2) ? [made(chance, commands.readClock, [], {})] : [];
  const start = [
    plain(commands.startup, [], { type: chance.pick([0, 0, 1]) }),
    plain(commands.startup, [], { type: 0 }),
  ];
  return [...before, { kind: "power-cycle", text: "power-cycle" }, ...early, ...start];
}

function primary(chance: Chance, parent: number, key: EccPublic): Step {
  return made(chance, commands.createPrimary, [parent], creation(chance, key));
}

function create(chance: Chance): Step {
  const key = chance.oneIn(2)
    ? { ...storage(), attributes: OWN | OBJECT.SIGN, symmetric: null, scheme: ECDSA }
    : template(chance);
  return made(chance, commands.create, [object(chance)], creation(chance, key));
}

function load(chance: Chance): Step {
  const parent = object(chance);
  const which = chance.below(4);
  const flip = chance.oneIn(5) ? chance.below(120) : null;
  const isEmpty = chance.oneIn(12);
  const otherPublic = chance.oneIn(8)
    ? { ...storage(), attributes: OWN | OBJECT.SIGN | OBJECT.DECRYPT, symmetric: null }
    : null;
  const break_ = chance.oneIn(8) ? mutated(chance, commands.load) : null;
  return {
    kind: "command",
    text: `Load(${parent.toString(16)}) blob ${which} flip ${flip} empty ${isEmpty} other ${otherPublic !== null} ${break_?.text ?? ""}`,
    command: commands.load as unknown as AnyCommand,
    bytes({ blobs }) {
      const blob = blobs[which % Math.max(1, blobs.length)] ?? {
        private: new Uint8Array(126),
        public: storage(),
      };
      const wrapped = isEmpty ? NOTHING : blob.private.slice();
      if (flip !== null && flip < wrapped.length) wrapped[flip] = (wrapped[flip] ?? 0) ^ 0x55;
      const bytes = encodeCommand(commands.load, [parent], {
        private: wrapped,
        public: otherPublic ?? blob.public,
      });
      return break_ === null ? bytes : break_.apply(bytes);
    },
  };
}

function sign(chance: Chance): Step {
  const validation = {
    tag: chance.oneIn(10) ? 0x8021 : TAG_HASHCHECK,
    hierarchy: chance.pick([HIERARCHY.NULL, HIERARCHY.NULL, HIERARCHY.OWNER, 0x40000099]),
    digest: chance.oneIn(10) ? new Uint8Array(32).fill(3) : NOTHING,
  };
  const digest = new Uint8Array(chance.pick([32, 32, 32, 32, 0, 20, 31, 48, 64, 65])).fill(9);
  return made(chance, commands.sign, [object(chance)], { digest, scheme: scheme(chance), validation });
}

function attest(chance: Chance): commands.AttestParameters {
  return { qualifying: new Uint8Array(chance.pick([0, 32, 64, 66, 67])).fill(4), scheme: scheme(chance) };
}

function nvDefine(chance: Chance): Step {
  const toggled = chance.oneIn(2)
    ? 0
    : chance.pick([NV.OWNER_WRITE, NV.AUTH_WRITE, NV.WRITTEN, 1 << 5, 1 << 30, 1 << 9, NV.OWNER_READ]);
  const stripped = chance.oneIn(8) ? NV.OWNER_READ | NV.AUTH_READ : 0;
  return made(chance, commands.nvDefineSpace, [provision(chance)], {
    auth: new Uint8Array(chance.pick([0, 0, 0, 4, 33, 65])).fill(6),
    public: {
      index: chance.oneIn(10) ? 0x02000001 : index(chance),
      nameAlg: chance.oneIn(12) ? 0x0099 : ALG.SHA256,
      attributes: ((NV_COUNTER_ATTRIBUTES ^ toggled) & ~stripped) >>> 0,
      authPolicy: new Uint8Array(chance.pick([0, 0, 0, 32, 20])),
      dataSize: chance.pick([8, 8, 8, 8, 0, 7, 9, 4000]),
    },
  });
}

function pcrExtend(chance: Chance): Step {
  const digests = Array.from({ length: chance.pick([1, 1, 1, 0, 2, 5]) }, () => ({
    hash: chance.oneIn(12) ? 0x0099 : ALG.SHA256,
    digest: new Uint8Array(32).fill(chance.below(256)),
  }));
  const handle = chance.pick([0, 7, 15, 16, 17, 20, 21, 22, 23, 24, HIERARCHY.NULL, HIERARCHY.OWNER]);
  return made(chance, commands.pcrExtend, [handle], { digests });
}

/** Only what both machines have alike: transient handles, the test index, unknown kinds. */
function capability(chance: Chance): Step {
  const [capability_, property] = chance.pick([
    [1, 0x80000000],
    [1, 0x80000001],
    [1, 0x02000000],
    [1, 0x03000000],
    [1, 0x00000000],
    [1, 0x99000000],
    [0x77, 0],
  ]);
  const count = chance.pick([0, 1, 2, 64]);
  return made(chance, commands.getCapability, [], {
    capability: capability_ ?? 1,
    property: property ?? 0,
    count,
  });
}
