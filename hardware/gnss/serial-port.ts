/** The one file that names the npm package serialport: a serial device as a connection of bytes. */
import { SerialPort } from "serialport";
import type { Connect } from "./line-link.ts";

export function serialPort(path: string, baudRate: number): Connect {
  return (events) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      events.ended(reason);
    };
    const opening = new Promise<void>((resolve) => {
      port.open((error) => {
        if (error === null) events.opened();
        else end(error.message);
        resolve();
      });
    });
    port.on("data", (chunk: Buffer) => events.bytes(chunk));
    port.on("error", (error: Error) => end(error.message));
    port.on("close", (error: Error | null | undefined) => end(error?.message ?? "serial port closed"));
    return {
      async close() {
        over = true;
        // Closing a port in mid-opening is refused by the package, and would leave the device open.
        await opening;
        if (!port.isOpen) return;
        await new Promise<void>((resolve) => {
          // An error here means that the device went away by itself: it is free either way.
          port.close(() => resolve());
        });
      },
    };
  };
}
