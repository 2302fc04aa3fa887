/** Who takes part in a simulated world, under which authority, and what each may do. */
import type { OfferSetting } from "../agent/agent-settings.ts";
import type { OfflineAuthor } from "../agent/offline-author.ts";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import { ZERO_ID } from "../core/record/identity.ts";
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Box } from "../core/record/spectrum-fields.ts";
import { TIME_RULES_DEFAULT } from "../core/window/assured-time.ts";
import type { Chance } from "./chance.ts";
import {
  type Bounded,
  incumbentCredential,
  roleCredential,
  type Subject,
  UNBOUNDED,
  VALID_FROM_US,
  worldAuthor,
  worldRootCredential,
} from "./credential-bodies.ts";
import type { SimWorld } from "./drivers.ts";
import type { HostSpec } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { type Incumbent, type IncumbentParts, openIncumbent } from "./incumbent.ts";
import { type Overseer, type OverseerParts, openOverseer } from "./overseer.ts";
import type { Register } from "./register.ts";
import { siteCount, sitePlace, sitesReachMm } from "./sites.ts";

export type Ground = { readonly policy: Policy; readonly schema: Schema };

const HOUR_US = 3_600_000_000;
/** No credential of a world runs out by itself: expiry is a fault that is chosen. */
const VALID_US = 1_000 * 24 * HOUR_US;
export const WORLD_LOWEST_HZ = 433_000_000;
const SLICE_HZ = 400_000;
const BLOCK_HZ = 100_000;
const GAP_HZ = 25_000;
const BLOCKS_A_HOLDER = 3;
export const WORLD_LEASE_CLASS = "bench-demo";
export const WORLD_CLASS = "bench";
/** Of five hosts one holds: as many buyers as make a block contested. */
const HOSTS_A_HOLDER = 5;
/** Most stand well inside the 50 m window, some outside. */
const NEAR_MM = 15_000;
const FAR_MM = 120_000;
const DRIFT_PPM = 90;

/** The hosts of a world, by their order: each fifth one holds, for those after it at its site. */
export function hostSpecs(
  agents: number,
  world: SimWorld,
  ground: Ground,
  chance: Chance,
): readonly HostSpec[] {
  return Array.from({ length: agents }, (_, i): HostSpec => {
    const role = i % HOSTS_A_HOLDER === 0 ? "holder" : "consumer";
    const site = Math.floor(i / HOSTS_A_HOLDER) % siteCount(agents);
    const place = sitePlace(site, agents);
    const reachMm = chance.hits(50) && role === "consumer" ? FAR_MM : NEAR_MM;
    const name = `${role}-${i}`;
    return {
      name,
      role,
      site,
      northMm: place.northMm + chance.between(-reachMm, reachMm),
      eastMm: place.eastMm + chance.between(-reachMm, reachMm),
      driftPpm: chance.between(-DRIFT_PPM, DRIFT_PPM),
      settings: {
        owner: `Owner ${i}`,
        production: false,
        policy: ground.policy.name,
        timeRules: TIME_RULES_DEFAULT,
        placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 500_000, unestimatedErrorMm: null },
        clockDriftPpm: 100,
        antenna: { northMm: 0, eastMm: 0, upMm: 0 },
        placeHoldUs: 10_000_000,
        offers:
          role === "holder" ? offersOf(i / HOSTS_A_HOLDER, world.square(500_000, place), ground, chance) : [],
        wishes: [],
      },
    };
  });
}

/** The band of the one dishonest holder lies above all others. */
export function rogueSliceHz(agents: number): number {
  return sliceHz(Math.ceil(agents / HOSTS_A_HOLDER));
}

function sliceHz(holder: number): number {
  return WORLD_LOWEST_HZ + holder * SLICE_HZ;
}

function offersOf(
  holder: number,
  area: Box["area"],
  { schema }: Ground,
  chance: Chance,
): readonly OfferSetting[] {
  return Array.from({ length: BLOCKS_A_HOLDER }, (_, i) => {
    // The last two touch: within the guard band only one of them can be let.
    const lowerHz = sliceHz(holder) + i * BLOCK_HZ + (i === 0 ? 0 : GAP_HZ);
    return {
      name: `block-${i}`,
      commodity: schema.name,
      durationUs: chance.between(15_000_000, 40_000_000),
      refreshUs: chance.between(4_000_000, 9_000_000),
      offer: {
        resource: `slot-${i}`,
        block: {
          lowerHz,
          upperHz: lowerHz + BLOCK_HZ,
          area,
          fromUs: 0,
          untilUs: 1,
          limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "eirp" as const, detector: "rms" as const }],
          commodityClass: "",
          exclusive: true,
        },
        price: { form: "fixed" as const, microUnits: 0n, currency: "EUR" },
        eligibility: { level: "user", verb: "acquire" as const, eligibilityClass: WORLD_CLASS },
        rules: ["content-match" as const],
        leaseClass: WORLD_LEASE_CLASS,
        validUs: 8_000_000,
      },
    };
  });
}

/** The root of a world, and what it wrote. */
export type WorldAuthority = { readonly author: OfflineAuthor; readonly root: Uint8Array; readonly box: Box };

/** `name`: of its keys; who is not called root lives by the policy and the commodity of the one who is. */
export async function worldAuthority(
  world: SimWorld,
  { policy, schema }: Ground,
  agents: number,
  name: string = "root",
): Promise<WorldAuthority> {
  const author = await worldAuthor(world, name);
  const box: Box = {
    lowerHz: WORLD_LOWEST_HZ,
    upperHz: rogueSliceHz(agents) + SLICE_HZ,
    area: world.square(1_000_000 + sitesReachMm(agents)),
    fromUs: VALID_FROM_US,
    untilUs: WORLD_BEGAN_US + VALID_US,
    limits: [{ centiDbm: 1_200, referenceHz: 0, measure: "eirp", detector: "rms" }],
    commodityClass: schema.commodityClass,
  };
  if (name === "root") {
    await author.write("policy", policy);
    await author.write("schema", schema);
  }
  const granted = { scope: [box], eligibilityClasses: [WORLD_CLASS], untilUs: box.untilUs };
  const root = await author.write("credential", worldRootCredential(world, author, policy, granted));
  const first = { number: 1, previousSnapshot: ZERO_ID, issuedUs: WORLD_BEGAN_US, revoked: [] };
  await author.write("status-snapshot", first);
  return { author, root: root.id, box };
}

/** Issues to a lineage what its role needs. `lastsUs` from `nowUs` on, true time; null: it does not run out by itself. */
export function issue(
  { author, root, box }: WorldAuthority,
  world: SimWorld,
  { nowUs, ...subject }: Applicant,
  lastsUs: number | null,
): Promise<RecordOf<"credential">> {
  const level = subject.role === "holder" ? "licensee" : "user";
  const untilUs = lastsUs === null ? box.untilUs : WORLD_BEGAN_US + nowUs + lastsUs;
  // What it lets goes on beyond its own end, so that leases stand when it runs out.
  const granted = {
    scope: [box],
    eligibilityClasses: [WORLD_CLASS],
    untilUs,
    ...boundsOf(world, subject.role),
  };
  return author.write("credential", roleCredential(world, { ...subject, level }, root, granted), root);
}

/** In one world of three so few directives of one author in two minutes that more are issued, and refused. */
const DIRECTIVES: BudgetTerm = { ...anyUse("sliding", 120_000_000), unit: "directives", allowed: 64 };
const DIRECTIVES_FEW = 6;

/** Somebody below the root who may silence radios everywhere in the world's band. */
export function worldIncumbent(
  { author, root, box }: WorldAuthority,
  world: SimWorld,
  around: Pick<IncumbentParts, "register" | "nowUs" | "name">,
): Promise<Incumbent> {
  const [draw] = world.entropy("directives").bytes(1);
  return openIncumbent({
    ...around,
    world,
    root: author.inception.header.lineage,
    levels: { obeyed: "regulator", ignored: "user" },
    budgets: [{ ...DIRECTIVES, allowed: (draw ?? 0) % 3 === 0 ? DIRECTIVES_FEW : DIRECTIVES.allowed }],
    issue(subject, rights) {
      const granted = { scope: [box], eligibilityClasses: [], untilUs: box.untilUs };
      return author.write(
        "credential",
        incumbentCredential(world, { ...subject, ...rights }, root, granted),
        root,
      );
    },
  });
}

/** Somebody below the root who hears of leases, and acknowledges them. */
export function worldOverseer(
  home: WorldAuthority,
  abroad: WorldAuthority | null,
  world: SimWorld,
  register: Register,
): Promise<Overseer> {
  const issuing =
    ({ author, root, box }: WorldAuthority): OverseerParts["issue"] =>
    (subject, rights) => {
      const granted = { scope: [box], eligibilityClasses: [], untilUs: box.untilUs };
      const body = incumbentCredential(world, { ...subject, ...rights }, root, granted);
      return author.write("credential", { ...body, owner: "Overseer" }, root);
    };
  return openOverseer({
    world,
    register,
    levels: { asked: "regulator", below: "user" },
    issue: issuing(home),
    issueAbroad: abroad === null ? null : issuing(abroad),
  });
}

/** In one world of three, holders may bind so much; all of their credentials say the same. */
const BUDGETS: readonly BudgetTerm[] = [
  { ...anyUse("sliding", 120_000_000), allowed: 6 },
  { ...anyUse("fixed", 90_000_000), level: "user", allowed: 9 },
];

function anyUse(window: BudgetTerm["window"], windowUs: number): Omit<BudgetTerm, "allowed"> {
  const any = { level: null, commodityClass: null, leaseClass: null, area: null };
  return { unit: "settlements", ...any, windowUs, window };
}

function boundsOf(world: SimWorld, role: HostSpec["role"]): Bounded {
  const [draw] = world.entropy("budgets").bytes(1);
  return role === "holder" && (draw ?? 0) % 3 === 0 ? { budgets: BUDGETS, holdingsMaxHz: null } : UNBOUNDED;
}

/** Who is issued to, at which true time. */
export type Applicant = Omit<Subject, "level"> & { readonly nowUs: number };
