/**
 * Edits of one clip or one cut: trim, roll, slip, slide, split, join, extend [timeline-E1 to E8].
 *
 * Each works on a `Draft`: what people see goes in, writes come out, a refusal leaves nothing
 * behind. Times are ticks and land on the frame grid of the sequence; a whole link set goes by the
 * same ticks unless `linked` is false.
 */
import type { Edge } from "./arguments";
import { type Draft, members } from "./draft";
import { type RecordRoot, sameJson } from "./model";
import {
  cut,
  frameLength,
  gridCeil,
  gridFloor,
  headRoom,
  longEnough,
  type Manner,
  onGrid,
  removeClip,
  sourceEndOf,
  tailRoom,
  trimHead,
  trimTail,
  writeDown,
} from "./placing";
import { EditRefused } from "./refusal";
import { type Lane, localIn, type Piece } from "./seen";
import { mulDiv, TICK_MAX } from "./time";

const GOES_TO_LEFT: readonly (readonly [RecordRoot, string])[] = [
  ["transitions", "left"],
  ["markers", "owner"],
  ["cues", "clip"],
];

export const edgeOf = (piece: Piece, edge: Edge): number =>
  edge === "head" ? piece.start : piece.end;

/** The visible piece that holds this edge of a clip; `not_found` where the clip is all hidden. */
export const pieceAtEdge = (draft: Draft, clip: string, edge: Edge): Piece => {
  const piece = draft.pieces(clip).at(edge === "head" ? 0 : -1);
  if (piece === undefined) throw new EditRefused("not_found", clip, "the clip is not to be seen");
  return piece;
};

/** The tick where an edge of a clip is to be seen. */
export const edgeAt = (draft: Draft, clip: string, edge: Edge): number =>
  edgeOf(pieceAtEdge(draft, clip, edge), edge);

const isShown = (draft: Draft, clip: string): boolean => draft.pieces(clip).length > 0;

/** The clip written down; the id of the piece with this edge [timeline-E1]. */
export const solidEdge = (draft: Draft, clip: string, edge: Edge): string =>
  writeDown(draft, clip).at(edge === "head" ? 0 : -1) ?? clip;

/**
 * The clips whose edge moves along: those of the link set with the edge at the same tick.
 *
 * Where the edge moves inward, also those whose edge stands in the stretch that is given up; they
 * end on the new edge [timeline-E6]. J and L cuts stay as they are.
 */
export const edgeMembers = (
  draft: Draft,
  clip: string,
  edge: Edge,
  by: number,
  linked: boolean,
): readonly string[] => {
  const at = edgeAt(draft, clip, edge);
  const low = Math.min(at, at + by);
  const high = Math.max(at, at + by);
  const inward = by > 0 === (edge === "head");
  return members(draft, clip, { linked }).filter((name) => {
    if (!isShown(draft, name)) return false;
    const its = edgeAt(draft, name, edge);
    return its === at || (inward && low < its && its < high);
  });
};

/**
 * Moves one edge by `by` ticks; a gap takes the freed time, a neighbour or the source's end stops it.
 *
 *     | A      | B |   ->   | A |    | B |
 *           <--*
 */
export const trim = (
  draft: Draft,
  clip: string,
  edge: Edge,
  by: number,
  { linked, snap }: Manner,
): void => {
  const at = edgeAt(draft, clip, edge);
  const wanted = onGrid(draft.laneOf(clip), at + by, snap);
  const solids = edgeMembers(draft, clip, edge, wanted - at, linked).map((name) =>
    solidEdge(draft, name, edge),
  );
  const to = reachable(draft, solids, edge, at, wanted, true);
  for (const name of solids) moveEdge(draft, name, edge, to);
};

/** Puts the edge of a clip that is written down at `to`; `too_short` below one frame. */
export const moveEdge = (draft: Draft, clip: string, edge: Edge, to: number): void => {
  const where = draft.where(clip);
  const { rate } = draft.laneOf(clip);
  if (edge === "head") {
    longEnough(clip, where.end - to, rate);
    trimHead(draft, clip, to - where.start);
  } else {
    longEnough(clip, to - where.start, rate);
    trimTail(draft, clip, to - where.end);
  }
};

/** How far the edge of all `clips` gets from `at` towards `to`; clamped clips are reported [timeline-E8]. */
const reachable = (
  draft: Draft,
  clips: readonly string[],
  edge: Edge,
  at: number,
  to: number,
  stopAtNeighbour: boolean,
): number => {
  const outward = edge === "head" ? to < at : to > at;
  if (!outward) return to;
  let found = to;
  for (const clip of clips) {
    const limits = [sourceLimit(draft, clip, edge, at)];
    if (stopAtNeighbour) limits.push(neighbourLimit(draft.laneOf(clip), edge, at));
    for (const limit of limits) {
      if (limit === null || !(edge === "head" ? limit > to : limit < to)) continue;
      draft.clamp(clip);
      found = edge === "head" ? Math.max(found, limit) : Math.min(found, limit);
    }
  }
  return found;
};

/** Where the source lets the edge at `at` go, on the grid; `no_handle` where it gives nothing [timeline-E8]. */
export const sourceLimit = (draft: Draft, clip: string, edge: Edge, at: number): number | null => {
  const room = edge === "head" ? headRoom(draft, clip) : tailRoom(draft, clip);
  if (room === null) return null;
  const { rate } = draft.laneOf(clip);
  const limit =
    edge === "head"
      ? Math.min(at, gridCeil(rate, at - room))
      : Math.max(at, gridFloor(rate, at + room));
  if (limit === at) {
    throw new EditRefused("no_handle", clip, "the source has nothing left to give");
  }
  return limit;
};

/** Where the next clip, or the beginning or end of all time, stops an edge at `at`. */
export const neighbourLimit = (lane: Lane, edge: Edge, at: number): number =>
  edge === "head"
    ? Math.max(0, ...lane.pieces.filter(({ end }) => end <= at).map(({ end }) => end))
    : Math.min(
        TICK_MAX,
        ...lane.pieces.filter(({ start }) => start >= at).map(({ start }) => start),
      );

/** The clips left and right of the cut at this edge; `not_adjacent` where there is no cut. */
export const neighbours = (draft: Draft, clip: string, edge: Edge): readonly [string, string] => {
  const lane = draft.laneOf(clip);
  const at = edgeAt(draft, clip, edge);
  const other = edge === "head" ? lane.endingAt(at) : lane.startingAt(at);
  if (other === undefined) throw new EditRefused("not_adjacent", clip, `no clip at its ${edge}`);
  return edge === "head" ? [other.clip, clip] : [clip, other.clip];
};

/**
 * Moves the cut at this edge of the clip by `by` ticks; nothing else moves.
 *
 *     | A   | B   |   ->   | A | B     |
 *         <-*
 *
 * Of the link sets of both clips, every edge that stands at the cut goes along.
 */
export const roll = (
  draft: Draft,
  clip: string,
  edge: Edge,
  by: number,
  { linked, snap }: Manner,
): void => {
  const [left, right] = neighbours(draft, clip, edge);
  const at = edgeAt(draft, clip, edge);
  const wanted = onGrid(draft.laneOf(clip), at + by, snap);
  const leftEdges = atCut(draft, left, "tail", at, linked);
  const rightEdges = atCut(draft, right, "head", at, linked);
  const tails = leftEdges.map((name) => solidEdge(draft, name, "tail"));
  const heads = rightEdges.map((name) => solidEdge(draft, name, "head"));
  const [growing, growingEdge, others]: [readonly string[], Edge, readonly string[]] =
    wanted > at ? [tails, "tail", heads] : [heads, "head", tails];
  const lone = growing.filter((name) => !hasPartner(draft, name, growingEdge, at, others));
  const within = reachable(draft, growing, growingEdge, at, wanted, false);
  const to = reachable(draft, lone, growingEdge, at, within, true);
  for (const name of tails) moveEdge(draft, name, "tail", to);
  for (const name of heads) moveEdge(draft, name, "head", to);
};

const atCut = (
  draft: Draft,
  clip: string,
  edge: Edge,
  at: number,
  linked: boolean,
): readonly string[] =>
  members(draft, clip, { linked }).filter(
    (name) => isShown(draft, name) && edgeAt(draft, name, edge) === at,
  );

const hasPartner = (
  draft: Draft,
  clip: string,
  edge: Edge,
  at: number,
  partners: readonly string[],
): boolean => {
  const lane = draft.laneOf(clip);
  const other = edge === "tail" ? lane.startingAt(at) : lane.endingAt(at);
  return other !== undefined && partners.includes(other.clip);
};

/**
 * Shows other pictures of the source in the same place: `source_in` goes by `by` source ticks.
 *
 *     source  |....[ A ]......|   ->   |........[ A ]..|
 *     track        | A |               | A |
 */
export const slip = (draft: Draft, clip: string, by: number, { linked, snap }: Manner): void => {
  const solids = members(draft, clip, { linked }).flatMap((name) => writeDown(draft, name));
  let delta = onGrid(draft.laneOf(clip), by, snap);
  for (const name of solids) delta = slipWithin(draft, name, delta);
  for (const name of solids) {
    draft.place(name, { source_in: draft.where(name).sourceIn + delta });
  }
};

/** As much of `by` as the source of this clip allows; `no_handle` where it allows nothing. */
const slipWithin = (draft: Draft, clip: string, by: number): number => {
  const { sourceIn, duration, speed } = draft.where(clip);
  const sourceEnd = sourceEndOf(draft, clip);
  if (sourceEnd === null || by === 0) return by;
  const span = mulDiv(duration, Math.abs(speed[0]), speed[1]);
  const low = speed[0] >= 0 ? sourceIn : sourceIn - span;
  const all = by > 0 ? Math.max(0, sourceEnd - (low + span)) : Math.max(0, low);
  if (Math.abs(by) <= all) return by;
  const room = gridFloor(draft.laneOf(clip).rate, all);
  if (room === 0) throw new EditRefused("no_handle", clip, "the source has nothing left to give");
  draft.clamp(clip);
  return by > 0 ? room : -room;
};

/**
 * Moves a clip between its neighbours, which give and take; its pictures stay its own.
 *
 *     | A   | X | B   |   ->   | A | X | B     |
 *           <-|
 *
 * A gap beside the clip gives and takes as well; with no neighbour at all it is `not_adjacent`.
 */
export const slide = (draft: Draft, clip: string, by: number, { linked, snap }: Manner): void => {
  const names = members(draft, clip, { linked }).filter((name) => isShown(draft, name));
  const { start } = pieceAtEdge(draft, clip, "head");
  let delta = onGrid(draft.laneOf(clip), start + by, snap) - start;
  if (names.every((name) => beside(draft, name).every((side) => side === null))) {
    throw new EditRefused("not_adjacent", clip, "no neighbour to give or take");
  }
  if (delta === 0) return;
  const solids = names.flatMap((name) => writeDown(draft, name));
  const between = solids.map((name) => [name, ...beside(draft, name)] as const);
  const sides = between.map(
    ([name, left, right]) =>
      [
        name,
        left === null ? null : solidEdge(draft, left, "tail"),
        right === null ? null : solidEdge(draft, right, "head"),
      ] as const,
  );
  for (const [name, left, right] of sides) delta = slideWithin(draft, name, left, right, delta);
  for (const [name, left, right] of sides) {
    const where = draft.where(name);
    const { rate } = draft.laneOf(name);
    if (left !== null) {
      longEnough(left, draft.where(left).duration + delta, rate);
      trimTail(draft, left, delta);
    }
    if (right !== null) {
      longEnough(right, draft.where(right).duration - delta, rate);
      trimHead(draft, right, delta);
    }
    draft.place(name, { start: where.start + delta });
  }
};

const beside = (draft: Draft, clip: string): readonly [string | null, string | null] => {
  const lane = draft.laneOf(clip);
  const left = lane.endingAt(pieceAtEdge(draft, clip, "head").start);
  const right = lane.startingAt(pieceAtEdge(draft, clip, "tail").end);
  return [left?.clip ?? null, right?.clip ?? null];
};

/** As much of `by` as handles of the neighbours, or the gaps in their place, allow. */
const slideWithin = (
  draft: Draft,
  clip: string,
  left: string | null,
  right: string | null,
  by: number,
): number => {
  const { start, end, duration } = draft.where(clip);
  const lane = draft.laneOf(clip);
  const limits =
    by > 0
      ? [
          left === null ? null : sourceLimit(draft, left, "tail", start),
          right === null ? neighbourLimit(lane, "tail", end) - duration : null,
        ]
      : [
          right === null ? null : sourceLimit(draft, right, "head", end),
          left === null ? neighbourLimit(lane, "head", start) + duration : null,
        ];
  const given = limits.filter((limit) => limit !== null);
  const found = by > 0 ? Math.min(start + by, ...given) : Math.max(end + by, ...given) - duration;
  if (found !== start + by) draft.clamp(clip);
  return found - start;
};

/**
 * Brings the nearest edge (or `edge`) to `at`: a roll where it stands on a cut, else a trim.
 *
 *     | A |      |  B |   ->   | A      |  | B |
 *              at
 */
export const extend = (
  draft: Draft,
  clip: string,
  at: number,
  named: Edge | null,
  manner: Manner,
): void => {
  const head = edgeAt(draft, clip, "head");
  const tail = edgeAt(draft, clip, "tail");
  const edge = named ?? (Math.abs(at - head) < Math.abs(at - tail) ? "head" : "tail");
  const [left, right] = beside(draft, clip);
  const isOnCut = (edge === "head" ? left : right) !== null;
  const change = isOnCut ? roll : trim;
  change(draft, clip, edge, at - (edge === "head" ? head : tail), manner);
};

/** What to cut: the named clips, else what the named tracks, else all unlocked ones, show. */
export interface SplitTarget {
  readonly clips: readonly string[];
  readonly tracks: readonly string[];
  readonly sequence: string | null;
}

/**
 * Cuts clips in two at `at`: the named ones with their links, or what all unlocked tracks show.
 *
 *     | A       |   ->   | A  | A' |
 *         *
 *
 * The right half is `created.right` of the first clip. `too_short` within one frame of an edge,
 * `not_found` where no clip is cut. New ids: halves in the order named (links after their clip), or
 * bottom to top; after each its effects; then one link value per set with two halves or more.
 */
export const split = (draft: Draft, at: number, target: SplitTarget, manner: Manner): void => {
  const [first] = target.clips;
  const found =
    first === undefined
      ? shownAt(draft, at, target, manner)
      : namedAt(draft, at, first, target.clips, manner);
  if (found.pieces.length === 0) {
    throw new EditRefused("not_found", first ?? "", "no clip to cut there");
  }
  for (const piece of found.pieces) {
    const half = halved(draft, piece, found.at, target.clips.includes(piece.clip));
    if (half !== null) draft.name("right", half);
  }
};

type Cuts = { readonly at: number; readonly pieces: readonly Piece[] };

const namedAt = (
  draft: Draft,
  at: number,
  first: string,
  clips: readonly string[],
  { linked, snap }: Manner,
): Cuts => {
  const names = new Set(clips.flatMap((clip) => members(draft, clip, { linked })));
  const there = onGrid(draft.laneOf(first), at, snap);
  const pieces = [...names]
    .flatMap((name) => draft.pieces(name))
    .filter(({ start, end }) => start <= there && there <= end);
  return { at: there, pieces };
};

const shownAt = (
  draft: Draft,
  at: number,
  { tracks, sequence }: SplitTarget,
  { snap }: Manner,
): Cuts => {
  const lanes =
    tracks.length > 0
      ? tracks.map((track) => draft.unlocked(track))
      : draft.seen.lanes(draft.sequence(sequence)).filter(({ locked }) => !locked);
  const [lane] = lanes;
  const there = lane === undefined ? at : onGrid(lane, at, snap);
  const pieces = lanes.map((each) => each.at(there)).filter((piece) => piece !== undefined);
  return { at: there, pieces };
};

/** The right half of a piece; null (or `too_short`, where it was named) within a frame of an edge. */
const halved = (draft: Draft, piece: Piece, at: number, must: boolean): string | null => {
  const shortest = frameLength(draft.laneOf(piece.clip).rate);
  if (at - piece.start < shortest || piece.end - at < shortest) {
    if (must) throw new EditRefused("too_short", piece.clip, "no frame would be left on one side");
    return null;
  }
  const parts = writeDown(draft, piece.clip);
  const part = parts.find((name) => draft.where(name).start === piece.start) ?? piece.clip;
  return cut(draft, part, at);
};

/**
 * Makes one clip of two neighbours that show one source without a break.
 *
 *     | A  | A' |   ->   | A       |
 *
 * The left one takes the length, the fade-out, the markers, the cues and the transition at the tail.
 * `not_adjacent` where they are not neighbours, or the source or the speed differs.
 */
export const join = (draft: Draft, left: string, right: string, linked: boolean): void => {
  if (!isContinuous(draft, left, right)) {
    throw new EditRefused("not_adjacent", left, "the two show no continuous stretch of one source");
  }
  const pairs: (readonly [string, string])[] = [[left, right]];
  if (linked) {
    const others = members(draft, right, { linked }).slice(1);
    for (const one of members(draft, left, { linked }).slice(1)) {
      for (const other of others) if (isContinuous(draft, one, other)) pairs.push([one, other]);
    }
  }
  for (const [one, other] of pairs) {
    draft.unlocked(draft.laneOf(one).track);
    joined(draft, one, other);
  }
};

const isContinuous = (draft: Draft, left: string, right: string): boolean => {
  const tail = draft.pieces(left).at(-1);
  const [head] = draft.pieces(right);
  if (tail === undefined || head === undefined || tail.end !== head.start) return false;
  const one = draft.record("clips", left);
  const other = draft.record("clips", right);
  const isSame = (key: string): boolean => sameJson(one[key] ?? null, other[key] ?? null);
  const { of: before } = tail;
  const { of: after } = head;
  return (
    ["asset", "sequence", "generator"].every(isSame) &&
    draft.laneOf(right).track === draft.laneOf(left).track &&
    before.kind === after.kind &&
    before.speed[0] * after.speed[1] === after.speed[0] * before.speed[1] &&
    localIn(before, tail.end) === localIn(after, head.start)
  );
};

const joined = (draft: Draft, before: string, after: string): void => {
  const left = solidEdge(draft, before, "tail");
  const right = solidEdge(draft, after, "head");
  const source = draft.record("clips", right);
  trimTail(draft, left, draft.where(right).duration);
  draft.write("clips", left, "fade_out", source["fade_out"] ?? null);
  draft.write("clips", left, "fade_out_curve", source["fade_out_curve"] ?? null);
  for (const name of draft.ownedBy("transitions", "left", left)) draft.remove("transitions", name);
  for (const [root, key] of GOES_TO_LEFT) {
    for (const name of draft.ownedBy(root, key, right)) draft.write(root, name, key, left);
  }
  removeClip(draft, right);
};
