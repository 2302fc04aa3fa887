/** One TPM command as a table entry (TPM 2.0 part 3): what goes in, what comes out, what it needs. */
import type { Field } from "./field.ts";

/** What a handle of the handle area may be; the simulator checks it, the client only sends it. */
export type HandleRole =
  | "nobody"
  | "hierarchy"
  | "endorsement"
  | "provision"
  | "object"
  | "policy-session"
  | "nv-auth"
  | "nv-index"
  | "pcr";

export type Command<P extends object, R extends object> = {
  readonly name: string;
  readonly code: number;
  /** Handle area, in order. */
  readonly handles: readonly HandleRole[];
  /** How many of the first handles need an authorisation. */
  readonly authorisations: number;
  /** Startup, PCR and clock commands take no session at all (TPM_RC_AUTH_CONTEXT). */
  readonly sessions: boolean;
  readonly parameters: Field<P>;
  readonly answersHandle: boolean;
  readonly response: Field<R>;
};

/** Without handles, authorisations and an answered handle, with sessions allowed, unless told. */
type Outline<P extends object, R extends object> = Pick<Command<P, R>, "parameters" | "response"> & {
  readonly handles?: readonly HandleRole[];
  readonly authorisations?: number;
  readonly sessions?: boolean;
  readonly answersHandle?: boolean;
};

export function command<P extends object, R extends object>(
  name: string,
  code: number,
  outline: Outline<P, R>,
): Command<P, R> {
  return { name, code, handles: [], authorisations: 0, sessions: true, answersHandle: false, ...outline };
}
