/** The TPM commands of this driver, one table entry each (TPM 2.0 part 3). Client and simulator read the same table. */

import { type Command, command } from "./command.ts";
import {
  blob,
  checked,
  FAULT,
  type Field,
  list,
  parameters,
  record,
  rest,
  sized,
  u16,
  u32,
  yesNo,
} from "./field.ts";
import type {
  EccPublic,
  EcdsaSignature,
  NvPublic,
  PcrSelection,
  PublicArea,
  Scheme,
  SensitiveCreate,
  TaggedDigest,
  Ticket,
  TimeInfo,
} from "./structures.ts";
import * as structures from "./structures.ts";

type Empty = Readonly<Record<string, never>>;
const empty: Field<Empty> = record<Empty>({});

const privateBlob = blob(1024);
const attestation = blob(1024);
const nvData = blob(1024);

export type StartupParameters = { readonly type: number };
const startupType = checked(u16, FAULT.VALUE, (type) => type <= 1);

export const startup: Command<StartupParameters, Empty> = command("Startup", 0x144, {
  sessions: false,
  parameters: parameters<StartupParameters>({ type: startupType }),
  response: empty,
});

export const shutdown: Command<StartupParameters, Empty> = command("Shutdown", 0x145, {
  parameters: parameters<StartupParameters>({ type: startupType }),
  response: empty,
});

export type SelfTestParameters = { readonly full: boolean };
export const selfTest: Command<SelfTestParameters, Empty> = command("SelfTest", 0x143, {
  parameters: parameters<SelfTestParameters>({ full: yesNo }),
  response: empty,
});

export type CapabilityParameters = {
  readonly capability: number;
  readonly property: number;
  readonly count: number;
};
/** `list` is the TPML of the capability: `handleList` or `propertyList` reads it. */
export type CapabilityResponse = {
  readonly more: boolean;
  readonly capability: number;
  readonly list: Uint8Array;
};
export const getCapability: Command<CapabilityParameters, CapabilityResponse> = command(
  "GetCapability",
  0x17a,
  {
    parameters: parameters<CapabilityParameters>({ capability: u32, property: u32, count: u32 }),
    response: record<CapabilityResponse>({ more: yesNo, capability: u32, list: rest }),
  },
);
export const handleList: Field<readonly number[]> = list(u32, 254);
export type Property = { readonly property: number; readonly value: number };
export const propertyList: Field<readonly Property[]> = list(
  record<Property>({ property: u32, value: u32 }),
  127,
);

export type FlushParameters = { readonly handle: number };
/** The handle is a parameter here, not part of the handle area. */
export const flushContext: Command<FlushParameters, Empty> = command("FlushContext", 0x165, {
  sessions: false,
  parameters: parameters<FlushParameters>({ handle: u32 }),
  response: empty,
});

export type CreateParameters<K = EccPublic> = {
  readonly sensitive: SensitiveCreate;
  readonly public: K;
  readonly outsideData: Uint8Array;
  readonly creationPcrs: readonly PcrSelection[];
};
const createParameters = <K>(key: Field<K>): Field<CreateParameters<K>> =>
  parameters<CreateParameters<K>>({
    sensitive: sized(structures.sensitiveCreate),
    public: sized(key),
    outsideData: structures.data,
    creationPcrs: structures.pcrSelections,
  });
type Creation = {
  readonly creationData: Uint8Array;
  readonly creationHash: Uint8Array;
  readonly creationTicket: Ticket;
};
const creation = {
  creationData: blob(1024),
  creationHash: structures.digest,
  creationTicket: structures.ticket,
};

type PrimaryParameters = CreateParameters<PublicArea>;
export type PrimaryResponse = { readonly public: PublicArea } & Creation & {
    readonly name: Uint8Array;
  };
export const createPrimary: Command<PrimaryParameters, PrimaryResponse> = command("CreatePrimary", 0x131, {
  handles: ["hierarchy"],
  authorisations: 1,
  parameters: createParameters(structures.publicArea),
  answersHandle: true,
  response: record<PrimaryResponse>({
    public: sized(structures.publicArea),
    ...creation,
    name: structures.name,
  }),
});

export type CreateResponse = { readonly private: Uint8Array; readonly public: EccPublic } & Creation;
export const create: Command<CreateParameters, CreateResponse> = command("Create", 0x153, {
  handles: ["object"],
  authorisations: 1,
  parameters: createParameters(structures.eccPublic),
  response: record<CreateResponse>({
    private: privateBlob,
    public: sized(structures.eccPublic),
    ...creation,
  }),
});

export type LoadParameters = { readonly private: Uint8Array; readonly public: EccPublic };
export type LoadResponse = { readonly name: Uint8Array };
export const load: Command<LoadParameters, LoadResponse> = command("Load", 0x157, {
  handles: ["object"],
  authorisations: 1,
  parameters: parameters<LoadParameters>({ private: privateBlob, public: sized(structures.eccPublic) }),
  answersHandle: true,
  response: record<LoadResponse>({ name: structures.name }),
});

export type ReadPublicResponse = {
  /** Left as bytes: a key of somebody else's may be of any type. */
  readonly public: Uint8Array;
  readonly name: Uint8Array;
  readonly qualifiedName: Uint8Array;
};
export const readPublic: Command<Empty, ReadPublicResponse> = command("ReadPublic", 0x173, {
  handles: ["object"],
  parameters: empty,
  response: record<ReadPublicResponse>({
    public: blob(1024),
    name: structures.name,
    qualifiedName: structures.name,
  }),
});

export type SignParameters = {
  readonly digest: Uint8Array;
  readonly scheme: Scheme | null;
  readonly validation: Ticket;
};
export type SignResponse = { readonly signature: EcdsaSignature };
export const sign: Command<SignParameters, SignResponse> = command("Sign", 0x15d, {
  handles: ["object"],
  authorisations: 1,
  parameters: parameters<SignParameters>({
    digest: structures.digest,
    scheme: structures.signatureScheme,
    validation: structures.hashCheckTicket,
  }),
  response: record<SignResponse>({ signature: structures.ecdsaSignature }),
});

export type AttestParameters = { readonly qualifying: Uint8Array; readonly scheme: Scheme | null };
const attestParameters = parameters<AttestParameters>({
  qualifying: structures.data,
  scheme: structures.signatureScheme,
});
export type AttestResponse = { readonly attestation: Uint8Array; readonly signature: EcdsaSignature };
const attestResponse = record<AttestResponse>({ attestation, signature: structures.ecdsaSignature });

export const certify: Command<AttestParameters, AttestResponse> = command("Certify", 0x148, {
  handles: ["object", "object"],
  authorisations: 2,
  parameters: attestParameters,
  response: attestResponse,
});

export type QuoteParameters = AttestParameters & { readonly pcrs: readonly PcrSelection[] };
export const quote: Command<QuoteParameters, AttestResponse> = command("Quote", 0x158, {
  handles: ["object"],
  authorisations: 1,
  parameters: parameters<QuoteParameters>({
    qualifying: structures.data,
    scheme: structures.signatureScheme,
    pcrs: structures.pcrSelections,
  }),
  response: attestResponse,
});

export const getTime: Command<AttestParameters, AttestResponse> = command("GetTime", 0x14c, {
  handles: ["endorsement", "object"],
  authorisations: 2,
  parameters: attestParameters,
  response: attestResponse,
});

export type ReadClockResponse = { readonly time: TimeInfo };
export const readClock: Command<Empty, ReadClockResponse> = command("ReadClock", 0x181, {
  sessions: false,
  parameters: empty,
  response: record<ReadClockResponse>({ time: structures.timeInfo }),
});

export type NvDefineParameters = { readonly auth: Uint8Array; readonly public: NvPublic };
export const nvDefineSpace: Command<NvDefineParameters, Empty> = command("NV_DefineSpace", 0x12a, {
  handles: ["provision"],
  authorisations: 1,
  parameters: parameters<NvDefineParameters>({
    auth: structures.digest,
    public: sized(structures.nvPublic),
  }),
  response: empty,
});

export const nvUndefineSpace: Command<Empty, Empty> = command("NV_UndefineSpace", 0x122, {
  handles: ["provision", "nv-index"],
  authorisations: 1,
  parameters: empty,
  response: empty,
});

export const nvIncrement: Command<Empty, Empty> = command("NV_Increment", 0x134, {
  handles: ["nv-auth", "nv-index"],
  authorisations: 1,
  parameters: empty,
  response: empty,
});

export type NvReadParameters = { readonly size: number; readonly offset: number };
export type NvReadResponse = { readonly data: Uint8Array };
export const nvRead: Command<NvReadParameters, NvReadResponse> = command("NV_Read", 0x14e, {
  handles: ["nv-auth", "nv-index"],
  authorisations: 1,
  parameters: parameters<NvReadParameters>({ size: u16, offset: u16 }),
  response: record<NvReadResponse>({ data: nvData }),
});

export type NvReadPublicResponse = { readonly public: NvPublic; readonly name: Uint8Array };
export const nvReadPublic: Command<Empty, NvReadPublicResponse> = command("NV_ReadPublic", 0x169, {
  handles: ["nv-index"],
  parameters: empty,
  response: record<NvReadPublicResponse>({ public: sized(structures.nvPublic), name: structures.name }),
});

export type PcrReadParameters = { readonly pcrs: readonly PcrSelection[] };
export type PcrReadResponse = {
  readonly updates: number;
  readonly pcrs: readonly PcrSelection[];
  readonly digests: readonly Uint8Array[];
};
export const pcrRead: Command<PcrReadParameters, PcrReadResponse> = command("PCR_Read", 0x17e, {
  parameters: parameters<PcrReadParameters>({ pcrs: structures.pcrSelections }),
  response: record<PcrReadResponse>({
    updates: u32,
    pcrs: structures.pcrSelections,
    digests: structures.digests,
  }),
});

export type PcrExtendParameters = { readonly digests: readonly TaggedDigest[] };
export const pcrExtend: Command<PcrExtendParameters, Empty> = command("PCR_Extend", 0x182, {
  handles: ["pcr"],
  authorisations: 1,
  parameters: parameters<PcrExtendParameters>({ digests: structures.digestValues }),
  response: empty,
});

export type RandomParameters = { readonly length: number };
export type RandomResponse = { readonly bytes: Uint8Array };
export const getRandom: Command<RandomParameters, RandomResponse> = command("GetRandom", 0x17b, {
  parameters: parameters<RandomParameters>({ length: u16 }),
  response: record<RandomResponse>({ bytes: structures.digest }),
});
