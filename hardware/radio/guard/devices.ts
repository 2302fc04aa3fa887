/** The devices that the guard program can own: one line adds one, loaded only when named. */
import type { OpenDevice } from "../device.ts";

export type DeviceEntry = { readonly id: string; load(): Promise<OpenDevice> };

export const guardDevices: readonly DeviceEntry[] = [
  {
    id: "simulated",
    load: async () => (await import("../simulated-device.ts")).openSimulatedDevice,
  },
];
