/** The command tables: round trips, garbage, and frames that a broken or hostile device may answer. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attestationKey, signingKey, storageRootKey } from "../../../hardware/tpm/client/templates.ts";
import type { Command } from "../../../hardware/tpm/codec/command.ts";
import * as commands from "../../../hardware/tpm/codec/commands.ts";
import { decoded, encoded, FAULT, parameterFault, sourceOf } from "../../../hardware/tpm/codec/field.ts";
import {
  announcedBytes,
  decodeResponse,
  encodeCommand,
  encodeResponse,
  framed,
} from "../../../hardware/tpm/codec/frame.ts";
import * as policy from "../../../hardware/tpm/codec/policy-commands.ts";
import { eccPublic } from "../../../hardware/tpm/codec/structures.ts";

const NOTHING = new Uint8Array(0);
const acknowledged = { nonce: NOTHING, attributes: 1, secret: NOTHING };
const TABLE: readonly Command<object, object>[] = [
  ...Object.values(commands),
  ...Object.values(policy),
].filter((entry) => "response" in entry && "code" in entry) as unknown as Command<object, object>[];

describe("TPM codec", () => {
  test("has a table entry with its own code for each command", () => {
    expect(TABLE.length).toBe(30);
    expect(new Set(TABLE.map((entry) => entry.code)).size).toBe(TABLE.length);
  });

  test("writes TPM2_Startup(CLEAR) as the specification's bytes", () => {
    const bytes = encodeCommand(commands.startup, [], { type: 0 });
    expect(Buffer.from(bytes).toString("hex")).toBe("80010000000c000001440000");
  });

  test("puts one empty password before the parameters for each handle that needs one", () => {
    const bytes = encodeCommand(commands.certify, [0x80000001, 0x80000000], {
      qualifying: NOTHING,
      scheme: null,
    });
    const session = "400000090000000000";
    const expected = `80020000002c000001488000000180000000${"00000012"}${session}${session}00000010`;
    expect(Buffer.from(bytes).toString("hex")).toBe(expected);
  });

  test.each([
    ["attestation key", attestationKey],
    ["storage key", storageRootKey],
    ["signing key", signingKey],
  ])("reads back the template of the %s", (_name, template) => {
    expect(decoded(commands.create.parameters, encoded(commands.create.parameters, template))).toEqual(
      template,
    );
    expect(decoded(eccPublic, encoded(eccPublic, template.public))).toEqual(template.public);
  });

  test("names the parameter that a fault is in", () => {
    const bytes = encoded(commands.quote.parameters, {
      qualifying: new Uint8Array(32),
      scheme: null,
      pcrs: [],
    });
    const source = sourceOf(bytes.slice(0, bytes.length - 1));
    commands.quote.parameters.read(source);
    expect(source.fault).toBe(parameterFault(FAULT.INSUFFICIENT, 3));
  });

  test("never throws on garbage where a response or parameters should be", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TABLE), fc.uint8Array({ maxLength: 300 }), (command, garbage) => {
        expect(["malformed", "code"]).toContain(decodeResponse(command, garbage).kind);
        decodeResponse(command, framed(0x8001, 0, garbage));
        decodeResponse(command, framed(0x8002, 0, garbage));
        command.parameters.read(sourceOf(garbage));
      }),
    );
  });

  test("reads its own response, and takes no byte less or more", () => {
    const good = encodeResponse(commands.nvRead, null, { data: Uint8Array.of(1, 2, 3) }, [acknowledged]);
    const read = decodeResponse(commands.nvRead, good);
    expect(read).toEqual({ kind: "success", handle: 0, response: { data: Uint8Array.of(1, 2, 3) } });
    for (let length = 0; length < good.length; length++) {
      expect(decodeResponse(commands.nvRead, good.slice(0, length)).kind).toBe("malformed");
    }
    const longer = framed(0x8001, 0, Uint8Array.of(0, 1, 7, 9));
    expect(decodeResponse(commands.nvRead, longer).kind).toBe("malformed");
  });

  test("takes a success under the tag, and with the acknowledgements, that its command asked for alone", () => {
    const shut = encodeResponse(commands.shutdown, null, {});
    expect(decodeResponse(commands.shutdown, shut).kind).toBe("success");
    for (const tag of [0x8002, 0x8000, 0]) {
      expect(decodeResponse(commands.shutdown, framed(tag, 0, new Uint8Array(4))).kind).toBe("malformed");
      expect(decodeResponse(commands.shutdown, framed(tag, 0, NOTHING)).kind).toBe("malformed");
    }
    const data = { data: Uint8Array.of(1, 2, 3) };
    for (const sessions of [0, 2, 3]) {
      const acknowledgements = Array.from({ length: sessions }, () => acknowledged);
      const answer = encodeResponse(commands.nvRead, null, data, acknowledgements);
      expect(decodeResponse(commands.nvRead, answer).kind).toBe("malformed");
    }
    expect(decodeResponse(commands.shutdown, framed(0x8002, 0x101, NOTHING))).toEqual({
      kind: "code",
      code: 0x101,
    });
  });

  test("knows a header's size before the rest is here, and refuses one out of bounds", () => {
    expect(announcedBytes(Uint8Array.of(0x80, 1, 0, 0, 0))).toBeNull();
    expect(announcedBytes(Uint8Array.of(0x80, 1, 0, 0, 0, 12))).toBe(12);
    expect(announcedBytes(Uint8Array.of(0x80, 1, 0, 0, 0, 9))).toBe(-1);
    expect(announcedBytes(Uint8Array.of(0x80, 1, 0, 0, 0x10, 1))).toBe(-1);
  });
});
