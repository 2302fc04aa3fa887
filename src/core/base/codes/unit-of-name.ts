/** The unit that a name carries at its end: `skewUs`, `lowerHz`, `worstMmMax` (PROTOCOL §1 Units; STYLE 15). */

/** Longest ending first, so that the boot clock's µs are not taken for those of UTC. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/(^b|B)ootUs$/, "µs of the boot clock"],
  [/[a-z]Us$/, "µs"],
  [/([a-z]|^)Ms$/, "ms"],
  [/[a-z]Hz$/, "Hz"],
  [/([a-z]|^)Mm$/, "mm"],
  [/[a-z]E7$/, "1e-7 degree"],
  [/(^c|C)entiDbm$/, "centi-dBm"],
  [/(^c|C)entiDb$/, "centi-dB"],
  [/(^c|C)entiPercent$/, "0.01%"],
  [/(^c|C)entiDbuvPerM$/, "centi-dB(µV/m)"],
  [/[a-z]Ppm$/, "ppm"],
  [/(^b|B)ytes$/, "bytes"],
  [/(^m|M)icroUnits$/, "millionths of the currency's unit"],
];

/** "" where the name ends in no unit: a count, a word, an id. `Min` and `Max` behind the unit are bounds of it. */
export function unitOfName(name: string): string {
  const bare = name.replace(/(Min|Max)$/, "");
  return ENDINGS.find(([ending]) => ending.test(bare))?.[1] ?? "";
}
