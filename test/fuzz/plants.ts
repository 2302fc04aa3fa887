/** Readers that break one invariant each, built around the real ones: what the targets have to find. */
import { gpsdSession } from "../../hardware/gnss/gpsd/session.ts";
import { nmeaSession } from "../../hardware/gnss/nmea-serial.ts";
import { decodeResponse } from "../../hardware/tpm/codec/frame.ts";
import { dispatch } from "../../hardware/tpm/simulator/dispatch.ts";
import { bundleLines } from "../../src/adapters/bundle/bundle-lines.ts";
import { memoryLog } from "../../src/adapters/log/memory-log.ts";
import { step } from "../../src/core/agent/step.ts";
import { readPcrApproval } from "../../src/core/attestation/pcr-approval.ts";
import { parseTpmAttest } from "../../src/core/attestation/tpm-attest.ts";
import { bundleReader } from "../../src/core/audit/bundle.ts";
import { checkChain } from "../../src/core/authority/chain.ts";
import { concat, toHex } from "../../src/core/base/bytes.ts";
import { accept } from "../../src/core/base/rejection.ts";
import { readRecord } from "../../src/core/record/record.ts";
import { decode } from "../../src/core/wire/decode.ts";
import { readEnvelope } from "../../src/core/wire/envelope.ts";
import { limits } from "../../src/core/wire/limits.ts";
import { readWant } from "../../src/core/wire/want.ts";
import { loadHostList } from "../../src/profile/host-list.ts";
import type { Plant } from "./plant.ts";
import { plantsOfLines } from "./plants-of-lines.ts";
import { attestTarget } from "./targets/attest.ts";
import { bundleTarget } from "./targets/bundle.ts";
import { chainTarget } from "./targets/chain.ts";
import { envelopeTarget } from "./targets/envelope.ts";
import { gpsdTarget } from "./targets/gpsd.ts";
import { hostListTarget } from "./targets/host-list.ts";
import { nmeaTarget } from "./targets/nmea.ts";
import { pcrApprovalTarget } from "./targets/pcr-approval.ts";
import { recordTarget } from "./targets/record.ts";
import { stepTarget } from "./targets/step.ts";
import { tpmCommandTarget } from "./targets/tpm-command.ts";
import { tpmResponseTarget } from "./targets/tpm-response.ts";
import { verifyTarget } from "./targets/verify.ts";
import { wantTarget } from "./targets/want.ts";
import { wireTarget } from "./targets/wire.ts";

const wire = (bytes: Uint8Array) => decode(bytes, limits.ENVELOPE_BYTES_MAX);

/** Without its last byte: what a reader does that ignores bytes after the end. */
const withoutLast = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.max(0, bytes.length - 1));

function isTrailing(answer: ReturnType<typeof wire>): boolean {
  return !answer.ok && answer.rejections[0]?.code === "wire-trailing-bytes";
}

export const plants: readonly Plant[] = [
  {
    says: "a list of hosts whose rows with too few cells go on as hosts of the row before",
    target: () =>
      hostListTarget((bytes) => {
        const { hosts, errors } = loadHostList("/f.csv", () => bytes);
        const [last] = hosts;
        const short = errors.find(({ code, row }) => code === "field-count" && row > 0);
        return last === undefined || short === undefined
          ? { hosts, errors }
          : { hosts: [...hosts, { ...last, row: short.row }], errors };
      }),
    batches: 8,
    breach: /both sound and wrong/,
  },
  {
    says: "a codec that takes an integer that is not minimal",
    target: () =>
      wireTarget((bytes) => {
        const [tag, value] = bytes;
        return tag === 0xcc && bytes.length === 2 ? accept(value ?? 0) : wire(bytes);
      }),
    batches: 40,
    breach: /re-encodes to the same bytes/,
  },
  {
    says: "a codec that takes bytes after the value",
    target: () =>
      wireTarget((bytes) => {
        const answer = wire(bytes);
        return isTrailing(answer) ? wire(withoutLast(bytes)) : answer;
      }),
    batches: 20,
    breach: /re-encodes to the same bytes/,
  },
  {
    says: "a codec that throws where it is too deep",
    target: () =>
      wireTarget((bytes) => {
        const answer = wire(bytes);
        if (!answer.ok && answer.rejections[0]?.code === "wire-too-deep") throw new RangeError("stack");
        return answer;
      }),
    batches: 20,
    breach: /RangeError: stack/,
  },
  {
    says: "a codec that makes more of a value than its bytes",
    target: () =>
      wireTarget((bytes) => (bytes[0] === 0x91 ? accept(Array(bytes.length + 1).fill(null)) : wire(bytes))),
    batches: 20,
    breach: /linear in the input/,
  },
  {
    says: "an envelope reader that turns openings round",
    target: () =>
      envelopeTarget((bytes) => {
        const answer = readEnvelope(bytes);
        const isOpened = answer.ok && answer.value.openings.length > 1;
        return isOpened ? accept({ ...answer.value, openings: answer.value.openings.toReversed() }) : answer;
      }),
    batches: 60,
    breach: /an envelope re-encodes to the same bytes/,
  },
  {
    says: "a record reader that caps a position",
    target: () =>
      recordTarget((envelope, sha256) => {
        const answer = readRecord(envelope, sha256);
        if (!answer.ok) return answer;
        const { seq } = answer.value.header;
        return accept({ ...answer.value, header: { ...answer.value.header, seq: Math.min(seq, 200) } });
      }),
    batches: 60,
    breach: /re-encodes to the same bytes/,
  },
  {
    says: "a want reader that forgets how many ids there may be",
    target: () =>
      wantTarget((bytes) => {
        const answer = readWant(bytes);
        const value = wire(bytes);
        if (answer.ok || !value.ok || !Array.isArray(value.value)) return answer;
        const [tag, lineage, ids] = value.value as readonly unknown[];
        if (bytes[0] !== 0x93 || tag !== "want" || !(lineage instanceof Uint8Array) || !Array.isArray(ids))
          return answer;
        return accept({ lineage, ids: ids as readonly Uint8Array[] });
      }),
    batches: 78,
    breach: /1 to 16 ids/,
  },
  {
    says: "a chain whose links may pass on more verbs than they have",
    target: () =>
      chainTarget((chain, demand) =>
        checkChain(chain, demand).map((each) =>
          each.code === "link-verbs" ? { ...each, passed: true } : each,
        ),
      ),
    batches: 78,
    breach: /no verb is added/,
  },
  {
    says: "a chain whose boxes are not compared",
    target: () =>
      chainTarget((chain, demand) =>
        checkChain(chain, demand).map((each) =>
          each.code.startsWith("box-") ? { ...each, passed: true } : each,
        ),
      ),
    seed: 4,
    batches: 40,
    breach: /each box is inside one box of the parent/,
  },
  {
    says: "a bundle reader that mends broken UTF-8, chunk by chunk",
    target: () =>
      bundleTarget((chunks) => {
        const lines = bundleLines(bundleReader());
        for (const chunk of chunks) {
          const taken = lines.take(new Uint8Array(Buffer.from(Buffer.from(chunk).toString("utf8"))));
          if (!taken.ok) return taken;
        }
        return lines.end();
      }),
    batches: 60,
    breach: /cut anywhere/,
  },
  {
    says: "a verdict that passes whatever its checks say",
    target: () => verifyTarget((envelopes, honest) => ({ ...honest(envelopes), verdict: "passed" })),
    batches: 1,
    breach: /fails exactly with a check that failed/,
  },
  {
    says: "a gpsd reader that throws at text that is no JSON",
    target: () =>
      gpsdTarget(() => {
        const session = gpsdSession({ source: "live", device: null, log: memoryLog() });
        return {
          hear(line, now) {
            JSON.parse(line);
            return session.hear(line, now);
          },
        };
      }),
    batches: 10,
    breach: /SyntaxError/,
  },
  {
    says: "a gpsd reader that passes half a position on",
    target: () =>
      gpsdTarget(() => {
        const session = gpsdSession({ source: "live", device: null, log: memoryLog() });
        return {
          hear(line, now) {
            const { understood, events } = session.hear(line, now);
            const isWhole = /"lat":\d+[,}]/.test(line);
            return {
              understood,
              events: events.map((each) =>
                each.kind === "fix" && isWhole
                  ? { kind: "fix", fix: { ...each.fix, latE7: 1, lonE7: null } }
                  : each,
              ),
            };
          },
        };
      }),
    batches: 80,
    breach: /half a position is none/,
  },
  {
    says: "an NMEA reader that lets a height that is no number through",
    target: () =>
      nmeaTarget(() => {
        const session = nmeaSession("/dev/ttyS0", "live");
        return {
          hear: session.hear,
          quiet: () =>
            session
              .quiet()
              .map((each) =>
                each.kind === "fix" && each.fix.heightMm === null
                  ? { kind: "fix", fix: { ...each.fix, heightMm: Number.NaN } }
                  : each,
              ),
        };
      }),
    batches: 10,
    breach: /heightMm is a whole number/,
  },
  {
    says: "a response reader that looks at no tag",
    target: () =>
      tpmResponseTarget((command, bytes) => {
        const tagged = bytes.slice();
        if (command.authorisations === 0 && tagged[0] === 0x80) tagged[1] = 0x01;
        return decodeResponse(command, tagged);
      }),
    batches: 40,
    breach: /sessions exactly where its command had them/,
  },
  {
    says: "a simulated TPM that answers nothing to half a header",
    target: () => tpmCommandTarget((tpm, bytes) => (bytes.length < 10 ? bytes : dispatch(tpm, bytes))),
    batches: 4,
    breach: /as long as it says/,
  },
  {
    says: "an attestation reader that throws where bytes are missing",
    target: () =>
      attestTarget((bytes, field) => {
        const answer = parseTpmAttest(bytes, field);
        if (!answer.ok && answer.rejections[0]?.code === "tpm-attest-malformed")
          throw new RangeError("short");
        return answer;
      }),
    batches: 10,
    breach: /RangeError: short/,
  },
  {
    says: "a reader of PCR approvals that takes them without any PCR",
    target: () =>
      pcrApprovalTarget((text) => {
        const answer = readPcrApproval(text);
        if (answer.ok || answer.rejections[0]?.field !== "pcrs") return answer;
        return accept({ approver: new Uint8Array(34), values: [], signature: new Uint8Array(64) });
      }),
    batches: 10,
    breach: /hold digests/,
  },
  {
    says: "a step that throws at a kind of record that it has not met",
    target: () =>
      stepTarget((agent, input, now) => {
        const effects = step(agent, input, now);
        if (effects.some((each) => each.kind === "note" && isDrop(each.event, "kind-unknown")))
          throw new TypeError("no such kind");
        return effects;
      }),
    batches: 8,
    breach: /TypeError: no such kind/,
  },
  {
    says: "a step that verifies no signature",
    target: () =>
      stepTarget((agent, input, now) => {
        const { primitives } = agent.config;
        const config = { ...agent.config, primitives: { ...primitives, verifySignature: () => true } };
        const credulous = { ...agent, config };
        const effects = step(credulous, input, now);
        Object.assign(agent, credulous, { config: agent.config });
        return effects;
      }),
    batches: 16,
    breach: /what nobody signed brings about no/,
  },
  {
    says: "a step that arms before its actuation is durable",
    target: () =>
      stepTarget((agent, input, now) =>
        step(agent, input, now).map((each) =>
          each.kind === "extend"
            ? { ...each, kind: "arm", actuation: concat(each.artifact), emission: NO_EMISSION }
            : each,
        ),
      ),
    batches: 16,
    breach: /RF waits for its actuation to be durable/,
  },
  {
    says: "a step whose deadline is beyond the reach",
    target: () =>
      stepTarget((agent, input, now) =>
        step(agent, input, now).map((each) =>
          each.kind === "extend" ? { ...each, deadlineBootUs: each.deadlineBootUs + 3_600_000_000 } : each,
        ),
      ),
    batches: 16,
    breach: /beyond the longest reach/,
  },
  {
    says: "a step that remembers every sender for ever",
    target: () =>
      stepTarget((agent, input, now) => {
        if (input.kind === "message" && input.bytes.length < 40) {
          for (let i = 0; i < 2_000; i++)
            agent.volatile.lanes.set(toHex(Uint8Array.of(i >> 8, i)), {
              windowStartUs: 0,
              messages: 0,
              rejections: 0,
              rejectionWindowStartUs: 0,
            });
        }
        return step(agent, input, now);
      }),
    batches: 16,
    breach: /lanes is bounded/,
  },
  ...plantsOfLines,
];

const NO_EMISSION = { lowerHz: 0, upperHz: 0, eirpCentiDbm: 0 } as never;

function isDrop(event: { readonly what: string; readonly code?: string }, code: string): boolean {
  return event.what === "dropped" && event.code === code;
}
