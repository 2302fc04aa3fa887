/** The receiver logs of gpsd's own regression tests, beside the checkout; absent on most machines. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const VECTOR_FOLDER: string = fileURLToPath(new URL("../../../../shared/vectors/gpsd/", import.meta.url));

export const VECTOR_LOGS = [
  "bu353s4",
  "quectel-eg25-g",
  "u-blox-m8t-time",
  "ublox-neo-m8n",
  "ublox-zed-f9p-rtk",
] as const;

export const vectorsMissing: string | null = existsSync(VECTOR_FOLDER)
  ? null
  : `skipped: the ${VECTOR_LOGS.length} receiver logs in ../shared/vectors/gpsd are not here`;

export function logPath(name: string): string {
  return `${VECTOR_FOLDER}${name}.log`;
}

/** Lines of the expected output of gpsd: NMEA sentences, JSON reports, and now and then binary. */
export function expectedLines(name: string): readonly string[] {
  return readFileSync(`${logPath(name)}.chk`, "latin1")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}
