/** Ids of the block itself: how it may be cut, its power limits, and the polygon of its area (PROTOCOL §3, §6). */
import type { CodeRoom } from "./entry.ts";

const CUT = "Ask for a piece on the offer's raster and above its minimums, or for the whole block.";
const POLYGON = "Redraw the area as a simple polygon of 3 to 120 corners.";

export const commodityCodes: CodeRoom = {
  "block-indivisible": {
    means: "The offer lets the block only as a whole in this dimension: frequency, time or area.",
    measured: ["lowerHz", "upperHz", "fromUs", "untilUs", "vertices"],
    required: ["lowerHz", "upperHz", "fromUs", "untilUs", "step", "area", "vertices"],
    do: CUT,
    clause: "PROTOCOL §6 Recognition: inside the offer's by its steps",
    exit: 4,
  },
  "block-not-aligned": {
    means: "An edge of the piece is not a whole number of steps from the offered block's lower edge.",
    measured: ["lowerHz", "upperHz", "fromUs", "untilUs"],
    required: ["from", "step"],
    do: CUT,
    clause: "PROTOCOL §6 Recognition: inside the offer's by its steps",
    exit: 4,
  },
  "block-under-minimum": {
    means: "The piece is narrower, or shorter, than the least that is let; in the unit of the named field.",
    measured: ["width"],
    required: ["widthMin"],
    do: CUT,
    clause: "PROTOCOL §6 Recognition: inside the offer's by its steps",
    exit: 4,
  },
  "power-limit-exceeded": {
    means: "A power limit of the block is higher than the limit above it allows.",
    measured: ["measure", "detector", "referenceHz", "centiDbm"],
    required: ["measure", "detector", "referenceHz", "centiDbmMax", "parentBox"],
    do: "Lower the block's limit to the required one; mind the reference bandwidth of each.",
    clause: "PROTOCOL §3 Power",
    exit: 4,
  },
  "power-limit-missing": {
    means: "The block has no limit that would keep it under a limit of the scope that it lies in.",
    measured: ["limits", "kinds"],
    required: ["measure", "detector", "referenceHz", "centiDbmMax", "parentBox"],
    do: "Repeat the named limit in the block: every limit of the scope holds for each block in it.",
    clause: "PROTOCOL §3 Power: all hold",
    exit: 4,
  },
  "power-kind-not-comparable": {
    means:
      "Power is stated by another measure or detector than the limit: EIRP is not compared with ERP, nor rms with peak.",
    measured: ["limits", "kinds"],
    required: ["measure", "detector", "referenceHz", "centiDbmMax", "parentBox"],
    do: "State the power by the same measure and detector as the limit.",
    clause: "PROTOCOL §3 Power: like is compared with like; §10 conversions",
    exit: 4,
  },
  "power-above-limit": {
    means: "An emission is stronger, in the limit's reference bandwidth, than the limit.",
    measured: ["centiDbm", "occupiedHz"],
    required: ["measure", "detector", "referenceHz", "centiDbmMax"],
    do: "Lower the transmitter's power, or its gain to the antenna.",
    clause: "PROTOCOL §6 Invariant of emission",
    exit: 4,
  },
  "polygon-vertex-count": {
    means: "An area has fewer than three corners, or more than an area may have.",
    measured: ["vertices"],
    required: ["verticesMin", "verticesMax"],
    do: POLYGON,
    clause: "PROTOCOL §3 Scope: ≤ 120 vertices each",
    exit: 4,
  },
  "polygon-vertex-out-of-range": {
    means: "A corner of an area is no place on earth.",
    measured: ["latE7", "lonE7"],
    required: ["latE7Max", "lonE7Max", "integer"],
    do: "Check that latitude and longitude are in degrees, and not exchanged.",
    clause: "PROTOCOL §1 Units: 1e-7 degree",
    exit: 4,
  },
  "polygon-vertex-repeated": {
    means: "Two corners of an area are the same point; the first one is not repeated at the end.",
    measured: ["sameAs"],
    required: ["distinct"],
    do: "Leave out the repeated corner.",
    clause: "PROTOCOL §3 Scope: simple polygon",
    exit: 4,
  },
  "polygon-across-antimeridian": {
    means:
      "An edge of an area spans half the earth: it was meant to cross the 180° meridian, which no area may.",
    measured: ["spanE7"],
    required: ["spanE7Max"],
    do: "Cut the area at the meridian into two boxes.",
    clause: "PROTOCOL §3 Scope; RFC 7946 §3.1.9",
    exit: 4,
  },
  "polygon-zero-area": {
    means: "All corners of an area lie on one line.",
    measured: ["area"],
    required: ["areaAbove"],
    do: POLYGON,
    clause: "PROTOCOL §3 Scope: simple polygon",
    exit: 4,
  },
  "polygon-self-intersecting": {
    means: "Two edges of an area cross or touch.",
    measured: ["edge", "crosses"],
    required: ["simple"],
    do: "Put the corners into the order in which one would walk around the area.",
    clause: "PROTOCOL §3 Scope: simple polygon",
    exit: 4,
  },
};
