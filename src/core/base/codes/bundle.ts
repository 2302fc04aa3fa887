/** Ids of a bundle file that cannot be read or written; what its records show stands under audit (PROTOCOL §9). */
import type { CodeRoom } from "./entry.ts";

const FILE = "Ask its exporter for a new bundle; this one was cut, mixed or changed on its way.";
const SHORTER = "Ask for bundles of shorter intervals.";

export const bundleCodes: CodeRoom = {
  "bundle-lease-unknown": {
    means: "The log has no lease whose artifact begins with these digits, or several.",
    measured: ["artifact", "leases"],
    required: ["leases"],
    do: "`spectrum-agent status` lists the leases; give more digits where there are several.",
    clause: "PROTOCOL §6",
    exit: 4,
  },
  "bundle-empty": {
    means: "The file holds no line.",
    measured: ["lines"],
    required: ["linesMin"],
    do: FILE,
    clause: "PROTOCOL §9",
    exit: 1,
  },
  "bundle-schema": {
    means: "The file's first line does not say that it is a bundle of this version.",
    measured: ["schema"],
    required: ["schema"],
    do: "Check that it is the right file, and that this program is not older than the exporter's.",
    clause: "PROTOCOL §9",
    exit: 1,
  },
  "bundle-malformed": {
    means: "A line of the file is not what the format says.",
    measured: [],
    required: ["form"],
    do: FILE,
    clause: "PROTOCOL §9",
    exit: 1,
  },
  "bundle-too-long": {
    means: "The file holds more records than are read in one run.",
    measured: [],
    required: ["recordsMax"],
    do: SHORTER,
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 1,
  },
  "bundle-too-large": {
    means: "The file, or the one that would be written, is larger than a bundle may be.",
    measured: ["bytesMin"],
    required: ["bytesMax"],
    do: SHORTER,
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 1,
  },
  "bundle-line-too-long": {
    means: "A line of the file is longer than a record's line can be.",
    measured: [],
    required: ["lineBytesMax"],
    do: FILE,
    clause: "PROTOCOL §8: bounded by named counts",
    exit: 1,
  },
  "bundle-not-utf8": {
    means: "A line of the file is not valid UTF-8.",
    measured: [],
    required: ["form"],
    do: FILE,
    clause: "PROTOCOL §9; RFC 3629",
    exit: 1,
  },
  "bundle-truncated": {
    means: "The file ends in the middle of a line: it was cut off.",
    measured: ["bytesAfterLastLine"],
    required: ["end"],
    do: FILE,
    clause: "PROTOCOL §9",
    exit: 1,
  },
  "bundle-unreadable": {
    means: "The disk does not give the file.",
    measured: [],
    required: [],
    do: "Check its path, and that you may read it.",
    clause: "DESIGN §4",
    exit: 78,
  },
  "bundle-unwritable": {
    means: "The disk does not take the file; nothing stands at its path that was not there before.",
    measured: [],
    required: [],
    do: "Check the folder's rights and free room.",
    clause: "DESIGN §4",
    exit: 5,
  },
  "bundle-source-damaged": {
    means: "The log that was to be exported holds something that is no record.",
    measured: [],
    required: [],
    do: "As for `log-corrupt`: copy the log, check the disk, and restore the newest good copy.",
    clause: "PROTOCOL §2: state after a restart is the fold over the frames",
    exit: 5,
  },
};
