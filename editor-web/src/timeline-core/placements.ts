/** Edits that put clips somewhere: overwrite, insert, append, replace, move, lift. */
import type { Mode, Stretch } from "./arguments";
import { type Draft, members } from "./draft";
import { type DocRecord, type Json, sameJson } from "./model";
import { isOrderKey, keyBetween } from "./order-keys";
import {
  clear,
  inTime,
  isFree,
  keepSourceIn,
  longEnough,
  type Manner,
  onGrid,
  removeClip,
  snappedTo,
  speedFor,
  writeDown,
} from "./placing";
import type { Speed } from "./reading";
import { EditRefused } from "./refusal";
import { allMembers, opened } from "./ripples";
import { CLIP_DURATION_DEFAULT, CLIP_KINDS } from "./schema";
import { type Lane, textOf } from "./seen";
import { frames, tick } from "./time";

/**
 * What to place: the keys of the clip without placement, and its source range in source ticks.
 *
 * Of source in and out, start and end any three give the fourth; all four fit to fill.
 */
export interface Material {
  readonly keys: DocRecord;
  readonly sourceIn: number | null;
  readonly sourceOut: number | null;
  readonly duration: number | null;
}

const assetOf = ({ keys }: Material): string => textOf(keys["asset"]);

/** A material on the timeline: length there, source and speed. */
interface Fit {
  readonly duration: number;
  readonly sourceIn: number;
  readonly speed: Speed;
}

const fitOf = (duration: number, sourceIn: number, speed: Speed = [1, 1]): Fit => ({
  duration,
  sourceIn,
  speed,
});

/** How a material fills `length` ticks, or as long as it lasts where that is null; on the grid. */
const fitted = (draft: Draft, lane: Lane, material: Material, given: number | null): Fit => {
  const { sourceIn, sourceOut } = material;
  if (sourceIn !== null && sourceOut !== null && sourceOut <= sourceIn) {
    throw new EditRefused("bad_argument", "source_out", "must be after source_in");
  }
  const length = given ?? material.duration;
  const from = sourceIn ?? 0;
  if (length === null) {
    const natural = sourceOut === null ? lasting(draft, material, from) : sourceOut - from;
    return fitOf(Math.max(snappedTo(lane.rate, natural), tick(frames(1), lane.rate)), from);
  }
  if (sourceIn !== null && sourceOut !== null) {
    return fitOf(length, sourceIn, speedFor(BigInt(sourceOut - sourceIn), BigInt(length)));
  }
  if (sourceOut === null) return fitOf(length, from);
  if (sourceOut < length) {
    throw new EditRefused("no_handle", assetOf(material), "the source begins later than that");
  }
  return fitOf(length, sourceOut - length);
};

const lasting = (draft: Draft, material: Material, sourceIn: number): number => {
  const duration = draft.assets.get(assetOf(material))?.duration ?? null;
  if (duration === null || duration <= sourceIn) return CLIP_DURATION_DEFAULT;
  return duration - sourceIn;
};

/**
 * Places a material on tracks, linked with each other; what lies there gives way.
 *
 *     | A      | B |   ->   | A | X  | B |
 *         [ X )
 *
 * `created.clip` is the first clip. `at` null counts back from `end`. New ids: what is cut below,
 * track by track, then the clips in the order of `tracks`, then one link value.
 */
export const overwrite = (
  draft: Draft,
  tracks: readonly [string, ...string[]],
  material: Material,
  at: number | null,
  end: number | null = null,
  snap = true,
): void => {
  const lanes = unlockedLanes(draft, tracks);
  const [start, shape] = spanOf(draft, lanes[0], material, at, end, snap);
  for (const { track } of lanes) clear(draft, track, start, start + shape.duration);
  create(draft, lanes, material, start, shape);
};

type Lanes = readonly [Lane, ...Lane[]];

const unlockedLanes = (draft: Draft, [first, ...more]: readonly [string, ...string[]]): Lanes => [
  draft.unlocked(first),
  ...more.map((track) => draft.unlocked(track)),
];

const spanOf = (
  draft: Draft,
  lane: Lane,
  material: Material,
  from: number | null,
  to: number | null,
  snap: boolean,
): readonly [number, Fit] => {
  const at = from === null ? null : onGrid(lane, from, snap);
  const end = to === null ? null : onGrid(lane, to, snap);
  const shape = fitted(draft, lane, material, wantedLength(lane, material, at, end, snap));
  if (at === null && end === null) throw new EditRefused("bad_argument", "at", "is missing");
  const start = at ?? (end as number) - shape.duration;
  if (start < 0) {
    throw new EditRefused("bad_argument", "at", "would start before the sequence");
  }
  longEnough("duration", shape.duration, lane.rate);
  inTime("at", start + shape.duration);
  return [start, shape];
};

const wantedLength = (
  lane: Lane,
  { duration, sourceOut }: Material,
  at: number | null,
  end: number | null,
  snap: boolean,
): number | null => {
  if (at !== null && end !== null) return end - at;
  return duration === null || sourceOut !== null ? null : onGrid(lane, duration, snap);
};

const create = (
  draft: Draft,
  lanes: Lanes,
  { keys }: Material,
  start: number,
  { duration, sourceIn, speed }: Fit,
): void => {
  const { kind: given = "media", ...others } = keys;
  const clips = lanes.map((lane) => {
    const kind = lane.kind === "caption" ? "captions" : textOf(given, "media");
    if (CLIP_KINDS.get(lane.kind)?.has(kind) !== true) {
      const detail = `${kind} does not go on a ${lane.kind} track`;
      throw new EditRefused("bad_argument", "kind", detail);
    }
    const place = { track: lane.track, kind, ...others, start, duration, source_in: sourceIn };
    const isPlain = speed[0] === 1 && speed[1] === 1;
    const rate = isPlain ? {} : { speed_num: speed[0], speed_den: speed[1] };
    return draft.create("clips", { ...place, ...rate });
  });
  draft.name("clip", clips[0] ?? "");
  linkAll(draft, clips);
};

/** One new link value for two clips or more. */
export const linkAll = (draft: Draft, clips: readonly string[]): void => {
  if (clips.length < 2) return;
  const link = draft.newId();
  for (const clip of clips) draft.write("clips", clip, "link", link);
};

/**
 * Places a material at `at`; what follows moves right by its length, on all tracks with sync lock.
 *
 *     | A     | B |   ->   | A | X | A' | B |
 *         at
 */
export const insert = (
  draft: Draft,
  tracks: readonly [string, ...string[]],
  material: Material,
  at: number,
  snap: boolean,
): void => {
  const lanes = unlockedLanes(draft, tracks);
  const [start, shape] = spanOf(draft, lanes[0], material, at, null, snap);
  // `start` is on the grid already; sound that need not be stays where it is.
  opened(draft, lanes[0].sequence, onGrid(lanes[0], start, false), shape.duration, tracks);
  create(draft, lanes, material, start, shape);
};

/**
 * Places a material where the last of the tracks ends.
 *
 *     | A |   ->   | A | X |
 */
export const append = (
  draft: Draft,
  tracks: readonly [string, ...string[]],
  material: Material,
): void => {
  const ends = unlockedLanes(draft, tracks).map((lane) => lane.end);
  overwrite(draft, tracks, material, Math.max(...ends));
};

/**
 * Places a material on the first track above `track` that is free there, else on a new one.
 *
 *     V2                    V2  | X |
 *     V1 | A      |   ->    V1 | A      |
 */
export const placeOnTop = (
  draft: Draft,
  track: string,
  material: Material,
  at: number,
  end: number | null,
  snap: boolean,
): void => {
  const lane = draft.lane(track);
  const [start, shape] = spanOf(draft, lane, material, at, end, snap);
  const above = lanesAbove(draft, lane);
  const found =
    above.find((other) => !other.locked && isFree(other, start, start + shape.duration)) ??
    draft.lane(newTrackAbove(draft, above.at(-1) ?? lane));
  create(draft, [found], material, start, shape);
};

/** Tracks of the same kind and sequence, bottom to top, from the one above `lane` on. */
export const lanesAbove = (draft: Draft, lane: Lane): readonly Lane[] => {
  const lanes = draft.seen.lanes(lane.sequence).filter(({ kind }) => kind === lane.kind);
  return lanes.slice(lanes.findIndex(({ track }) => track === lane.track) + 1);
};

/** A new track of the same kind right above this one. */
export const newTrackAbove = (draft: Draft, lane: Lane): string => {
  const lanes = draft.seen.lanes(lane.sequence);
  const upper = lanes[lanes.findIndex(({ track }) => track === lane.track) + 1];
  const order = orderBetween(lane.order, upper?.order ?? null);
  const track = draft.create("tracks", { sequence: lane.sequence, kind: lane.kind, order });
  draft.name("track", track);
  return track;
};

const usable = (key: string | null): string | null =>
  key !== null && isOrderKey(key) ? key : null;

/** An order key between two neighbours as stored, which may be equal, empty or no keys at all. */
export const orderBetween = (left: string | null, right: string | null): string => {
  const low = usable(left);
  const high = usable(right);
  // Equal keys leave no room between: go behind both.
  return keyBetween(low, low !== null && high !== null && low >= high ? null : high);
};

/**
 * Shows another asset in the same place; all else is kept. Linked clips of the same asset follow.
 *
 *     | A |   ->   | B |
 */
export const replace = (
  draft: Draft,
  clip: string,
  asset: string,
  sourceIn: number | null,
  linked: boolean,
): void => {
  const old = draft.record("clips", clip)["asset"] ?? null;
  for (const name of members(draft, clip, { linked })) {
    const its: Json = draft.record("clips", name)["asset"] ?? null;
    if (name === clip || sameJson(its, old)) replaceMedia(draft, name, asset, sourceIn);
  }
};

/** Writes another asset; length and source stay as they are even where only defaults gave them. */
export const replaceMedia = (
  draft: Draft,
  clip: string,
  asset: string,
  sourceIn: number | null = null,
): void => {
  const record = draft.raw("clips", clip);
  const lane = draft.seen.lane(textOf(record["track"]));
  const where = lane === null ? null : draft.seen.placement(clip, lane.kind);
  if (where !== null && (record["duration"] ?? null) === null) {
    draft.place(clip, { duration: where.duration });
  }
  if (where !== null) keepSourceIn(draft, clip, where);
  draft.write("clips", clip, "asset", asset);
  if (sourceIn !== null) draft.place(clip, { source_in: sourceIn });
};

/** Where to: `at` for the first clip or `by` for all, and another track. */
export interface Destination {
  readonly at: number | null;
  readonly by: number | null;
  readonly track: string | null;
  readonly mode: Mode;
}

/**
 * Moves clips with their links and groups to `at` (of the first one) or by `by`, and to another track.
 *
 *     | A | B |        |   ->   | A |     | B |
 *
 * Several keep their distances, in time and in tracks; links of another kind stay on their tracks.
 * A start before 0 is clamped. Mode `insert` makes room at the new place instead of covering it.
 */
export const move = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  { at, by, track, mode }: Destination,
  { linked, snap }: Manner,
): void => {
  const [first] = clips;
  if (draft.seen.lane(textOf(draft.record("clips", first)["track"])) === null) {
    recover(draft, first, track);
  }
  const names = allMembers(draft, clips, { linked, grouped: true });
  const { start } = draft.where(first);
  const goal = at ?? start + (by ?? 0);
  const lane = track === null ? draft.laneOf(first) : draft.lane(track);
  const wanted = at === null && by === null ? 0 : onGrid(lane, Math.max(goal, 0), snap) - start;
  const targets = targetTracks(draft, names, clips, track);
  const solids = new Map(
    names.flatMap((name) =>
      writeDown(draft, name).map((part) => [part, targets.get(name) ?? ""] as const),
    ),
  );
  const earliest = Math.min(...[...solids.keys()].map((part) => draft.where(part).start));
  if (goal < 0 || earliest + wanted < 0) draft.clamp(first);
  const delta = Math.max(wanted, -earliest);
  const placed = new Map(
    [...solids.keys()].map((part): [string, Stretch] => {
      const where = draft.where(part);
      return [part, [where.start + delta, where.end + delta]];
    }),
  );
  for (const [part, [, end]] of placed) inTime(part, end);
  const removed = new Map(
    [...solids.keys()].map((part) => [part, draft.record("clips", part)["removed"] ?? null]),
  );
  makeWay(draft, solids, placed, mode);
  for (const [part, target] of solids) {
    draft.write("clips", part, "removed", removed.get(part) ?? null);
    draft.place(part, { track: target, start: placed.get(part)?.[0] ?? 0 });
  }
};

/** Frees the new places; the moving clips themselves are out of the way meanwhile. */
const makeWay = (
  draft: Draft,
  solids: ReadonlyMap<string, string>,
  placed: ReadonlyMap<string, Stretch>,
  mode: Mode,
): void => {
  for (const part of solids.keys()) draft.remove("clips", part);
  if (mode === "insert") {
    const stretches = [...placed.values()];
    const start = Math.min(...stretches.map(([head]) => head));
    const end = Math.max(...stretches.map(([, tail]) => tail));
    const own = [...new Set(solids.values())];
    opened(draft, draft.lane(own[0] ?? "").sequence, start, end - start, own);
    return;
  }
  for (const [part, target] of solids) {
    const [start, end] = placed.get(part) ?? [0, 0];
    clear(draft, target, start, end);
  }
};

/** Brings back a clip whose track is gone [timeline-R6]: it needs a track to stand on. */
const recover = (draft: Draft, clip: string, track: string | null): void => {
  if (track === null) {
    throw new EditRefused("not_found", clip, "the clip is on no track: name one");
  }
  draft.unlocked(track);
  draft.place(clip, { track });
};

/** The track that each clip goes to: named ones of the first one's kind move by as many lanes. */
const targetTracks = (
  draft: Draft,
  names: readonly string[],
  clips: readonly [string, ...string[]],
  track: string | null,
): ReadonlyMap<string, string> => {
  const found = new Map(names.map((name) => [name, draft.laneOf(name).track]));
  const first = draft.laneOf(clips[0]);
  if (track === null || track === first.track) return found;
  const target = draft.unlocked(track);
  if (target.kind !== first.kind || target.sequence !== first.sequence) {
    const detail = "another kind of track, or another sequence";
    throw new EditRefused("bad_argument", "track", detail);
  }
  const lanes = draft.seen.lanes(first.sequence).filter(({ kind }) => kind === first.kind);
  const same = lanes.map((lane) => lane.track);
  const up = same.indexOf(target.track) - same.indexOf(first.track);
  for (const name of clips) {
    const lane = draft.laneOf(name);
    if (lane.kind !== first.kind) continue;
    const there = same[same.indexOf(lane.track) + up];
    if (there === undefined) {
      throw new EditRefused("bad_argument", "track", "not enough tracks for all the clips");
    }
    found.set(name, draft.unlocked(there).track);
  }
  return found;
};

/**
 * Removes clips with their links and groups; the gap stays.
 *
 *     | A | B | C |   ->   | A |   | C |
 */
export const lift = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  linked: boolean,
): void => {
  for (const name of allMembers(draft, clips, { linked, grouped: true })) removeClip(draft, name);
};

/**
 * Removes what tracks show in a range; the gap stays.
 *
 *     | A      | B    |   ->   | A |      | B |
 *          [      )
 */
export const liftRange = (
  draft: Draft,
  stretch: Stretch,
  tracks: readonly string[],
  snap: boolean,
): void => {
  for (const track of tracks) {
    const lane = draft.unlocked(track);
    const start = onGrid(lane, stretch[0], snap);
    const end = onGrid(lane, stretch[1], snap);
    if (end > start) clear(draft, track, start, end);
  }
};
