/** A policy session for one command: begun, satisfied, used, and never left behind (TPM 2.0 part 1 §19.7). */
import { PortError } from "../../../src/ports/port-error.ts";
import * as commands from "../codec/commands.ts";
import { ALG, HIERARCHY, SESSION } from "../codec/constants.ts";
import * as policy from "../codec/policy-commands.ts";
import type { Answer, Conversation } from "./conversation.ts";

const NONCE_BYTES = 16;
const NOTHING = new Uint8Array(0);

/** `use` sends the command that the session authorises: its success ends the session, anything else is followed by a flush. */
export async function withPolicySession<R>(
  talk: Conversation,
  use: (session: number) => Promise<Answer<R>>,
): Promise<Answer<R>> {
  const { handle } = await talk.run(policy.startAuthSession, [HIERARCHY.NULL, HIERARCHY.NULL], {
    // Nothing is encrypted or signed with it: the session's authority is the digest alone.
    nonce: new Uint8Array(NONCE_BYTES),
    salt: NOTHING,
    type: SESSION.POLICY,
    symmetric: ALG.NULL,
    hash: ALG.SHA256,
  });
  let isUsedUp = false;
  try {
    const answer = await use(handle);
    isUsedUp = answer.kind === "success";
    return answer;
  } finally {
    if (!isUsedUp) await flushQuietly(talk, handle);
  }
}

export async function flushedAfter<T>(
  talk: Conversation,
  handle: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    await flushQuietly(talk, handle);
  }
}

/** Where the TPM is lost or started anew, nothing is left to flush, and the caller hears of it from what failed. */
async function flushQuietly(talk: Conversation, handle: number): Promise<void> {
  await talk.ask(commands.flushContext, [], { handle }).catch((error: unknown) => {
    if (!(error instanceof PortError)) throw error;
  });
}
