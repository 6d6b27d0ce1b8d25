/** Edits of speed: setSpeed, reverse, rateStretch, freeze. */
import type { Edge } from "./arguments";
import { type Draft, members } from "./draft";
import { edgeAt, edgeMembers, neighbourLimit, solidEdge } from "./edits";
import {
  copyEffects,
  frameLength,
  inTime,
  longEnough,
  type Manner,
  onGrid,
  snappedTo,
  solid,
  speedFor,
  writeDown,
} from "./placing";
import type { Speed } from "./reading";
import { EditRefused } from "./refusal";
import { closed, opened } from "./ripples";
import { SPEED_TIMES_MAX } from "./schema";
import { localIn, TIMED_KINDS } from "./seen";

const isTimed = (draft: Draft, clip: string): boolean => TIMED_KINDS.has(draft.where(clip).kind);

/** The members that have a speed; `bad_argument` where the named clip has none. */
const timedMembers = (draft: Draft, clip: string, linked: boolean): readonly string[] => {
  if (!isTimed(draft, clip)) {
    throw new EditRefused("bad_argument", "clip", "only media and nested sequences have a speed");
  }
  return members(draft, clip, { linked })
    .filter((name) => isTimed(draft, name))
    .flatMap((name) => writeDown(draft, name));
};

/**
 * Shows the same source at another speed; the length changes, on the grid.
 *
 *     | A      |  | B |   ->   | A  |      | B |
 *
 * A longer clip stops at its neighbour (`clamped`), unless `ripple` makes room; then a shorter one
 * closes up as well. The other sign plays the other way.
 */
export const setSpeed = (
  draft: Draft,
  clip: string,
  speed: Speed,
  ripple: boolean,
  linked: boolean,
): void => {
  for (const name of timedMembers(draft, clip, linked)) {
    const [num] = draft.where(name).speed;
    if (num === 0) {
      throw new EditRefused("bad_argument", "clip", "a frozen clip shows no source to speed up");
    }
    if (num < 0 !== speed[0] < 0) turn(draft, name);
  }
  const parts = timedMembers(draft, clip, linked);
  const before = draft.where(clip);
  const after = lengthAt(draft, clip, speed);
  if (!ripple) {
    setSpeeds(draft, parts, speed);
    return;
  }
  const own = new Set(parts.map((part) => draft.laneOf(part).track));
  const { sequence } = draft.laneOf(clip);
  if (after > before.duration) opened(draft, sequence, before.end, after - before.duration, own);
  setSpeeds(draft, parts, speed);
  if (after < before.duration) closed(draft, sequence, [[before.start + after, before.end]], own);
};

const setSpeeds = (draft: Draft, parts: readonly string[], speed: Speed): void => {
  for (const part of parts) {
    const where = draft.where(part);
    const limit = neighbourLimit(draft.laneOf(part), "tail", where.end) - where.start;
    const wanted = lengthAt(draft, part, speed);
    if (wanted > limit) draft.clamp(part);
    const duration = Math.min(wanted, limit);
    inTime(part, where.start + duration);
    draft.place(part, {
      duration,
      source_in: where.sourceIn,
      speed_num: speed[0],
      speed_den: speed[1],
    });
  }
};

const lengthAt = (draft: Draft, clip: string, [num, den]: Speed): number => {
  const { duration, speed } = draft.where(clip);
  const { rate } = draft.laneOf(clip);
  const source = BigInt(duration) * BigInt(Math.abs(speed[0])) * BigInt(den);
  const length = Number(source / (BigInt(speed[1]) * BigInt(Math.abs(num))));
  return Math.max(snappedTo(rate, length), snappedTo(rate, frameLength(rate)));
};

/**
 * Plays the same stretch of the source backwards, in the same place.
 *
 *     source  | 1 2 3 |   ->   | 3 2 1 |
 */
export const reverse = (draft: Draft, clip: string, linked: boolean): void => {
  for (const part of timedMembers(draft, clip, linked)) turn(draft, part);
};

const turn = (draft: Draft, clip: string): void => {
  const where = draft.where(clip);
  const [num, den] = where.speed;
  if (num === 0) return;
  draft.place(clip, {
    duration: where.duration,
    source_in: localIn(where, where.end),
    speed_num: -num,
    speed_den: den,
  });
};

/**
 * Stretches a clip to `duration` by its speed, the same source shown.
 *
 *     | A    |       | B |   ->   | A (slower)  | B |
 *            *----->
 *
 * `edge` is the one that moves; a neighbour stops it.
 */
export const rateStretch = (
  draft: Draft,
  clip: string,
  duration: number,
  edge: Edge,
  { linked, snap }: Manner,
): void => {
  const lane = draft.laneOf(clip);
  const at = edgeAt(draft, clip, edge);
  timedMembers(draft, clip, linked);
  const parts = edgeMembers(draft, clip, edge, 0, linked)
    .map((name) => solidEdge(draft, name, edge))
    .filter((part) => isTimed(draft, part));
  const by = duration - draft.where(clip).duration;
  let to = onGrid(lane, edge === "head" ? at - by : at + by, snap);
  for (const part of parts) {
    const limit = neighbourLimit(draft.laneOf(part), edge, at);
    if (edge === "head" ? limit > to : limit < to) {
      draft.clamp(part);
      to = limit;
    }
  }
  for (const part of parts) stretch(draft, part, edge, to);
};

const stretch = (draft: Draft, clip: string, edge: Edge, to: number): void => {
  const where = draft.where(clip);
  const start = edge === "head" ? to : where.start;
  const end = edge === "head" ? where.end : to;
  const duration = longEnough(clip, end - start, draft.laneOf(clip).rate);
  const [wasNum, wasDen] = where.speed;
  if (wasNum === 0) {
    draft.place(clip, { start, duration });
    return;
  }
  const [num, den] = speedFor(
    BigInt(where.duration) * BigInt(Math.abs(wasNum)),
    BigInt(duration) * BigInt(wasDen),
  );
  if (num > SPEED_TIMES_MAX * den) {
    throw new EditRefused("too_short", clip, "faster than 100 times");
  }
  draft.place(clip, {
    start,
    duration,
    source_in: where.sourceIn,
    speed_num: wasNum > 0 ? num : -num,
    speed_den: den,
  });
};

/**
 * Holds the picture at `at` for `duration` ticks; what follows moves right.
 *
 *     | A       |   ->   | A  |####| A' |
 *         at                 hold
 *
 * The sound of the clip is cut there and rests meanwhile. `created.clip` is the held one. New ids:
 * what is cut bottom to top, then the held clip, its effects, then link values.
 */
export const freeze = (
  draft: Draft,
  clip: string,
  from: number,
  duration: number,
  { linked, snap }: Manner,
): void => {
  const lane = draft.unlocked(draft.laneOf(clip).track);
  if (!isTimed(draft, clip)) {
    throw new EditRefused("bad_argument", "clip", "only media and nested sequences can be frozen");
  }
  const at = onGrid(lane, from, snap);
  const length = longEnough("duration", onGrid(lane, duration, snap), lane.rate);
  const piece = draft.pieces(clip).find(({ start, end }) => start <= at && at < end);
  if (piece === undefined) {
    throw new EditRefused("not_found", clip, "the clip does not show there");
  }
  const own = members(draft, clip, { linked }).map((name) => draft.laneOf(name).track);
  const name = solid(draft, piece);
  const inside = localIn(draft.where(name), at);
  const source = draft.record("clips", name);
  opened(draft, lane.sequence, at, length, own);
  const held = draft.create("clips", {
    ...source,
    start: at,
    duration: length,
    source_in: inside,
    speed_num: 0,
    speed_den: 1,
    link: null,
    fade_in: null,
    fade_out: null,
  });
  draft.name("clip", held);
  copyEffects(draft, name, held);
};
