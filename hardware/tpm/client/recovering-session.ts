/** A session that comes back by itself: the call after a loss connects again and makes the objects anew. */
import { equalBytes } from "../../../src/core/base/bytes.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import { identityChanged, openSession, type Session, type SessionSettings } from "./session.ts";

export type RecoveringSession = {
  /**
   * Runs `operation` alone: the TPM takes one command in flight. When the TPM says that it executed nothing because
   * it restarted or lost our objects, the operation runs a second time on a fresh session; after `tpm-lost`
   * nobody knows what was executed, so that goes to the caller. Rejects with `tpm-busy` when too many wait.
   */
  operate<T>(operation: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `leave` on the session that is there, if any, and refuses every later operation. Idempotent. */
  close(leave: (session: Session) => Promise<void>): Promise<void>;
};

const OPERATIONS_WAITING_MAX = 64;

export function recoveringSession(settings: SessionSettings): RecoveringSession {
  const enqueue = operationQueue();
  let session: Session | null = null;
  let known: Session | null = null;
  let closed = false;

  const lose = (reason: string): void => {
    settings.log.warn("tpm-lost", { reason });
    session?.conversation.close().catch(() => {});
    session = null;
  };

  const present = async (): Promise<Session> => {
    if (session !== null) return session;
    const fresh = await openSession(settings);
    if (known !== null && !sameKeys(known, fresh)) {
      fresh.conversation.close().catch(() => {});
      throw identityChanged("the TPM answers with other keys than the ones this agent opened");
    }
    settings.log.info(known === null ? "tpm-open" : "tpm-found");
    known = fresh;
    session = fresh;
    return fresh;
  };

  const attempt = async <T>(operation: (session: Session) => Promise<T>): Promise<T> => {
    const current = await present();
    try {
      return await operation(current);
    } catch (error) {
      if (error instanceof PortError && (error.code === "tpm-lost" || error.code === "tpm-restarted")) {
        lose(error.message);
      }
      throw error;
    }
  };

  return {
    operate: (operation) =>
      enqueue(async () => {
        if (closed) throw new PortError("tpm", "tpm-closed", "the TPM was closed", false);
        try {
          return await attempt(operation);
        } catch (error) {
          if (!(error instanceof PortError) || error.code !== "tpm-restarted") throw error;
          return attempt(operation);
        }
      }),
    close: (leave) =>
      enqueue(async () => {
        closed = true;
        const last = session;
        session = null;
        if (last !== null) await leave(last);
      }),
  };
}

function sameKeys(a: Session, b: Session): boolean {
  return equalBytes(a.ak.public, b.ak.public) && equalBytes(a.signing.public, b.signing.public);
}

type OperationQueue = <T>(operation: () => Promise<T>) => Promise<T>;

/** Operations in order, one at a time, with a bound on how many wait. */
function operationQueue(): OperationQueue {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (operation) => {
    if (waiting >= OPERATIONS_WAITING_MAX) {
      return Promise.reject(new PortError("tpm", "tpm-busy", `${waiting} operations wait for the TPM`, true));
    }
    waiting++;
    const mine = last.then(operation).finally(() => {
      waiting--;
    });
    last = mine.catch(() => {});
    return mine;
  };
}
