/** Other people on the timeline, eased between the 25 positions a second that presence sends. */
import type { Flicks } from "@/timeline-core/time";

export type PersonView = {
  readonly client: number;
  readonly name: string;
  readonly color: string;
  readonly playhead: Flicks | null;
  readonly selection: readonly string[];
  readonly cursor: { readonly t: Flicks; readonly track: string; readonly dy: number } | null;
  readonly drag: PersonDrag | null;
};

export type PersonDrag = {
  readonly kind: string;
  readonly ids: readonly string[];
  readonly dt: Flicks;
  readonly track: string | null;
};

export const EASE_MS = 80;
export const IDLE_MS = 10_000; // a cursor that rests longer fades

type Trace = {
  seenAt: number;
  fromPlayhead: number;
  fromT: number;
  person: PersonView;
};

export type EasedPerson = {
  readonly person: PersonView;
  readonly playhead: Flicks | null;
  readonly cursorT: Flicks | null;
  readonly idle: boolean;
};

/** Keeps where everybody was, so that the overlay can draw them on their way. */
export class PeopleTrail {
  readonly #traces = new Map<number, Trace>();

  update(people: readonly PersonView[], now: number): void {
    const present = new Set(people.map((person) => person.client));
    for (const client of this.#traces.keys()) if (!present.has(client)) this.#traces.delete(client);
    for (const person of people) {
      const known = this.#traces.get(person.client);
      if (known && samePlace(known.person, person)) {
        known.person = person;
        continue;
      }
      const eased = known ? easedOf(known, now) : null;
      this.#traces.set(person.client, {
        seenAt: now,
        fromPlayhead: eased?.playhead ?? person.playhead ?? 0,
        fromT: eased?.cursorT ?? person.cursor?.t ?? 0,
        person,
      });
    }
  }

  at(now: number): readonly EasedPerson[] {
    return [...this.#traces.values()].map((trace) => easedOf(trace, now));
  }

  /** Whether somebody is still on the way at `now`. */
  moving(now: number): boolean {
    return [...this.#traces.values()].some((trace) => now - trace.seenAt < EASE_MS);
  }
}

const samePlace = (one: PersonView, other: PersonView): boolean =>
  one.playhead === other.playhead &&
  one.cursor?.t === other.cursor?.t &&
  one.cursor?.track === other.cursor?.track &&
  one.cursor?.dy === other.cursor?.dy;

function easedOf(trace: Trace, now: number): EasedPerson {
  const part = Math.min(1, (now - trace.seenAt) / EASE_MS);
  const { person } = trace;
  const between = (from: number, to: number | null): Flicks | null =>
    to === null ? null : (Math.round(from + (to - from) * part) as Flicks);
  return {
    person,
    playhead: between(trace.fromPlayhead, person.playhead),
    cursorT: between(trace.fromT, person.cursor?.t ?? null),
    idle: now - trace.seenAt > IDLE_MS,
  };
}
