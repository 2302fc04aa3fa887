/** What stands between two clients of a simulated broker, and when it ends (src/sim/mesh-weather.ts). */
import { expect, test } from "vitest";
import { newChance } from "../../src/sim/chance.ts";
import { newFaultCounts } from "../../src/sim/fault-counts.ts";
import { newMeshWeather } from "../../src/sim/mesh-weather.ts";

const fair = () => newMeshWeather(newChance(1), newFaultCounts(), () => 0);

test("a partition lets each side hear itself alone, until it ends", () => {
  const weather = fair();
  const end = weather.part(new Set(["a", "b"]), 0);
  expect(weather.decide("a", "c")).toEqual([]);
  expect(weather.decide("c", "b")).toEqual([]);
  expect(weather.decide("a", "b")).toHaveLength(1);
  expect(weather.decide("c", "d")).toHaveLength(1);
  end();
  expect(weather.decide("a", "c")).toHaveLength(1);
});

test("a partition that took another one's place outlasts the other's end", () => {
  const weather = fair();
  const end = weather.part(new Set(["a"]), 0);
  weather.part(new Set(["b"]), 0);
  end();
  expect(weather.decide("b", "c")).toEqual([]);
  expect(weather.decide("a", "c")).toHaveLength(1);
});

test("a partition of one site stands beside another site's", () => {
  const weather = fair();
  weather.part(new Set(["a"]), 0);
  const end = weather.part(new Set(["x"]), 1);
  expect(weather.decide("a", "b")).toEqual([]);
  expect(weather.decide("x", "y")).toEqual([]);
  end();
  expect(weather.decide("a", "b")).toEqual([]);
  expect(weather.decide("x", "y")).toHaveLength(1);
});

test("what is withheld from one client comes late or never, and from its other way not at all", () => {
  const weather = fair();
  const usual = weather.decide("a", "b")[0] ?? 0;
  const [late, never] = [weather.delay("to", "b", 5_000_000), weather.delay("from", "c", null)];
  expect(weather.decide("a", "b")).toEqual([usual + 5_000_000]);
  expect(weather.decide("b", "a")).toEqual([usual]);
  expect(weather.decide("c", "a")).toEqual([]);
  late();
  never();
  expect(weather.decide("c", "b")).toEqual([usual]);
});
