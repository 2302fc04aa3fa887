/** Reads the TPM's big-endian structures out of hostile bytes (TPM 2.0 part 2 §4). Never throws. */

/** After the first read past the end `short` stays true and every read answers zeros or nothing. */
export type TpmReader = { readonly bytes: Uint8Array; at: number; short: boolean };

export function tpmReader(bytes: Uint8Array): TpmReader {
  return { bytes, at: 0, short: false };
}

export function readBytes(reader: TpmReader, length: number): Uint8Array {
  if (reader.short || reader.at + length > reader.bytes.length) {
    reader.short = true;
    return new Uint8Array(0);
  }
  const from = reader.at;
  reader.at += length;
  return reader.bytes.slice(from, reader.at);
}

/** An unsigned integer of up to four bytes. */
export function readUint(reader: TpmReader, length: 1 | 2 | 4): number {
  let value = 0;
  for (const byte of readBytes(reader, length)) value = value * 256 + byte;
  return value;
}

export function readUint64(reader: TpmReader): bigint {
  let value = 0n;
  for (const byte of readBytes(reader, 8)) value = value * 256n + BigInt(byte);
  return value;
}

/** TPM2B: a 16-bit size and that many bytes. */
export function readSized(reader: TpmReader): Uint8Array {
  return readBytes(reader, readUint(reader, 2));
}

/** True when every byte was read and none was missing. */
export function atEnd(reader: TpmReader): boolean {
  return !reader.short && reader.at === reader.bytes.length;
}
