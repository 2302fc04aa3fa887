/** What scenario files name: device profiles by shipped name or by path, and the shipped policies and commodities. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AgentProfile } from "./agent-profile.ts";
import type { Drivers } from "./driver-registry.ts";
import { loadCommodity, loadPolicy, loadProfile } from "./load.ts";
import { complaint, didYouMean, formatProfileError } from "./profile-error.ts";
import type { Device } from "./scenario.ts";
import type { FoundProfile } from "./scenario-agent.ts";
import type { ScenarioSources } from "./scenario-schema.ts";
import { shippedNames, shippedPath, YAML } from "./shipped-file.ts";

/** A run on the drivers that profiles name. */
export type RealDevices = {
  /** Its `AGENT.yaml`, where there is one, stands in the place of the profile that the file names for that agent. */
  readonly folder: string | null;
};

/** Paths are taken from the folder of `file`, which is the scenario's own. `real` null: it is for simulated devices. */
export function scenarioSources(
  file: string,
  drivers: Drivers,
  real: RealDevices | null = null,
): ScenarioSources {
  const folder = dirname(resolve(file));
  const policies = shippedNames("policies").flatMap((name) => {
    const loaded = loadPolicy(shippedPath("policies", name));
    return loaded.ok ? [[loaded.policy.body.name, loaded.policy.body] as const] : [];
  });
  const commodities = shippedNames("commodities").flatMap((name) => {
    const loaded = loadCommodity(shippedPath("commodities", name));
    return loaded.ok ? [[loaded.commodity.body.name, loaded.commodity.body] as const] : [];
  });
  return {
    onRealDrivers: real !== null,
    findProfile(name, agent) {
      const own = real?.folder == null ? null : join(real.folder, `${agent}${YAML}`);
      if (own !== null && existsSync(own)) return loadFound(own, `a profile that loads in ${own}`, drivers);
      return findProfile(name, folder, drivers);
    },
    policies: new Map(policies),
    commodities: new Map(commodities),
  };
}

function findProfile(name: string, folder: string, drivers: Drivers): FoundProfile {
  const names = shippedNames("devices");
  const allowed = `${names.join(" | ")}, or a path that ends in ${YAML}`;
  if (!name.endsWith(YAML) && !names.includes(name)) {
    return { ok: false, told: complaint("profile-unknown", allowed, didYouMean(name, names)) };
  }
  return loadFound(
    name.endsWith(YAML) ? resolve(folder, name) : shippedPath("devices", name),
    allowed,
    drivers,
  );
}

function loadFound(path: string, allowed: string, drivers: Drivers): FoundProfile {
  const loaded = loadProfile(path, drivers);
  if (loaded.ok) return { ok: true, profile: loaded.profile, real: realDevices(loaded.profile, drivers) };
  const hint = loaded.errors.slice(0, 1).map(formatProfileError).join("");
  return { ok: false, told: complaint("profile-unknown", allowed, hint) };
}

function realDevices(profile: AgentProfile, drivers: Drivers): readonly Device[] {
  const devices: readonly Device[] = ["tpm", "gnss", "radio"];
  return devices.filter((device) => {
    const driver = profile[device]?.driver;
    return driver !== undefined && !drivers[device].some(({ id, simulated }) => id === driver && simulated);
  });
}
