/** The operator's way into a running agent: requests over a local socket. */

/** JSON values only. `verb` is one of the registered control verbs, e.g. `status`, `offer`, `accept`. */
export type ControlRequest = { readonly verb: string; readonly arguments: Readonly<Record<string, unknown>> };

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly exit: number };

export type ControlHandler = (request: ControlRequest) => Promise<ControlAnswer>;

export interface ControlServer {
  close(): Promise<void>;
}
