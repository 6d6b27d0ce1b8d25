/**
 * Plain key writes: set, links and groups, tracks, keyframes, effects, markers, cues, removal.
 *
 * Every value is checked by the schema before it is written [timeline-W5].
 */
import { refused } from "./arguments";
import { compareText } from "./diagnostics";
import type { Draft } from "./draft";
import { readKeyframe } from "./keyframes";
import {
  type DocRecord,
  type Json,
  type JsonObject,
  RECORD_ROOTS,
  type RecordRoot,
  type Root,
  sameJson,
} from "./model";
import { orderBetween } from "./placements";
import { removeClip } from "./placing";
import { EditRefused } from "./refusal";
import { BAD, readKey, SCHEMA } from "./schema";
import { isLive, textOf } from "./seen";

const VENDOR_KEY = /^x:[a-z0-9_-]{1,32}:[A-Za-z0-9_:.-]{1,80}$/;
const PARAM_KEY = /^p:[a-z0-9_]{1,64}$/;
const BIND_KEY = /^bind:(p:)?[a-z0-9_]{1,64}$/;
const CURVE_KEY = /^kf:(p:)?[a-z0-9_]{1,64}:[A-Za-z0-9_-]{1,64}$/;
const OWNER_ROOTS: readonly RecordRoot[] = ["clips", "tracks", "sequences"];

/** A value as it may stand under this key, null for the default; `bad_argument` names the key. */
export const checked = (root: Root, key: string, value: Json): Json => {
  if (value === null) return null;
  if (key === "removed") {
    if (typeof value !== "boolean") throw refused(key, "true or false is expected");
    return value;
  }
  if (SCHEMA[root].has(key)) {
    const found = readKey(root, key, value);
    if (found === BAD) throw refused(key, "not a value that this key can have");
    return found;
  }
  if (key.startsWith("kf:")) {
    if (!CURVE_KEY.test(key) || readKeyframe(value) === BAD) throw refused(key, "not a keyframe");
    return value;
  }
  if (![PARAM_KEY, BIND_KEY, VENDOR_KEY].some((pattern) => pattern.test(key))) {
    throw refused(key, `${root} have no such key`);
  }
  return value;
};

/** Writes properties of one record; null is the default. A record on a locked track is refused [timeline-E4]. */
export const setKeys = (draft: Draft, root: Root, id: string, values: JsonObject): void => {
  if (root === "meta") {
    for (const [key, value] of Object.entries(values)) {
      draft.writeMeta(key, checked(root, key, value));
    }
    return;
  }
  if (!draft.records(root).has(id)) {
    throw new EditRefused("not_found", id, `no such record in ${root}`);
  }
  refuseLocked(draft, root, id);
  for (const [key, value] of Object.entries(values)) {
    draft.write(root, id, key, checked(root, key, value));
  }
  const track = values["track"] ?? null;
  if (root === "clips" && track !== null) draft.unlocked(textOf(track));
};

/** `track_locked` where the record is a clip on a locked track, or belongs to one. */
const refuseLocked = (draft: Draft, root: RecordRoot, id: string): void => {
  const record = draft.raw(root, id);
  for (const owner of ownersOf(root, id, record)) {
    const clip = draft.records("clips").get(textOf(owner));
    const lane = clip === undefined ? null : draft.seen.lane(textOf(clip["track"]));
    if (lane !== null) draft.unlocked(lane.track);
  }
};

const ownersOf = (
  root: RecordRoot,
  id: string,
  record: DocRecord,
): readonly (Json | undefined)[] => {
  if (root === "clips") return [id];
  if (root === "transitions") return [record["left"], record["right"]];
  if (root === "cues") return [record["clip"]];
  return root === "effects" || root === "markers" ? [record["owner"]] : [];
};

export type SharedKey = "link" | "group";

/** Writes `link` or `group` of several clips. */
export const setShared = (
  draft: Draft,
  key: SharedKey,
  clips: readonly string[],
  value: string | null,
): void => {
  for (const clip of clips) {
    draft.record("clips", clip);
    refuseLocked(draft, "clips", clip);
  }
  for (const clip of clips) draft.write("clips", clip, key, value);
};

/** Ends the link or group of each of these clips, for all its members; a set of one is none. */
export const dissolveSet = (draft: Draft, key: SharedKey, clips: readonly string[]): void => {
  const values = new Set(clips.map((clip) => textOf(draft.record("clips", clip)[key])));
  values.delete("");
  const names = [...values]
    .sort(compareText)
    .flatMap((value) => draft.ownedBy("clips", key, value));
  setShared(draft, key, names, null);
};

/** Beside which track: right above or below it. */
export interface Beside {
  readonly above: string | null;
  readonly below: string | null;
}

/** A new track, right above or below another, else on top of those of its kind. */
export const addTrack = (
  draft: Draft,
  kind: string,
  named: string | null,
  name: string | null,
  place: Beside,
): void => {
  const sequence = draft.sequence(named);
  const isFree = place.above === null && place.below === null;
  const same = draft.seen.lanes(sequence).filter((lane) => lane.kind === kind);
  const beside = isFree ? { above: same.at(-1)?.track ?? null, below: null } : place;
  const order = orderBeside(draft, sequence, beside, null);
  draft.names.set("track", draft.create("tracks", { sequence, kind, order, name }));
};

/** Puts a track right above or below another. */
export const reorderTrack = (draft: Draft, track: string, place: Beside): void => {
  const { sequence } = draft.lane(track);
  if (place.above === null && place.below === null) {
    throw refused("above", "above or below is expected");
  }
  draft.write("tracks", track, "order", orderBeside(draft, sequence, place, track));
};

const orderBeside = (
  draft: Draft,
  sequence: string,
  { above, below }: Beside,
  moving: string | null,
): string => {
  const lanes = draft.seen.lanes(sequence).filter(({ track }) => track !== moving);
  const indexOf = (track: string): number => lanes.findIndex((lane) => lane.track === track);
  for (const named of [above, below]) {
    if (named !== null && indexOf(named) < 0) {
      throw new EditRefused("not_found", named, "no such track in this sequence");
    }
  }
  const under = below === null ? lanes.length : indexOf(below);
  const place = above === null ? under : indexOf(above) + 1;
  return orderBetween(lanes[place - 1]?.order ?? null, lanes[place]?.order ?? null);
};

/** Removes a track with its clips and effects [timeline-W4]; `track_locked` where it is locked. */
export const removeTrack = (draft: Draft, track: string): void => {
  draft.unlocked(track);
  for (const clip of draft.ownedBy("clips", "track", track)) removeClip(draft, clip);
  for (const effect of draft.ownedBy("effects", "owner", track)) draft.remove("effects", effect);
  draft.remove("tracks", track);
};

/** Removes a sequence with its tracks; the main one stays. */
export const removeSequence = (draft: Draft, sequence: string): void => {
  draft.record("sequences", sequence);
  if (sequence === draft.sequence()) {
    throw refused("sequence", "the main sequence cannot be removed");
  }
  for (const lane of draft.seen.lanes(sequence)) removeTrack(draft, lane.track);
  draft.remove("sequences", sequence);
};

/** Removes any record with all that belongs to it [timeline-W4]. */
export const removeRecord = (draft: Draft, root: RecordRoot, id: string): void => {
  draft.record(root, id);
  refuseLocked(draft, root, id);
  if (root === "tracks") removeTrack(draft, id);
  else if (root === "sequences") removeSequence(draft, id);
  else if (root === "clips") removeClip(draft, id);
  else draft.remove(root, id);
};

/** A new record with checked values; `created[name]` is its id. */
export const addRecord = (
  draft: Draft,
  root: RecordRoot,
  record: JsonObject,
  name: string,
): void => {
  const clean = Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, checked(root, key, value)]),
  );
  refuseStrangers(draft, clean["owner"], OWNER_ROOTS);
  refuseStrangers(draft, clean["clip"], ["clips"]);
  const created = draft.create(root, clean);
  draft.names.set(name, created);
  refuseLocked(draft, root, created);
};

/** `not_found` where an owner is named that is no live record of these roots. */
const refuseStrangers = (
  draft: Draft,
  owner: Json | undefined,
  roots: readonly RecordRoot[],
): void => {
  if (typeof owner !== "string") return;
  if (roots.some((root) => isLive(draft.records(root).get(owner)))) return;
  throw new EditRefused("not_found", owner, "no such owner");
};

/** Adds an effect behind those that its owner has. */
export const addEffect = (draft: Draft, owner: string, kind: string, params: JsonObject): void => {
  const last = draft.ownedBy("effects", "owner", owner).at(-1);
  const below = last === undefined ? null : textOf(draft.record("effects", last)["order"]);
  const values = Object.entries(params).map(([name, value]) => [`p:${name}`, value]);
  const order = orderBetween(below, null);
  addRecord(draft, "effects", { owner, kind, order, ...Object.fromEntries(values) }, "effect");
};

/**
 * Writes a keyframe `[t, value, interp, ...]` of a property; one at the same time is replaced.
 *
 * Of several at one time the highest id counts [timeline-K2], so that one is written.
 */
export const setKeyframe = (
  draft: Draft,
  root: RecordRoot,
  id: string,
  prop: string,
  keyframe: readonly Json[],
): void => {
  draft.record(root, id);
  refuseLocked(draft, root, id);
  const found = keyframesAt(draft, root, id, prop, keyframe[0] ?? null).at(-1);
  const name = found ?? `kf:${prop}:${draft.newId()}`;
  draft.names.set("keyframe", name.slice(name.lastIndexOf(":") + 1));
  draft.write(root, id, name, checked(root, name, keyframe));
};

/** Takes away all keyframes of a property at this local time; `not_found` where there is none. */
export const removeKeyframe = (
  draft: Draft,
  root: RecordRoot,
  id: string,
  prop: string,
  at: number,
): void => {
  draft.record(root, id);
  refuseLocked(draft, root, id);
  const found = keyframesAt(draft, root, id, prop, at);
  if (found.length === 0) throw new EditRefused("not_found", id, `no keyframe of ${prop} there`);
  for (const name of found) draft.write(root, id, name, null);
};

/** The keys of the keyframes of a property at a local time, lowest id first. */
const keyframesAt = (
  draft: Draft,
  root: RecordRoot,
  id: string,
  prop: string,
  at: Json,
): readonly string[] =>
  Object.entries(draft.raw(root, id))
    .filter(
      ([key, value]) =>
        key.startsWith(`kf:${prop}:`) &&
        Array.isArray(value) &&
        value.length > 0 &&
        sameJson(value[0] as Json, at),
    )
    .map(([key]) => key)
    .sort(compareText);

/** The record root of this name; `bad_argument` where there is none. */
export const recordRoot = (name: string): RecordRoot => {
  const root = RECORD_ROOTS.find((one) => one === name);
  if (root === undefined) throw refused("map", `one of ${RECORD_ROOTS.join(", ")} is expected`);
  return root;
};
