/** A TPM character device of the kernel: `/dev/tpmrm0` brings its own resource manager. */
import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../../../src/ports/clock.ts";
import { FRAME_BYTES_MAX } from "../codec/constants.ts";
import { announcedBytes } from "../codec/frame.ts";
import { type Connect, type TpmTransport, tpmLost } from "./transport.ts";

export type DeviceAddress = { readonly path: string; readonly timeoutUs: number };

/**
 * A read of the device cannot be cancelled: it holds a thread of the pool until the kernel lets go. So no second
 * handle is opened while a command of an earlier one still hangs (`tpm-lost`, and one thread at most is held).
 */
export function characterDevice(clock: Clock, address: DeviceAddress): Connect {
  let hanging: Promise<unknown> | null = null;
  const watch = (work: Promise<Uint8Array>): Promise<Uint8Array> => {
    const mine = work.finally(() => {
      if (hanging === mine) hanging = null;
    });
    hanging = mine;
    return mine;
  };
  return async () => {
    if (hanging !== null) throw tpmLost(`${address.path} still holds an earlier command`);
    const file = await open(address.path, "r+").catch((error: unknown) => {
      throw tpmLost(`${address.path} cannot be opened: ${String(error)}`, error);
    });
    return deviceTransport(clock, file, address, watch);
  };
}

function deviceTransport(
  clock: Clock,
  file: FileHandle,
  address: DeviceAddress,
  watch: (work: Promise<Uint8Array>) => Promise<Uint8Array>,
): TpmTransport {
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await file.close();
  };
  return {
    close,
    exchange(command) {
      return new Promise((resolve, reject) => {
        const cancel = clock.at(clock.read().bootUs + address.timeoutUs, () => {
          reject(tpmLost(`${address.path} gave no answer in time`));
        });
        watch(converse(file, command))
          .then(resolve, (error: unknown) => reject(tpmLost(`${address.path}: ${String(error)}`, error)))
          .finally(cancel);
      });
    },
  };
}

/** Writes the command whole, reads until the announced size is here: a read may answer in parts. */
async function converse(file: FileHandle, command: Uint8Array): Promise<Uint8Array> {
  for (let at = 0; at < command.length; ) {
    const { bytesWritten } = await file.write(command, at, command.length - at, null);
    if (bytesWritten === 0) throw new Error("the device takes no bytes");
    at += bytesWritten;
  }
  const buffer = new Uint8Array(FRAME_BYTES_MAX);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) throw new Error("the device ended in the middle of a response");
    length += bytesRead;
    const size = announcedBytes(buffer.subarray(0, length));
    if (size === null) continue;
    if (size < 0 || length > size) throw new Error("a response is out of bounds");
    if (length === size) return buffer.slice(0, length);
  }
}
