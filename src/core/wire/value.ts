/** What the codec carries: MessagePack without floats, maps, booleans and extensions (PROTOCOL §1). */
export type Value = null | number | bigint | string | Uint8Array | readonly Value[];

export const INTEGER_MIN: bigint = -(2n ** 63n);
export const INTEGER_MAX: bigint = 2n ** 64n - 1n;
