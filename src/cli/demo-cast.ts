/** Who plays in the demo: a holder and three radios, each enrolled with the bench's root. */
import type { Bench, BenchAgentOptions } from "../compose/bench.ts";
import type { Note } from "../core/agent/effect.ts";
import { type Actor, nextRecord, type RecordList } from "./demo-actor.ts";
import { band } from "./quantities.ts";

export type Tell = (title: string, text: string) => void;

/** mm from the bench's centre. */
export type Place = { readonly northMm: number; readonly eastMm: number };

/** `later` is where charlie drives to. */
export type CastPlaces = Readonly<Record<"alpha" | "bravo" | "charlie" | "later", Place>>;

export type CastParts = { readonly bench: Bench; readonly places: CastPlaces; readonly tell: Tell };

export type Cast = {
  readonly holder: Actor;
  readonly alpha: Actor;
  readonly bravo: Actor;
  readonly charlie: Actor;
};

export async function startAll({ bench, places, tell }: CastParts): Promise<Cast> {
  const { box } = bench;
  const user = { level: "user", scope: [box], exclusive: false };
  const acquire = { ...user, verbs: ["acquire"] as const };
  const roles: readonly Omit<BenchAgentOptions, "onNote" | "offers">[] = [
    {
      name: "holder",
      owner: "Harbour Spectrum",
      northMm: 0,
      eastMm: 0,
      radio: false,
      credential: {
        ...user,
        level: "licensee",
        verbs: ["allocate"],
        eligibilityClasses: [],
        exclusive: true,
      },
    },
    {
      name: "alpha",
      owner: "Alpha Outside Broadcast",
      ...places.alpha,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["bench"] },
    },
    {
      name: "bravo",
      owner: "Bravo Visitors",
      ...places.bravo,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["visitor"] },
    },
    {
      name: "charlie",
      owner: "Charlie Crew",
      ...places.charlie,
      radio: true,
      credential: { ...acquire, eligibilityClasses: ["bench"] },
    },
  ];
  const enrolled = [];
  for (const role of roles) {
    const records: RecordList = { all: [], wake: () => {} };
    const onNote = (note: Note): void => {
      if (note.what !== "record") return;
      records.all.push(note.record);
      records.wake();
    };
    enrolled.push({ records, entry: await bench.enrolAgent({ ...role, offers: [], onNote }) });
    tell(
      "credential",
      `${role.name} (${role.owner}) may ${role.credential.verbs.join(", ")} ${classesOf(role.credential.eligibilityClasses)}in ${band(box.lowerHz, box.upperHz)}`,
    );
  }
  const actors = await Promise.all(
    enrolled.map(async ({ records, entry }) => ({ records, agent: await entry.start() })),
  );
  const [holder, alpha, bravo, charlie] = actors as [Actor, Actor, Actor, Actor];
  await Promise.all(actors.map((actor) => nextRecord(actor, "attestation", () => true)));
  return { holder, alpha, bravo, charlie };
}

function classesOf(classes: readonly string[]): string {
  return classes.length === 0 ? "" : `as ${classes.join(", ")} `;
}
