/**
 * Curves: keyframes as the document holds them, and their value at a time [timeline-K1 to K5].
 *
 * Evaluation uses + - * / and square roots in doubles only, in one fixed order, so that Python and
 * TypeScript agree to the bit.
 */
import type { Json } from "./model";
import type { Key } from "./resolved";
import { BAD, type Bad, isId, readTick } from "./schema";

const VALUE_MAX = 2 ** 53; // larger values of a key are refused, so nothing overflows
const HANDLE_MAX = 1000;
const BISECTIONS = 32;
const INTERPOLATIONS: readonly Json[] = ["hold", "linear", "bezier"];

const isNumber = (value: Json | undefined, limit: number): value is number =>
  typeof value === "number" && -limit <= value && value <= limit;

const clamped = (value: number, low: number, high: number): number =>
  value < low ? low : Math.min(high, value);

/** `[t, value, interp, x1, y1, x2, y2]` of a document; the four numbers only for bezier. */
export const readKeyframe = (raw: Json): Key | Bad => {
  if (!Array.isArray(raw) || raw.length < 2 || raw.length > 7) return BAD;
  const [first, value, third = null, ...handles] = raw as readonly Json[];
  const at = readTick(first as Json);
  const interpolation = third ?? "linear";
  if (at === BAD || !isNumber(value, VALUE_MAX) || !INTERPOLATIONS.includes(interpolation)) {
    return BAD;
  }
  if (interpolation !== "bezier") return [at, value, interpolation];
  if (handles.length !== 4 || !handles.every((handle) => isNumber(handle, HANDLE_MAX))) return BAD;
  const [x1, y1, x2, y2] = handles as [number, number, number, number];
  return [at, value, interpolation, clamped(x1, 0, 1), y1, clamped(x2, 0, 1), y2];
};

/** `kf:<prop>:<kfid>` as [prop, kfid]; null where it is no such name. */
export const splitKeyName = (name: string): readonly [string, string] | null => {
  const parts = name.split(":");
  const [, prop = "", id = ""] = parts;
  return parts.length === 3 && prop !== "" && isId(id) ? [prop, id] : null;
};

const timeOf = (key: Key): number => key[0] as number;
const keyValue = (key: Key): number => key[1] as number;

/** Keys by id, sorted by (t, id); of several at one time the highest id counts. */
export const curve = (keys: Iterable<readonly [string, Key]>): readonly Key[] => {
  const atTime = new Map<number, readonly [string, Key]>();
  for (const entry of keys) {
    const known = atTime.get(timeOf(entry[1]));
    if (known === undefined || known[0] < entry[0]) atTime.set(timeOf(entry[1]), entry);
  }
  return [...atTime.values()]
    .map(([, key]) => key)
    .sort((left, right) => timeOf(left) - timeOf(right));
};

/** The value of a curve of at least one key at `at`, clamped to `low`..`high` [timeline-K2]. */
export const evaluated = (
  keys: readonly Key[],
  at: number,
  low = Number.NEGATIVE_INFINITY,
  high = Number.POSITIVE_INFINITY,
): number => clamped(valueAt(keys, at), low, high);

const valueAt = (keys: readonly Key[], at: number): number => {
  const following = firstAfter(keys, at);
  const key = keys[Math.max(0, following - 1)] as Key;
  const next = keys[following];
  const value = keyValue(key);
  if (following === 0 || next === undefined || key[2] === "hold" || at === timeOf(key)) {
    return value;
  }
  const share = (at - timeOf(key)) / (timeOf(next) - timeOf(key));
  const weight =
    key[2] === "linear"
      ? share
      : bezier(share, key[3] as number, key[4] as number, key[5] as number, key[6] as number);
  return value + (keyValue(next) - value) * weight;
};

const firstAfter = (keys: readonly Key[], at: number): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const center = Math.floor((low + high) / 2);
    if (timeOf(keys[center] as Key) <= at) low = center + 1;
    else high = center;
  }
  return low;
};

// The order of these operations is part of the rule: doubles do not associate.
const cubic = (s: number, first: number, second: number): number => {
  const r = 1 - s;
  return 3 * r * r * s * first + 3 * r * s * s * second + s * s * s;
};

/** CSS cubic-bezier: y where x is `share`, by 32 bisection steps on the parameter [timeline-K3]. */
export const bezier = (share: number, x1: number, y1: number, x2: number, y2: number): number => {
  let low = 0;
  let high = 1;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const center = (low + high) / 2;
    if (cubic(center, x1, x2) < share) low = center;
    else high = center;
  }
  return cubic((low + high) / 2, y1, y2);
};

/** The weight 0..1 of a fade or crossfade at its share 0..1 [timeline-K5]. */
export const fadeWeight = (name: string, share: number): number => {
  const w = clamped(share, 0, 1);
  if (name === "equal_power") return Math.sqrt(w);
  return name === "ease" && 0 < w && w < 1 ? bezier(w, 0.42, 0, 0.58, 1) : w;
};
