/**
 * The arguments of one command, checked one by one; what is wrong is named [timeline-E11].
 *
 * Every reader throws EditRefused with code `bad_argument` and, as id, the name of the argument.
 */
import { compareText } from "./diagnostics";
import { isObject, type Json, type JsonObject } from "./model";
import type { Speed } from "./reading";
import { EditRefused } from "./refusal";
import { integer } from "./seen";
import { TICK_MAX } from "./time";

export type Edge = "head" | "tail";
export type Mode = "overwrite" | "insert";

/** Half-open [start, end) in ticks. */
export type Stretch = readonly [start: number, end: number];

const RECORDS_MAX = 20_000; // ids in one command: as many as a document may hold clips
const EVERYWHERE = ["op", "linked", "snap", "mode", "after", "expect"];

export const refused = (name: string, detail: string): EditRefused =>
  new EditRefused("bad_argument", name, detail);

const isTexts = (values: readonly Json[]): values is readonly string[] =>
  values.every((value) => typeof value === "string" && value !== "");

/** One command's arguments. Read what is needed, then call `finish` to refuse the rest. */
export class Arguments {
  readonly #given: JsonObject;
  readonly #read = new Set(EVERYWHERE);

  constructor(command: JsonObject) {
    this.#given = command;
  }

  /** Refuses arguments that nobody asked for: a misspelt one must not pass unseen. */
  finish(): this {
    const [unknown] = Object.keys(this.#given)
      .filter((name) => !this.#read.has(name))
      .sort(compareText);
    if (unknown !== undefined) throw refused(unknown, `${this.op} takes no such argument`);
    return this;
  }

  get op(): string {
    return String(this.#given["op"]);
  }

  get linked(): boolean {
    return this.flag("linked", true);
  }

  get snap(): boolean {
    return this.flag("snap", true);
  }

  get mode(): Mode {
    return this.choice("mode", ["overwrite", "insert"], "overwrite") as Mode;
  }

  raw(name: string): Json {
    this.#read.add(name);
    return Object.hasOwn(this.#given, name) ? (this.#given[name] ?? null) : null;
  }

  has(name: string): boolean {
    return this.raw(name) !== null;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    if (value === null) return fallback;
    if (typeof value !== "boolean") throw refused(name, "true or false is expected");
    return value;
  }

  findText(name: string, length = 10_000): string | null {
    const value = this.raw(name);
    if (value === null) return null;
    if (typeof value !== "string" || [...value].length > length) {
      throw refused(name, `a text of at most ${length} characters is expected`);
    }
    return value;
  }

  text(name: string, length = 10_000): string {
    const value = this.findText(name, length);
    if (value === null) throw refused(name, "is missing");
    return value;
  }

  id(name: string): string {
    const value = this.text(name, 200);
    if (value === "") throw refused(name, "an id is expected");
    return value;
  }

  findId(name: string): string | null {
    return this.has(name) ? this.id(name) : null;
  }

  /** A list of ids, each once, in the order given; empty where the argument is missing. */
  ids(name: string): readonly string[] {
    const value = this.raw(name);
    if (value === null) return [];
    if (!Array.isArray(value) || value.length > RECORDS_MAX || !isTexts(value)) {
      throw refused(name, "a list of ids is expected");
    }
    return [...new Set(value)];
  }

  /** `clip`, or `clips` with a single id. */
  clip(): string {
    const [clip, ...more] = this.clips();
    if (more.length > 0) throw refused("clips", `${this.op} takes one clip`);
    return clip as string;
  }

  /** The ids of `clip` and `clips`, at least one. */
  clips(): readonly [string, ...string[]] {
    const single = this.findId("clip");
    const [first, ...more] = new Set([...(single === null ? [] : [single]), ...this.ids("clips")]);
    if (first === undefined) throw refused("clips", "clip or clips is expected");
    return [first, ...more];
  }

  /** `track` and `tracks`; empty where neither is given. */
  tracks(): readonly string[] {
    const single = this.findId("track");
    return [...new Set([...(single === null ? [] : [single]), ...this.ids("tracks")])];
  }

  findTick(name: string, low = -TICK_MAX, high = TICK_MAX): number | null {
    const value = this.raw(name);
    if (value === null) return null;
    const found = integer(value);
    if (found === null || found < low || found > high) {
      throw refused(name, `a whole number of ticks from ${low} to ${high} is expected`);
    }
    return found;
  }

  tick(name: string, low = -TICK_MAX, high = TICK_MAX): number {
    const found = this.findTick(name, low, high);
    if (found === null) throw refused(name, "is missing");
    return found;
  }

  at(): number {
    return this.tick("at", 0);
  }

  by(): number {
    return this.tick("by");
  }

  findEdge(): Edge | null {
    return this.findChoice("edge", ["head", "tail"]) as Edge | null;
  }

  edge(): Edge {
    return this.choice("edge", ["head", "tail"]) as Edge;
  }

  findChoice(name: string, choices: readonly string[]): string | null {
    const value = this.raw(name);
    if (value === null) return null;
    if (typeof value !== "string" || !choices.includes(value)) {
      throw refused(name, `one of ${choices.join(", ")} is expected`);
    }
    return value;
  }

  choice(name: string, choices: readonly string[], fallback: string | null = null): string {
    const value = this.findChoice(name, choices) ?? fallback;
    if (value === null) throw refused(name, `one of ${choices.join(", ")} is expected`);
    return value;
  }

  /** `range` {"start", "duration"} as [start, end]. */
  findRange(): Stretch | null {
    const value = this.raw("range");
    if (value === null) return null;
    const isRange = isObject(value) && "start" in value && "duration" in value;
    if (!isRange || Object.keys(value).length !== 2) {
      throw refused("range", 'an object {"start", "duration"} is expected');
    }
    const start = integer(value["start"]);
    const duration = integer(value["duration"]);
    if (start === null || duration === null || start < 0 || duration < 1) {
      throw refused("range", "start from 0 and duration from 1 are expected, in ticks");
    }
    if (start + duration > TICK_MAX) throw refused("range", "ends beyond the last tick");
    return [start, start + duration];
  }

  range(): Stretch {
    const found = this.findRange();
    if (found === null) throw refused("range", "is missing");
    return found;
  }

  /** An object; empty where the argument is missing. */
  object(name: string): JsonObject {
    const value = this.raw(name);
    if (value === null) return {};
    if (!isObject(value)) throw refused(name, "an object is expected");
    return value;
  }

  /** `speed` as [num, den], not zero, at most 100 times. */
  findSpeed(): Speed | null {
    const value = this.raw("speed");
    if (value === null) return null;
    const terms = Array.isArray(value) ? (value as readonly Json[]).map(integer) : [];
    const [num = null, den = null] = terms;
    if (terms.length !== 2 || num === null || den === null) {
      throw refused("speed", "two whole numbers [num, den] are expected");
    }
    const most = Math.min(100_000, 100 * den);
    if (num === 0 || den < 1 || den > 100_000 || Math.abs(num) > most) {
      throw refused("speed", "num/den is not zero, at most 100 times, den from 1 to 100000");
    }
    return [num, den];
  }
}

/** The clips of a command that takes nothing else. */
export const finishedClips = (args: Arguments): readonly [string, ...string[]] => {
  const clips = args.clips();
  args.finish();
  return clips;
};
