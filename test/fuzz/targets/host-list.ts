/** A fleet's list of hosts, in CSV (profile/csv-document, host-list). */
import { type HostList, loadHostList } from "../../../src/profile/host-list.ts";
import { PROFILE_CODES } from "../../../src/profile/profile-error.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";

const FILE = "/f.csv";
const HASH = "0123456789abcdef".repeat(4);
const NAMES = "host,latitude,longitude,request,ek-hash,broker";
const SEEDS: readonly string[] = [
  `${NAMES}\na,52.5163deg,13.3777deg,a.yaml,${HASH},mqtt://b:1\n`,
  `host,latitude,longitude,request\r\n"a","52.5163deg","13.3777deg","a ""b"".yaml"\r\n\r\nb,1deg,-1deg,b.yaml\r\n`,
  `${NAMES}\n"a\nb",9deg,é°,x,,\nc,1\nd,1deg,1deg,d,,mqtts://[::1]:8883`,
  `request,host\n"`,
  `${NAMES}\n${"a,1deg,1deg,a,,\n".repeat(12)}`,
];

/** Each finding names a place in the file, what stands there and what may; no row is both sound and wrong; nothing throws. */
export function hostListTarget(load: (bytes: Uint8Array) => HostList = loaded): Target {
  return {
    name: "host-list",
    seeds: () => SEEDS.map((text) => new TextEncoder().encode(text)),
    mutators: plainMutators,
    bytesMax: 2_048,
    run(input) {
      const { hosts, errors } = load(input);
      const lines = Buffer.from(input).toString("utf8").split("\n").length;
      if (hosts.length + errors.length === 0) breach("a list without a host says why");
      for (const { line, column, row, path, code, found, allowed } of errors) {
        if (!(line >= 1 && line <= lines && column >= 1))
          breach(`a finding names a place in the file: ${line}:${column}`);
        if (/\p{Cc}/u.test(path + found)) breach("what goes to a terminal has no control characters");
        if (!Object.hasOwn(PROFILE_CODES, code)) breach("a finding has a code of the registry");
        if (found === "" || allowed === "") breach("a finding says what is there and what is allowed");
        if (hosts.some((host) => host.row === row)) breach("no row is both sound and wrong");
      }
      for (const host of hosts) {
        if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/.test(host.name)) breach("a host's name is fit for a file");
        if (host.at("request").line > lines) breach("a cell has its place in the file");
      }
    },
  };
}

function loaded(bytes: Uint8Array): HostList {
  return loadHostList(FILE, () => bytes);
}
