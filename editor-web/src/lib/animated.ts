/**
 * Values that may move: what a property is at a time, and what changing it there means. Where it has
 * keyframes a change is one at that time, else it is the property itself. Pure.
 */
import type { Command } from "@/timeline-core/commands";
import { curve, evaluated, readKeyframe, splitKeyName } from "@/timeline-core/keyframes";
import type { DocRecord, Json, RecordRoot } from "@/timeline-core/model";
import type { Key } from "@/timeline-core/resolved";
import { BAD } from "@/timeline-core/schema";
import { type Flicks, flicks, local } from "@/timeline-core/time";

/** Kinds of clips that have a speed; the clock of the others runs as the sequence's. */
const TIMED: ReadonlySet<Json> = new Set(["media", "sequence"]);

const whole = (value: Json | undefined, usual: number): number =>
  typeof value === "number" && Number.isInteger(value) ? value : usual;

/** The clip's own time at a time of its sequence: what keyframes are counted in. */
export function localTime(clip: DocRecord, at: Flicks): Flicks {
  const isTimed = TIMED.has(clip["kind"] ?? "media");
  return local(
    at,
    flicks(whole(clip["start"], 0)),
    flicks(whole(clip["source_in"], 0)),
    isTimed ? whole(clip["speed_num"], 1) : 1,
    isTimed ? whole(clip["speed_den"], 1) : 1,
  );
}

/** The time of the sequence at a clip's own time; null where the clip stands still. */
export function sequenceTime(clip: DocRecord, at: number): Flicks | null {
  const isTimed = TIMED.has(clip["kind"] ?? "media");
  const num = isTimed ? whole(clip["speed_num"], 1) : 1;
  const den = isTimed ? whole(clip["speed_den"], 1) : 1;
  if (num === 0) return null;
  const start = whole(clip["start"], 0);
  return flicks(start + Math.round(((at - whole(clip["source_in"], 0)) * den) / num));
}

/** The name under which keyframes move a property: parameters of effects go without their `p:`. */
const curveName = (prop: string): string => prop.replace(/^p:/, "");

/** The valid keyframes of a property in order of time; of several at one time the last id counts. */
export function keyframesOf(record: DocRecord, prop: string): readonly Key[] {
  const found: [string, Key][] = [];
  const wanted = curveName(prop);
  for (const [name, raw] of Object.entries(record)) {
    if (!name.startsWith("kf:") || raw === null) continue;
    const parts = splitKeyName(name);
    if (parts?.[0] !== wanted) continue;
    const key = readKeyframe(raw);
    if (key !== BAD) found.push([parts[1], key]);
  }
  return curve(found);
}

/** What a property is at a local time. */
export function valueAt(record: DocRecord, prop: string, usual: number, at: number): number {
  const keys = keyframesOf(record, prop);
  if (keys.length > 0) return evaluated(keys, at);
  const value = record[prop];
  return typeof value === "number" ? value : usual;
}

export type Target = {
  readonly map: RecordRoot;
  readonly id: string;
  readonly record: DocRecord;
  /** Local time of the playhead. */
  readonly at: number;
};

/** The property is changed where the playhead is: a keyframe there where it has some. */
export function changeCommand(target: Target, prop: string, value: number, usual: number): Command {
  const { map, id, record, at } = target;
  const keys = keyframesOf(record, prop);
  if (keys.length === 0) {
    return { op: "set", map, id, values: { [prop]: value === usual ? null : value } };
  }
  const here = keys.find((key) => key[0] === at);
  return keyCommand(target, prop, [at, value, ...(here?.slice(2) ?? [])] as unknown as Key);
}

export const keyCommand = ({ map, id }: Target, prop: string, key: Key): Command => ({
  op: "set_keyframe",
  map,
  id,
  prop: curveName(prop),
  keyframe: [...key],
});

export const removeKeyCommand = ({ map, id }: Target, prop: string, at: number): Command => ({
  op: "remove_keyframe",
  map,
  id,
  prop: curveName(prop),
  t: at,
});

/** A keyframe at the playhead comes or goes; the last one leaves its value behind. */
export function toggleCommands(target: Target, prop: string, usual: number): readonly Command[] {
  const { map, id, record, at } = target;
  const keys = keyframesOf(record, prop);
  const value = valueAt(record, prop, usual, at);
  if (!keys.some((key) => key[0] === at)) return [keyCommand(target, prop, [at, value, "linear"])];
  const remove = removeKeyCommand(target, prop, at);
  if (keys.length > 1) return [remove];
  return [remove, { op: "set", map, id, values: { [prop]: value === usual ? null : value } }];
}

/** How a curve goes from one keyframe to the next, by the names people know. */
export const EASINGS = {
  linear: [],
  hold: [],
  ease: [0.25, 0.1, 0.25, 1],
  "ease-in": [0.42, 0, 1, 1],
  "ease-out": [0, 0, 0.58, 1],
  "ease-in-out": [0.42, 0, 0.58, 1],
  overshoot: [0.34, 1.56, 0.64, 1],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type Easing = keyof typeof EASINGS;

/** The name of a keyframe's easing; `custom` where its handles have none. */
export function easingOf(key: Key): Easing | "custom" {
  const kind = key[2] ?? "linear";
  if (kind === "linear" || kind === "hold") return kind;
  const handles = key.slice(3);
  const named = (Object.keys(EASINGS) as Easing[]).find((name) => {
    const numbers = EASINGS[name];
    return numbers.length === 4 && numbers.every((value, index) => value === handles[index]);
  });
  return named ?? "custom";
}

/** The same keyframe with another easing towards the next one. */
export const withEasing = (key: Key, easing: Easing): Key =>
  (easing === "linear" || easing === "hold"
    ? [key[0], key[1], easing]
    : [key[0], key[1], "bezier", ...EASINGS[easing]]) as unknown as Key;
