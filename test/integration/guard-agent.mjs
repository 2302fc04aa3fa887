/**
 * The agent's side of the guard tests: arms once through the shipped driver and then only lives, until a test
 * stops or kills it. Arguments: the driver's options as JSON, µs from now to the deadline, hex of lease and cause.
 */
import { bootClock } from "../../dist/hardware/radio/guard/boot-clock.js";
import { radioDrivers } from "../../dist/hardware/radio/registry.js";

const [options, aheadUs, lease, cause] = process.argv.slice(2);
const clock = bootClock();
const log = { debug() {}, info() {}, warn() {}, error() {} };
const driver = radioDrivers.find(({ id }) => id === "guarded-simulated");
const open = await driver.load();
const radio = await open({ clock, log, entropy: null }, JSON.parse(options));
const deadlineBootUs = clock.read().bootUs + Number(aheadUs);
await radio.arm({
  lease: Buffer.from(lease, "hex"),
  cause: Buffer.from(cause, "hex"),
  deadlineBootUs,
  emission: { lowerHz: 433_050_000, upperHz: 433_075_000, eirpCentiDbm: 1000 },
});
process.stdout.write(`${deadlineBootUs}\n`);
setInterval(() => {}, 1000);
