/** Generated TPM command scripts: mostly sensible, some with wrong sizes, handles, attributes, passwords or frames. */

import { endorsementKeyP256 } from "../../hardware/tpm/client/templates.ts";
import type { Command } from "../../hardware/tpm/codec/command.ts";
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
import * as policy from "../../hardware/tpm/codec/policy-commands.ts";
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

/** A child key that one machine made: the private part is the machine's own, so steps name it by number. */
export type Blob = { readonly private: Uint8Array; readonly public: EccPublic };

export type AnyCommand = Command<object, object>;

export type Step =
  | {
      readonly kind: "command";
      readonly text: string;
      readonly command: AnyCommand;
      /** Bytes for the machine that made `blobs`. */
      bytes(blobs: readonly Blob[]): Uint8Array;
    }
  | { readonly kind: "power-cycle"; readonly text: string };

/** TPMS_ECC_POINT: the base point of P-256, and one beside the curve. */
const ON_CURVE = new Uint8Array(
  Buffer.from(
    "00206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
      "00204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "hex",
  ),
);
const OFF_CURVE = ON_CURVE.map((byte, i) => (i === 67 ? byte ^ 1 : byte));

/** What guards against guessed passwords is not simulated: no key here is under it. */
const ENDORSED: EccPublic = {
  ...endorsementKeyP256.public,
  attributes: endorsementKeyP256.public.attributes | OBJECT.NO_DA,
};

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

type Make = (chance: Chance) => readonly Step[];

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
  (chance) => [startSession(chance)],
  (chance) => [startSession(chance)],
  (chance) => [policySecret(chance)],
  (chance) => [policySecret(chance)],
  (chance) => [activate(chance)],
  (chance) => [activate(chance)],
  (chance) => endorsed(chance),
  (chance) => [made(chance, commands.selfTest, [], { full: chance.oneIn(2) })],
  (chance) => [made(chance, commands.startup, [], { type: chance.pick([0, 1, 2]) })],
  (chance) => [made(chance, commands.shutdown, [], { type: chance.pick([0, 0, 1, 2]) })],
  powerCycle,
];

/** A step as its table entry encodes it, then broken in one place for one in eight. */
function made<P extends object, R extends object>(
  chance: Chance,
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions: readonly number[] = [],
): Step {
  const break_ = chance.oneIn(8) ? mutated(chance, command) : null;
  const step = plain(command, handles, parameters, sessions);
  if (break_ === null || step.kind !== "command") return step;
  return { ...step, text: `${step.text} ${break_.text}`, bytes: (blobs) => break_.apply(step.bytes(blobs)) };
}

function plain<P extends object, R extends object>(
  command: Command<P, R>,
  handles: readonly number[],
  parameters: P,
  sessions: readonly number[] = [],
): Step {
  const shown = handles.map((handle) => handle.toString(16)).join(",");
  return {
    kind: "command",
    text: `${command.name}(${shown}${"type" in parameters ? ` type ${parameters.type}` : ""})`,
    command: command as unknown as AnyCommand,
    bytes: () => encodeCommand(command, handles, parameters, sessions),
  };
}

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
    bytes(blobs) {
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

function startSession(chance: Chance): Step {
  return made(chance, policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], {
    nonce: new Uint8Array(chance.pick([16, 16, 32, 32, 0, 15, 33, 65])).fill(2),
    salt: new Uint8Array(chance.oneIn(10) ? 8 : 0),
    type: chance.pick([1, 1, 1, 1, 3, 2]),
    symmetric: chance.oneIn(12) ? 0x0099 : ALG.NULL,
    hash: chance.oneIn(12) ? 0x0099 : ALG.SHA256,
  });
}

function policySecret(chance: Chance): Step {
  return made(chance, policy.policySecret, [HIERARCHY.ENDORSEMENT, policySession(chance)], {
    nonce: new Uint8Array(chance.oneIn(10) ? chance.pick([16, 65]) : 0).fill(7),
    cpHash: NOTHING,
    policyRef: new Uint8Array(chance.pick([0, 0, 0, 0, 4, 65])).fill(1),
    expirationS: 0,
  });
}

/** A storage key made for a policy, a session that shows it, and the command that wants both. */
function endorsed(chance: Chance): readonly Step[] {
  return [
    primary(chance, HIERARCHY.ENDORSEMENT, ENDORSED),
    startSession(chance),
    policySecret(chance),
    activate(chance),
  ];
}

function activate(chance: Chance): Step {
  const parameters = {
    credential: new Uint8Array(chance.pick([0, 20, 68, 132, 133])).fill(chance.pick([0, 1])),
    secret: chance.pick([
      NOTHING,
      new Uint8Array(4),
      new Uint8Array(68),
      OFF_CURVE,
      ON_CURVE,
      Uint8Array.from([...ON_CURVE, 0]),
    ]),
  };
  const handles = [object(chance), object(chance)];
  const first = chance.oneIn(6) ? policySession(chance) : HIERARCHY.PASSWORD;
  const second = chance.oneIn(3) ? HIERARCHY.PASSWORD : policySession(chance);
  return made(chance, policy.activateCredential, handles, parameters, [first, second]);
}

function policySession(chance: Chance): number {
  return chance.pick([0x03000000, 0x03000000, 0x03000000, 0x03000001, 0x03000002, 0x02000000, 0x03000003]);
}
