/** Where the hosts of a world stand: in sites too far apart to trade with each other, each with a broker of its own. */
import type { Host } from "./host.ts";

/** From the world's centre. */
export type SitePlace = { readonly northMm: number; readonly eastMm: number };

/** The one at the world's centre: where dishonest peers stand, and all of a scenario. */
export const CENTRE_SITE = 0;

/**
 * At one broker everybody hears everybody: the work of a site grows with the square of its hosts. Beyond this many, and
 * as in a network that somebody plans, hosts stand in several sites, and brokers pass on what concerns all of them.
 */
const HOSTS_A_SITE = 25;
/** Far beyond every spatial window, and the cells around one site and around the next are not the same. */
const SITE_SPACING_MM = 10_000_000;

/** At least one; a world of fewer than two sites' hosts has one. */
export function siteCount(agents: number): number {
  return Math.max(1, Math.floor(agents / HOSTS_A_SITE));
}

/** Sites lie in rows of a square, the first one at the world's centre in whichever world. */
export function sitePlace(site: number, agents: number): SitePlace {
  const rows = rowsOf(agents);
  return {
    northMm: Math.floor(site / rows) * SITE_SPACING_MM,
    eastMm: (site % rows) * SITE_SPACING_MM,
  };
}

/** The farthest that a site lies north or east of the centre. */
export function sitesReachMm(agents: number): number {
  return (rowsOf(agents) - 1) * SITE_SPACING_MM;
}

function rowsOf(agents: number): number {
  return Math.ceil(Math.sqrt(siteCount(agents)));
}

/** In the order of their first hosts. */
export function bySite(hosts: readonly Host[]): ReadonlyMap<number, readonly Host[]> {
  const sites = new Map<number, Host[]>();
  for (const host of hosts) sites.set(host.spec.site, [...(sites.get(host.spec.site) ?? []), host]);
  return sites;
}
