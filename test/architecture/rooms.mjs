/**
 * The rooms of the house and what each may import, as a table: `import-rule.mjs` turns it into rules for
 * dependency-cruiser. One way only; type-only imports count, because a type is knowledge too.
 *
 * @typedef {object} Room
 * @property {string} name what a reader calls the room
 * @property {string} path regular expression over the repository path; its group becomes `$1` in `rooms`
 * @property {string[]} [except] paths inside `path` that have a line of their own
 * @property {string[]} rooms paths that the room may import, its own included
 * @property {string[] | "any"} npm npm packages that it may name; `@scope/*` stands for a whole scope
 * @property {boolean} builtins whether it may name `node:` modules
 * @property {string} advice what to do with a line that does not fit
 */

const CORE = "^src/core/";
const PORTS = "^src/ports/";
const AGENT = "^src/agent/";
/** The offline authority: issuing, revoking, rotating. */
const AUTHORITY = "^src/authority/";
const ADAPTERS = "^src/adapters/([^/]+)/";
const PROFILE = "^src/profile/";
const SIM = "^src/sim/";
/** The agent, and the benches and authorities that are put together around it. */
const COMPOSE = "^src/compose/";
const CLI = "^src/cli/";
const WEB = "^src/web/";
const MAIN = "^src/main[.]ts$";
const HARDWARE = "^hardware/([^/]+)/";
const WORLD = "^hardware/world/";

/**
 * Programs of their own below `hardware/`: each is the composition root of its process, so it may also name
 * the clock, the entropy and the log of that process.
 */
export const PROGRAM = "^hardware/(radio|world)/.*main[.]ts$";

/** A driver that stands in the seeded world, known by its file or folder name. */
const SIMULATED = "^hardware/(tpm|gnss|radio)/.*simulat";

/** @type {Room[]} */
export const rooms = [
  {
    name: "core",
    path: CORE,
    rooms: [CORE],
    npm: ["@noble/*"],
    builtins: false,
    advice: "core is pure: take the value as an argument, or move the line to agent or an adapter",
  },
  {
    name: "ports",
    path: PORTS,
    rooms: [PORTS, CORE],
    npm: [],
    builtins: false,
    advice: "ports are types and promises in words: what has a body belongs in an adapter or a driver",
  },
  {
    name: "agent",
    path: AGENT,
    rooms: [AGENT, PORTS, CORE],
    npm: [],
    builtins: false,
    advice: "the agent awaits ports only: reach the outside through a port that compose hands in",
  },
  {
    name: "authority",
    path: AUTHORITY,
    rooms: [AUTHORITY, PORTS, CORE],
    npm: [],
    builtins: false,
    advice: "an authority awaits its folder and its keys only: compose hands both in",
  },
  {
    name: "adapters",
    path: ADAPTERS,
    rooms: ["^src/adapters/$1/", PORTS, CORE],
    npm: "any",
    builtins: true,
    advice: "an adapter knows its port and the core: let compose hand in what comes from another adapter",
  },
  {
    name: "profile",
    path: PROFILE,
    rooms: [PROFILE, CORE],
    npm: ["zod", "yaml"],
    builtins: true,
    advice: "a profile names drivers by id: let compose resolve the id",
  },
  {
    name: "sim",
    path: SIM,
    rooms: [SIM, AGENT, CORE, PORTS, PROFILE],
    npm: [],
    builtins: false,
    advice: "the simulation gets its drivers from compose, and its time and entropy from the seed",
  },
  {
    name: "compose",
    path: COMPOSE,
    rooms: [COMPOSE, CORE, PORTS, AGENT, AUTHORITY, "^src/adapters/", PROFILE, SIM, "^hardware/"],
    npm: [],
    builtins: true,
    advice: "compose wires rooms: it knows neither commands nor pages, and each npm package has its own file",
  },
  {
    name: "cli",
    path: CLI,
    rooms: [CLI, COMPOSE, AUTHORITY, SIM, CORE, PORTS, PROFILE],
    npm: ["commander"],
    builtins: true,
    advice: "a command asks compose for what it needs",
  },
  {
    name: "web",
    path: WEB,
    rooms: [WEB, CORE],
    npm: ["preact", "uplot"],
    builtins: false,
    advice: "pages know the core only: everything else comes over HTTP",
  },
  {
    name: "main",
    path: MAIN,
    rooms: [CLI],
    npm: [],
    builtins: false,
    advice: "main is three lines: put the fourth into cli",
  },
  {
    name: "program",
    path: PROGRAM,
    rooms: ["^hardware/(radio|world)/", PORTS, CORE, "^src/adapters/(system|log)/"],
    npm: [],
    builtins: true,
    advice: "a program below hardware/ wires its own process: its rooms, ports, core, clock and log",
  },
  {
    name: "simulated driver",
    path: SIMULATED,
    except: [PROGRAM],
    rooms: ["^hardware/$1/", WORLD, PORTS, CORE],
    npm: "any",
    builtins: true,
    advice:
      "a simulated driver knows its own folder and the world; drivers of two ports meet in the world only",
  },
  {
    name: "hardware",
    path: HARDWARE,
    except: [PROGRAM, SIMULATED],
    rooms: ["^hardware/$1/", PORTS, CORE],
    npm: "any",
    builtins: true,
    advice: "a driver knows its port and the core; only files named simulated… may also know hardware/world",
  },
];

/**
 * Packages with a home: where they may be named, and by how many files. Every other package is named in
 * exactly one file (STYLE 20).
 *
 * @type {{npm: string, path: string, files: "any" | "one" | "one a room"}[]}
 */
export const homes = [
  { npm: "zod", path: PROFILE, files: "any" },
  { npm: "commander", path: CLI, files: "any" },
  { npm: "preact", path: WEB, files: "any" },
  { npm: "uplot", path: WEB, files: "one" },
  { npm: "yaml", path: PROFILE, files: "one" },
  {
    npm: "@noble/*",
    path: "^(src/core|src/adapters/signatures|hardware/tpm/simulator)/",
    files: "one a room",
  },
];
