/** Non-volatile indices: the agent's counter and the EK certificate. */
import { PortError } from "../../../src/ports/port-error.ts";
import * as commands from "../codec/commands.ts";
import { ALG, HIERARCHY, NV, NV_COUNTER_ATTRIBUTES, RC } from "../codec/constants.ts";
import type { NvPublic } from "../codec/structures.ts";
import { type Conversation, refusal } from "./conversation.ts";

/** TPM_RC_HANDLE of the first handle: no such index. */
const RC_NO_INDEX = 0x18b;
/** Real chips take this much in one read (FACTS "TPM"). */
const NV_CHUNK_BYTES_MAX = 512;
const COUNTER_BYTES = 8;
const DER_SEQUENCE_LONG = 0x3082;
const DER_HEADER_BYTES = 4;

/** Defines the counter where it is not yet; PortError `tpm-counter-taken` when the index is somebody else's. */
export async function defineCounter(talk: Conversation, index: number): Promise<void> {
  const present = await readPublic(talk, index);
  if (present === null) {
    const area = { nameAlg: ALG.SHA256, attributes: NV_COUNTER_ATTRIBUTES, dataSize: COUNTER_BYTES };
    await talk.run(commands.nvDefineSpace, [HIERARCHY.OWNER], {
      auth: new Uint8Array(0),
      public: { index, authPolicy: new Uint8Array(0), ...area },
    });
    return;
  }
  if ((present.attributes & ~NV.WRITTEN) !== NV_COUNTER_ATTRIBUTES || present.dataSize !== COUNTER_BYTES) {
    const text = `NV index 0x${index.toString(16)} is not a counter of this agent`;
    throw new PortError("tpm", "tpm-counter-taken", text, false);
  }
}

/** 0n before the first increment (TPM_RC_NV_UNINITIALIZED). */
export async function readCounter(talk: Conversation, index: number): Promise<bigint> {
  const answer = await talk.ask(commands.nvRead, [index, index], { size: COUNTER_BYTES, offset: 0 });
  if (answer.kind === "code") {
    if (answer.code === RC.NV_UNINITIALIZED) return 0n;
    throw refusal("NV_Read", answer.code);
  }
  const { data } = answer.response;
  if (data.length !== COUNTER_BYTES) {
    throw new PortError("tpm", "tpm-failed", `TPM2_NV_Read: a counter of ${data.length} bytes`, false);
  }
  return new DataView(data.buffer, data.byteOffset, COUNTER_BYTES).getBigUint64(0);
}

/** DER of the EK certificate that the TPM holds at `index` and lets us read, or null. */
export async function readEkCertificate(talk: Conversation, index: number): Promise<Uint8Array | null> {
  const present = await readPublic(talk, index);
  const area = present === null ? null : await readArea(talk, index, present);
  return area === null ? null : withoutPadding(area);
}

async function readPublic(talk: Conversation, index: number): Promise<NvPublic | null> {
  const answer = await talk.ask(commands.nvReadPublic, [index], {});
  if (answer.kind === "success") return answer.response.public;
  if (answer.code === RC_NO_INDEX) return null;
  throw refusal("NV_ReadPublic", answer.code);
}

async function readArea(talk: Conversation, index: number, area: NvPublic): Promise<Uint8Array | null> {
  const authority = (area.attributes & NV.AUTH_READ) !== 0 ? index : HIERARCHY.OWNER;
  const out = new Uint8Array(area.dataSize);
  for (let offset = 0; offset < out.length; offset += NV_CHUNK_BYTES_MAX) {
    const size = Math.min(NV_CHUNK_BYTES_MAX, out.length - offset);
    const answer = await talk.ask(commands.nvRead, [authority, index], { size, offset });
    // Never written, or not ours to read: a TPM without a certificate, not a failed one.
    if (answer.kind === "code" || answer.response.data.length !== size) return null;
    out.set(answer.response.data, offset);
  }
  return out;
}

/** The index may be larger than the certificate: its DER header says where it ends. */
function withoutPadding(area: Uint8Array): Uint8Array | null {
  if (area.length < DER_HEADER_BYTES) return null;
  const view = new DataView(area.buffer, area.byteOffset, area.byteLength);
  const end = DER_HEADER_BYTES + view.getUint16(2);
  return view.getUint16(0) === DER_SEQUENCE_LONG && end <= area.length ? area.slice(0, end) : null;
}
