/** Broken readers of sockets, files and disks: each breaks one invariant of its target. */
import { guardRequest } from "../../hardware/radio/guard/guard-wire.ts";
import { readTransmitLog } from "../../hardware/world/transmit-log.ts";
import { decodeRequest } from "../../src/adapters/control/control-line.ts";
import { decodeFrames } from "../../src/adapters/store/segment-format.ts";
import type { Plant } from "./plant.ts";
import { controlTarget } from "./targets/control.ts";
import { etherTarget } from "./targets/ether.ts";
import { guardTarget } from "./targets/guard.ts";
import { operatorFileTarget } from "./targets/operator-file.ts";
import { packetGateTarget } from "./targets/packet-gate.ts";
import { segmentTarget } from "./targets/segment.ts";

export const plantsOfLines: readonly Plant[] = [
  {
    says: "a control socket that throws at text that is no JSON",
    target: () =>
      controlTarget((line) => {
        JSON.parse(Buffer.from(line).toString("utf8"));
        return decodeRequest(line);
      }),
    batches: 10,
    breach: /SyntaxError/,
  },
  {
    says: "a control socket that takes any number for a request's",
    target: () =>
      controlTarget((line) => {
        const request = decodeRequest(line);
        return request === null ? null : { ...request, id: request.id - 1 };
      }),
    batches: 10,
    breach: /a number from 1/,
  },
  {
    says: "a guard that takes any text for a power",
    target: () =>
      guardTarget((fields) => {
        const request = guardRequest(fields);
        if (request?.command.do !== "arm" || fields["id"] === 2) return request;
        const emission = { ...request.command.emission, eirpCentiDbm: Number.NaN };
        return { ...request, command: { ...request.command, emission } };
      }),
    batches: 20,
    breach: /an order's power/,
  },
  {
    says: "a transmit log that is read without its chain",
    target: () =>
      etherTarget((text) => {
        const report = readTransmitLog(text);
        return { ...report, entries: report.entries.map((each) => ({ ...each, bootUs: each.bootUs + 1 })) };
      }),
    batches: 10,
    breach: /written again, byte for byte/,
  },
  {
    says: "a gate that lets through what is too long",
    target: () => packetGateTarget(() => ({ push: (chunk) => chunk })),
    batches: 10,
    breach: /no packet is longer than the bound/,
  },
  {
    says: "a file's reader that says nothing of what is wrong",
    target: () => operatorFileTarget(() => ({ ok: false, errors: [] })),
    batches: 1,
    breach: /a refusal says why/,
  },
  {
    says: "a batch whose last frame may be cut off",
    target: () =>
      segmentTarget((body, count) => decodeFrames(body, count) ?? decodeFrames(body.subarray(0, -1), count)),
    batches: 40,
    breach: /a batch's body re-encodes/,
  },
];
