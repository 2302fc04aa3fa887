/** What a profile may say of a TPM driver, and how the drivers read it. */
import type { OptionSpec, OptionValues } from "../../src/ports/driver.ts";
import { PortError } from "../../src/ports/port-error.ts";

const DEVICE_PATH_DEFAULT = "/dev/tpmrm0";
const HOST_DEFAULT = "127.0.0.1";
/** A slow chip takes seconds to make a primary key (FACTS "TPM": 17-500 ms for a signature alone). */
const TIMEOUT_US_DEFAULT = 30_000_000;
/** NV index of the counter, in the owner's range 0x01800000-0x01bfffff. */
const COUNTER_INDEX_DEFAULT = 0x01807301;

const counter: OptionSpec = {
  kind: "integer",
  required: false,
  doc: "NV index of the agent's counter, in the owner's range; 25195265 (0x01807301) unless told",
};
const timeout: OptionSpec = {
  kind: "duration",
  required: false,
  doc: "longest wait for one command; 30 s unless told",
};
const keys: OptionSpec = {
  kind: "path",
  required: true,
  doc: "folder of the signing key's blobs, made with mode 0700; only this TPM can load them",
};

export const deviceOptions: Readonly<Record<string, OptionSpec>> = {
  path: { kind: "path", required: false, doc: `the character device; ${DEVICE_PATH_DEFAULT} unless told` },
  keys,
  counter,
  timeout,
};

export const swtpmOptions: Readonly<Record<string, OptionSpec>> = {
  host: { kind: "text", required: false, doc: `host of swtpm's command socket; ${HOST_DEFAULT} unless told` },
  port: { kind: "tcp-port", required: true, doc: "port of swtpm's command socket" },
  keys,
  counter,
  timeout,
};

export const simulatedOptions: Readonly<Record<string, OptionSpec>> = {
  state: {
    kind: "path",
    required: false,
    doc: "folder that keeps identity and counter over restarts; without it they end with the process",
  },
  counter,
};

export function textOption(options: OptionValues, name: string, otherwise?: string): string {
  const value = options[name] ?? otherwise;
  if (typeof value === "string" && value !== "") return value;
  throw misconfigured(name, "a text");
}

export function devicePath(options: OptionValues): string {
  return textOption(options, "path", DEVICE_PATH_DEFAULT);
}

export function hostOption(options: OptionValues): string {
  return textOption(options, "host", HOST_DEFAULT);
}

export function integerOption(options: OptionValues, name: string, otherwise?: number): number {
  const value = options[name] ?? otherwise;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw misconfigured(name, "an integer");
}

export function timeoutUs(options: OptionValues): number {
  return integerOption(options, "timeout", TIMEOUT_US_DEFAULT);
}

export function counterIndex(options: OptionValues): number {
  return integerOption(options, "counter", COUNTER_INDEX_DEFAULT);
}

export function misconfigured(name: string, wanted: string): PortError {
  return new PortError(
    "tpm",
    "tpm-misconfigured",
    `option "${name}" of the TPM driver must be ${wanted}`,
    false,
  );
}
