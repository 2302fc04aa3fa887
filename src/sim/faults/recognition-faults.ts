/** Recognitions between the two roots of a world that fall in mid-run: revoked, run out, or narrowed to nobody's band. */
import type { Recogniser } from "../abroad.ts";
import type { Fault, FaultParts } from "./fault.ts";

const SIDES: readonly [Recogniser, ...Recogniser[]] = ["home", "abroad"];
const RUNS_OUT_WITHIN_US = 12_000_000;

export function recognitionFaults({ licensing, chance }: FaultParts): readonly Fault[] {
  const fault = (
    name: "recognition-revoked" | "recognition-expires" | "recognition-narrowed",
    manner: () => { readonly lastsUs: number | null; readonly isNarrow: boolean } | null,
  ): Fault => ({
    name,
    weight: 8,
    strike() {
      const [by, instead] = [chance.pick(SIDES), manner()];
      if (!licensing.hasAbroad()) return "in-vain";
      licensing.unrecognise(by);
      if (instead !== null) licensing.recognise(by, instead.lastsUs, instead.isNarrow);
      return () => licensing.recognise(by, null, false);
    },
  });
  return [
    fault("recognition-revoked", () => null),
    fault("recognition-expires", () => ({
      lastsUs: chance.between(1_000_000, RUNS_OUT_WITHIN_US),
      isNarrow: false,
    })),
    fault("recognition-narrowed", () => ({ lastsUs: null, isNarrow: true })),
  ];
}
