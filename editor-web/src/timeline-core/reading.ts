/**
 * Records of a document as typed values, one by one, with what was wrong in them [timeline-R1].
 *
 * Wrong values become defaults and `bad_value`, wrong placement keys make the clip null and
 * `bad_time` [timeline-R6]. Nothing here looks at another record.
 */
import { compareText, type Findings } from "./diagnostics";
import { curve, readKeyframe, splitKeyName } from "./keyframes";
import {
  type DocRecord,
  isObject,
  type Json,
  type RecordRoot,
  sameJson,
  type TimelineDocument,
} from "./model";
import type { Curves, Key, Props } from "./resolved";
import {
  ALL_CLIP_KINDS,
  BAD,
  CLIPS,
  clipDefault,
  GENERATORS,
  isId,
  PLACEMENT,
  QUOTAS,
  type Schema,
  SPEED_TIMES_MAX,
  TIME_REMAP,
} from "./schema";
import { mulDiv, TICK_MAX } from "./time";

const STRUCTURE: ReadonlySet<string> = new Set([
  ...PLACEMENT,
  "kind",
  "asset",
  "sequence",
  "generator",
  "enabled",
  "removed",
  "fade_in",
  "fade_out",
]);

const NO_CURVES: Curves = {};
const NO_VALUES: Readonly<Record<string, Json>> = {};

/** The valid values of the keys that a record has, its parameters `p:` raw, curves and bindings. */
export interface ReadRecord {
  readonly id: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly curves: Curves;
  readonly bindings: Readonly<Record<string, Json>>;
  readonly bad: readonly string[];
}

export type Speed = readonly [number, number];

/** A live clip with valid placement; `duration` and `sourceIn` are null where they are missing. */
export interface ClipRecord {
  readonly id: string;
  readonly kind: string;
  readonly track: string;
  readonly start: number;
  readonly duration: number | null;
  readonly sourceIn: number | null;
  readonly speed: Speed;
  readonly enabled: boolean;
  readonly asset: string | null;
  readonly sequence: string | null;
  readonly generator: string | null;
  readonly fadeIn: number;
  readonly fadeOut: number;
  readonly props: Props;
  readonly curves: Curves;
}

/** The value of a key, its default where the record has no valid one. */
export const valueOr = (read: ReadRecord, key: string, schema: Schema): Json =>
  Object.hasOwn(read.values, key) ? (read.values[key] as Json) : (schema.get(key)?.default ?? null);

/** Records that are not removed, the first by id up to the quota; what is none is skipped. */
export const liveRecords = (
  document: TimelineDocument,
  root: RecordRoot,
  findings: Findings,
): readonly (readonly [string, DocRecord])[] => {
  let records = [...document[root]];
  const quota = QUOTAS[root];
  if (records.length > quota) {
    records = records.sort(([left], [right]) => compareText(left, right)).slice(0, quota);
    findings.add("over_quota", root, `more than ${quota} ${root}`);
  }
  return records.filter(([id, record]) => isLive(id, record, root, findings));
};

const isLive = (id: string, record: DocRecord, root: RecordRoot, findings: Findings): boolean => {
  if (!isId(id) || !isObject(record)) {
    findings.add("bad_record", id, root);
    return false;
  }
  const removed = record["removed"] ?? null;
  if (removed === true) return false;
  if (removed !== null && removed !== false) findings.add("bad_value", id, "removed");
  return true;
};

/** The valid values of a record. Unknown keys and `x:` are skipped. */
export const readRecord = (id: string, record: DocRecord, schema: Schema): ReadRecord => {
  const values: Record<string, Json> = {};
  let params: Record<string, Json> | undefined;
  let bindings: Record<string, Json> | undefined;
  let keyframes: [string, Json][] | undefined;
  const bad: string[] = [];
  for (const key in record) {
    const raw = record[key];
    if (raw === null || raw === undefined) continue;
    const prop = schema.get(key);
    if (prop !== undefined) {
      const value = prop.read(raw);
      if (value === BAD) bad.push(key);
      else values[key] = value;
    } else if (key.startsWith("p:")) {
      params = { ...params, [key.slice(2)]: raw };
    } else if (key.startsWith("bind:")) {
      bindings = { ...bindings, [key.slice(5)]: raw };
    } else if (key.startsWith("kf:")) {
      keyframes ??= [];
      keyframes.push([key, raw]);
    }
  }
  return {
    id,
    values,
    params: params ?? NO_VALUES,
    curves: keyframes === undefined ? NO_CURVES : readCurves(keyframes, bad),
    bindings: bindings ?? NO_VALUES,
    bad,
  };
};

const readCurves = (keyframes: readonly [string, Json][], bad: string[]): Curves => {
  const found = new Map<string, [string, Key][]>();
  for (const [name, raw] of keyframes) {
    const parts = splitKeyName(name);
    if (parts === null) continue;
    const [prop, id] = parts;
    const key = readKeyframe(raw);
    if (key === BAD) bad.push(name);
    else found.set(prop, [...(found.get(prop) ?? []), [id, key]]);
  }
  return Object.fromEntries([...found].map(([prop, keys]) => [prop, curve(keys)]));
};

/** Every parameter of a kind, defaults filled in; wrong ones are the default and `bad_value`. */
export const readParams = (
  params: Readonly<Record<string, Json>>,
  schema: Schema,
  id: string,
  findings: Findings,
): Props => {
  const filled: Record<string, Json> = {};
  for (const [name, prop] of schema) {
    const raw = Object.hasOwn(params, name) ? (params[name] ?? null) : null;
    const value = raw === null ? prop.default : prop.read(raw);
    if (value === BAD) findings.add("bad_value", id, `p:${name}`);
    filled[name] = value === BAD ? prop.default : value;
  }
  return filled;
};

/** The curves of the keys that keyframes may animate. */
export const animatedCurves = (curves: Curves, schema: Schema): Curves => {
  if (curves === NO_CURVES) return curves;
  return Object.fromEntries(
    Object.entries(curves).filter(([name]) => schema.get(name)?.animated === true),
  );
};

/** The values that differ from their default. */
export const changedProps = (
  values: Readonly<Record<string, Json>>,
  schema: Schema,
  leftOut: ReadonlySet<string>,
): Props => {
  const props: Record<string, Json> = {};
  for (const [key, value] of Object.entries(values)) {
    if (!leftOut.has(key) && !sameJson(value, schema.get(key)?.default)) props[key] = value;
  }
  return props;
};

export const reportBadValues = (read: ReadRecord, findings: Findings): void => {
  for (const key of read.bad) findings.add("bad_value", read.id, key);
};

/** A live clip; null with `bad_time` where its placement is wrong, `unknown_kind` for that. */
export const readClip = (
  read: ReadRecord,
  trackKind: string,
  findings: Findings,
): ClipRecord | null => {
  const { id, values } = read;
  const wrong = read.bad.filter((key) => PLACEMENT.has(key));
  for (const key of read.bad) if (!PLACEMENT.has(key)) findings.add("bad_value", id, key);
  const kind = (values["kind"] ?? (trackKind === "caption" ? "captions" : "media")) as string;
  const speed = reduced((values["speed_num"] ?? 1) as number, (values["speed_den"] ?? 1) as number);
  if (Math.abs(speed[0]) > SPEED_TIMES_MAX * speed[1]) wrong.push("speed_num");
  if (wrong.length > 0) {
    findings.add("bad_time", id, wrong.sort(compareText).join(", "));
    return null;
  }
  if (!ALL_CLIP_KINDS.has(kind)) {
    findings.add("unknown_kind", id, "kind");
    return null;
  }
  const only = (key: string): string | null =>
    kind === (key === "asset" ? "media" : key) ? ((values[key] ?? null) as string | null) : null;
  return {
    id,
    kind,
    track: (values["track"] ?? "") as string,
    start: (values["start"] ?? 0) as number,
    duration: (values["duration"] ?? null) as number | null,
    sourceIn: (values["source_in"] ?? null) as number | null,
    speed: kind === "media" || kind === "sequence" ? speed : [1, 1],
    enabled: values["enabled"] !== false,
    asset: only("asset"),
    sequence: only("sequence"),
    generator: kind === "generator" ? generatorOf(read, findings) : null,
    fadeIn: (values["fade_in"] ?? 0) as number,
    fadeOut: (values["fade_out"] ?? 0) as number,
    props: clipProps(read, kind, trackKind, findings),
    curves: clipCurves(read.curves, kind),
  };
};

const generatorOf = ({ id, values }: ReadRecord, findings: Findings): string | null => {
  const generator = (values["generator"] ?? null) as string | null;
  if (generator === null || GENERATORS.has(generator)) return generator;
  findings.add("unknown_kind", id, "generator");
  return null;
};

const clipProps = (
  read: ReadRecord,
  kind: string,
  trackKind: string,
  findings: Findings,
): Props => {
  const props: Record<string, Json> = {};
  for (const [key, value] of Object.entries(read.values)) {
    if (STRUCTURE.has(key) || sameJson(value, clipDefault(key, kind, trackKind))) continue;
    props[key] = value;
  }
  if (read.params === NO_VALUES || kind !== "generator") return props;
  const schema = GENERATORS.get((read.values["generator"] ?? "") as string);
  if (schema === undefined) return props;
  const params = readParams(read.params, schema, read.id, findings);
  for (const [name, value] of Object.entries(params)) {
    if (value !== schema.get(name)?.default) props[`p:${name}`] = value;
  }
  return props;
};

const MEDIA_CURVES: Schema = new Map([...CLIPS, ["time", TIME_REMAP]]);

const clipCurves = (curves: Curves, kind: string): Curves =>
  animatedCurves(curves, kind === "media" ? MEDIA_CURVES : CLIPS);

const gcd = (left: number, right: number): number => {
  let a = Math.abs(left);
  let b = Math.abs(right);
  while (b !== 0) [a, b] = [b, a % b];
  return a;
};

/** A fraction in lowest terms; `den` > 0. */
export const reduced = (num: number, den: number): Speed => {
  const shared = gcd(num, den);
  return [num / shared, den / shared];
};

/** Whether a clip ends, on the sequence and in its source, inside of 2^50 ticks [timeline-R3]. */
export const fitsTheClock = (
  start: number,
  duration: number,
  sourceIn: number,
  speed: Speed,
): boolean => {
  const last = sourceIn + mulDiv(duration, speed[0], speed[1]);
  return start + duration <= TICK_MAX && -TICK_MAX <= last && last <= TICK_MAX;
};
