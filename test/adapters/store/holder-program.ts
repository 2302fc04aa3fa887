/** A program of its own for the tests: opens the store of a folder, appends without end, prints each acknowledgement. */
import { openNodeDisk } from "../../../src/adapters/store/node-disk.ts";
import { openSegmentStore } from "../../../src/adapters/store/segment-store.ts";
import { systemEntropy } from "../../../src/adapters/system/entropy.ts";
import { numbered } from "../../conformance/store-frames.ts";

const disk = await openNodeDisk(process.argv[2] ?? "");
const store = await openSegmentStore({ disk, entropy: systemEntropy(), segmentBytes: 64 * 1024 });
process.stdout.write("open\n");
// Ends when the test kills it.
for (let number = store.size; ; number++) {
  await store.append([numbered(number, 500)]);
  process.stdout.write(`${number}\n`);
}
