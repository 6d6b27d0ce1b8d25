/**
 * Edits that change the length of the sequence: what follows moves along [timeline-E5].
 *
 * `opened` and `closed` are the two moves that all of them are made of; both keep every track with
 * sync lock together, or refuse.
 */
import type { Edge, Stretch } from "./arguments";
import { type Draft, type Membership, members } from "./draft";
import { edgeAt, edgeMembers, moveEdge, pieceAtEdge, solidEdge, sourceLimit } from "./edits";
import { clear, cut, inTime, type Manner, onGrid, removeClip, solid, writeDown } from "./placing";
import { EditRefused } from "./refusal";
import { isWhole, type Lane } from "./seen";

/** The tracks that move together: those with sync lock, and the operation's own. */
const movingLanes = (draft: Draft, sequence: string, own: ReadonlySet<string>): readonly Lane[] =>
  draft.seen.lanes(sequence).filter(({ syncLock, track }) => syncLock || own.has(track));

/**
 * Makes room: everything from `at` on moves right by `by`; clips across `at` are cut.
 *
 *     | A    | B |    ->   | A |    | A' | B |
 *         at
 */
export const opened = (
  draft: Draft,
  sequence: string,
  at: number,
  by: number,
  own: Iterable<string>,
): void => {
  const lanes = movingLanes(draft, sequence, new Set(own));
  for (const lane of lanes) refuseLocked(lane, at);
  for (const lane of lanes) {
    writeDownAcross(draft, lane, at);
    const piece = draft.lane(lane.track).at(at);
    if (piece !== undefined && piece.start < at) cut(draft, solid(draft, piece), at);
    shift(draft, lane.track, at, by);
  }
};

/**
 * Closes stretches: what follows each moves left by its length.
 *
 *     | A |    | B |   ->   | A | B |
 *         [   )
 *
 * `sync_would_break` where a track that moves along has anything inside [timeline-E5].
 */
export const closed = (
  draft: Draft,
  sequence: string,
  stretches: readonly Stretch[],
  own: Iterable<string>,
): void => {
  const lanes = movingLanes(draft, sequence, new Set(own));
  for (const [start, end] of [...merged(stretches)].reverse()) {
    for (const lane of lanes) {
      refuseLocked(lane, start);
      const [inside] = draft.lane(lane.track).within(start, end);
      if (inside !== undefined) {
        throw new EditRefused("sync_would_break", inside.clip, "stands in the closed stretch");
      }
    }
    for (const lane of lanes) {
      writeDownAcross(draft, lane, start);
      shift(draft, lane.track, end, start - end);
    }
  }
};

/** Stretches in time order, those that touch made one. */
export const merged = (stretches: readonly Stretch[]): readonly Stretch[] => {
  const found: Stretch[] = [];
  const inOrder = [...stretches].sort(
    ([start, end], [otherStart, otherEnd]) => start - otherStart || end - otherEnd,
  );
  for (const [start, end] of inOrder) {
    const last = found.at(-1);
    if (last !== undefined && start <= last[1]) {
      found[found.length - 1] = [last[0], Math.max(end, last[1])];
    } else found.push([start, end]);
  }
  return found;
};

const refuseLocked = (lane: Lane, at: number): void => {
  if (lane.locked && lane.end > at) {
    const detail = "the track is locked and has something later";
    throw new EditRefused("track_locked", lane.track, detail);
  }
};

/** What is hidden across `at` must not come to light when its cover moves [timeline-E1]. */
const writeDownAcross = (draft: Draft, lane: Lane, at: number): void => {
  for (const placed of draft.lane(lane.track).placed) {
    if (placed.start >= at) break;
    if (placed.end <= at) continue;
    const pieces = draft.pieces(placed.clip);
    if (pieces.length === 0) draft.place(placed.clip, { duration: at - placed.start });
    else if (!(pieces.length === 1 && pieces.every(isWhole))) writeDown(draft, placed.clip);
  }
};

const shift = (draft: Draft, track: string, at: number, by: number): void => {
  for (const { clip, start, end } of draft.lane(track).placed) {
    if (start < at) continue;
    inTime(clip, end + by);
    draft.place(clip, { start: start + by });
  }
};

/**
 * Trims an edge by `by` and lets what follows move along; a trimmed head stays where it stands.
 *
 *     | A      | B |   ->   | A |  B |
 *          <---*
 */
export const ripple = (
  draft: Draft,
  clip: string,
  edge: Edge,
  by: number,
  { linked, snap }: Manner,
): void => {
  const lane = draft.laneOf(clip);
  const at = edgeAt(draft, clip, edge);
  const to = onGrid(lane, at + by, snap);
  const names = edgeMembers(draft, clip, edge, to - at, linked);
  const solids = names.map((name) => solidEdge(draft, name, edge));
  const own = new Set(solids.map((name) => draft.laneOf(name).track));
  if (to === at) return;
  if (to < at === (edge === "head")) {
    rippleOut(draft, lane.sequence, solids, edge, at, to, own);
    return;
  }
  for (const name of solids) moveEdge(draft, name, edge, to);
  closed(draft, lane.sequence, [[Math.min(at, to), Math.max(at, to)]], own);
};

/** The edge moves outward: room is made at the edge, then the clips take it. */
const rippleOut = (
  draft: Draft,
  sequence: string,
  clips: readonly string[],
  edge: Edge,
  at: number,
  wanted: number,
  own: ReadonlySet<string>,
): void => {
  let to = wanted;
  for (const clip of clips) {
    const limit = sourceLimit(draft, clip, edge, at);
    if (limit !== null && Math.abs(limit - at) < Math.abs(to - at)) {
      draft.clamp(clip);
      to = limit;
    }
  }
  const length = Math.abs(to - at);
  opened(draft, sequence, at, length, own);
  takeRoom(draft, clips, edge, at, to);
};

const takeRoom = (
  draft: Draft,
  clips: readonly string[],
  edge: Edge,
  at: number,
  to: number,
): void => {
  for (const clip of clips) moveEdge(draft, clip, edge, edge === "head" ? at : to);
};

/**
 * Removes clips with their links and groups, and closes the stretches they leave.
 *
 *     | A | B | C |   ->   | A | C |
 */
export const rippleDelete = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  linked: boolean,
): void => {
  const names = allMembers(draft, clips, { linked, grouped: true });
  const { sequence } = draft.laneOf(clips[0]);
  const onTrack = new Map<string, Stretch[]>();
  for (const name of names) {
    const { track } = draft.laneOf(name);
    const gone = draft.pieces(name).map(({ start, end }): Stretch => [start, end]);
    onTrack.set(track, [...(onTrack.get(track) ?? []), ...gone]);
  }
  for (const name of names) removeClip(draft, name);
  for (const [track, gone] of onTrack) {
    // What only the removed clips hid goes with them: people closed that stretch [timeline-E1].
    for (const [start, end] of gone) clear(draft, track, start, end);
  }
  closed(draft, sequence, [...onTrack.values()].flat(), onTrack.keys());
};

/** The link sets (and groups) of several clips of one sequence, each clip once. */
export const allMembers = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  membership: Membership,
): readonly string[] => {
  const { sequence } = draft.laneOf(clips[0]);
  const found = new Set<string>();
  for (const clip of clips) {
    if (draft.laneOf(clip).sequence !== sequence) {
      throw new EditRefused("bad_argument", "clips", "the clips are of different sequences");
    }
    if (found.has(clip) && membership.linked) continue;
    for (const name of members(draft, clip, membership)) found.add(name);
  }
  return [...found];
};

/**
 * Closes the gap that a track has at `at`.
 *
 *     | A |    | B |   ->   | A | B |
 *           at
 */
export const closeGap = (draft: Draft, track: string, at: number): void => {
  const lane = draft.unlocked(track);
  const after = lane.pieces.filter(({ start }) => start > at).map(({ start }) => start);
  if (lane.at(at) !== undefined || after.length === 0) {
    throw new EditRefused("not_found", track, "no gap there");
  }
  const start = Math.max(0, ...lane.pieces.filter(({ end }) => end <= at).map(({ end }) => end));
  closed(draft, lane.sequence, [[start, Math.min(...after)]], [track]);
};

/**
 * Cuts a range out of tracks and closes it; other tracks with sync lock move along.
 *
 *     | A      | B    |   ->   | A | B  |
 *          [      )
 */
export const extract = (
  draft: Draft,
  stretch: Stretch,
  tracks: readonly string[],
  snap: boolean,
): void => {
  const [lane] = tracks.map((track) => draft.unlocked(track));
  if (lane === undefined) return;
  const start = onGrid(lane, stretch[0], snap);
  const end = onGrid(lane, stretch[1], snap);
  if (end <= start) throw new EditRefused("too_short", "range", "the range holds no frame");
  for (const track of tracks) clear(draft, track, start, end);
  closed(draft, lane.sequence, [[start, end]], tracks);
};

/** Extracts from all unlocked tracks of the sequence. */
export const removeRange = (
  draft: Draft,
  stretch: Stretch,
  sequence: string | null,
  snap: boolean,
): void => {
  const lanes = draft.seen.lanes(draft.sequence(sequence));
  const unlocked = lanes.filter(({ locked }) => !locked).map(({ track }) => track);
  extract(draft, stretch, unlocked, snap);
};

/**
 * Two clips of one track change places; what lies between moves by the difference of their lengths.
 *
 *     | A   | x | B |   ->   | B | x | A   |
 *
 * Their links change places on their own tracks; a linked clip without a counterpart, and the links
 * of what lies between, go by the same ticks. `sync_would_break` where those have no room.
 */
export const swap = (draft: Draft, one: string, other: string, linked: boolean): void => {
  const moves = swapMoves(draft, one, other, linked);
  const followers = new Map<string, string>();
  for (const clip of [...moves.keys()]) {
    for (const name of members(draft, clip, { linked })) {
      if (moves.has(name)) continue;
      moves.set(name, moves.get(clip) ?? 0);
      followers.set(name, draft.laneOf(name).track);
    }
  }
  for (const clip of moves.keys()) writeDown(draft, clip);
  const shown = new Map([...followers.values()].map((track) => [track, shownOn(draft, track)]));
  const starts = new Map([...moves].map(([clip, by]) => [clip, draft.where(clip).start + by]));
  for (const [clip, start] of starts) draft.place(clip, { start });
  for (const [name, track] of followers) {
    if ((starts.get(name) ?? 0) < 0 || shownOn(draft, track) !== shown.get(track)) {
      throw new EditRefused("sync_would_break", name, "no room beside what it is linked to");
    }
  }
};

const swapMoves = (
  draft: Draft,
  one: string,
  other: string,
  linked: boolean,
): Map<string, number> => {
  const moves = new Map<string, number>();
  for (const [left, right] of pairs(draft, one, other, linked)) {
    const first = pieceAtEdge(draft, left, "head");
    const second = pieceAtEdge(draft, right, "head");
    moves.set(left, second.end - first.end);
    moves.set(right, first.start - second.start);
    const difference = second.end - second.start - (first.end - first.start);
    for (const { clip } of draft.laneOf(left).within(first.end, second.start)) {
      if (clip !== left && clip !== right) moves.set(clip, difference);
    }
  }
  return moves;
};

/** How many ticks of a track show something. */
const shownOn = (draft: Draft, track: string): number =>
  draft.lane(track).pieces.reduce((sum, { start, end }) => sum + end - start, 0);

/** [earlier, later] on each track where both link sets have one clip. */
const pairs = (
  draft: Draft,
  one: string,
  other: string,
  linked: boolean,
): readonly (readonly [string, string])[] => {
  const others = members(draft, other, { linked });
  const found: (readonly [string, string])[] = [];
  const isShown = (clip: string): boolean => draft.pieces(clip).length > 0;
  for (const left of members(draft, one, { linked })) {
    for (const right of others) {
      const onOneTrack = draft.laneOf(left).track === draft.laneOf(right).track;
      if (!onOneTrack || left === right || !isShown(left) || !isShown(right)) continue;
      const isFirst = edgeAt(draft, left, "head") <= edgeAt(draft, right, "head");
      found.push(isFirst ? [left, right] : [right, left]);
    }
  }
  if (!found.some((pair) => pair.includes(one))) {
    throw new EditRefused("not_adjacent", other, "the two clips stand on different tracks");
  }
  return found;
};
