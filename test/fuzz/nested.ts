/** Blocks within blocks, for the test of the fuzzer itself: each is reached by one more byte of a word. */
export function nested(input: Uint8Array): number {
  let depth = 0;
  if (input[0] === 0x73) {
    depth += 1;
    if (input[1] === 0x70) {
      depth += 1;
      if (input[2] === 0x65) {
        depth += 1;
        if (input[3] === 0x63) {
          depth += 1;
        }
      }
    }
  }
  return depth;
}
