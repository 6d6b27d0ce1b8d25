/**
 * The small moves that edits are made of: write down, cut, trim, clear, copy, remove one clip.
 *
 * None of them looks at links, locks or other tracks; the edits do.
 */
import type { Draft } from "./draft";
import type { DocRecord, RecordRoot } from "./model";
import { reduced, type Speed } from "./reading";
import { EditRefused } from "./refusal";
import { integer, isWhole, type Lane, localIn, type Piece, type Placed } from "./seen";
import {
  flicks,
  floorDiv,
  frameContaining,
  frames,
  mulDiv,
  type Rate,
  snapped,
  TICK_MAX,
  TICKS,
  tick,
} from "./time";

const SPEED_TERM_MAX = 100_000n; // of the two numbers of a speed
const MOVES_WITH_CUT: readonly (readonly [RecordRoot, string])[] = [
  ["markers", "owner"],
  ["cues", "clip"],
];
const GOES_WITH_CLIP: readonly (readonly [RecordRoot, string])[] = [
  ["effects", "owner"],
  ["transitions", "left"],
  ["transitions", "right"],
  ["cues", "clip"],
];

/** How an edit treats links and the frame grid. */
export interface Manner {
  readonly linked: boolean;
  readonly snap: boolean;
}

/** The shortest a clip may be: one frame, in ticks [timeline-E2]. */
export const frameLength = ({ num, den }: Rate): number => Math.floor((TICKS * den) / num);

export const snappedTo = (rate: Rate, at: number): number => snapped(flicks(at), rate);

/** `at` on the frame grid of the lane; sound leaves it where asked to [timeline-E2]. */
export const onGrid = (lane: Lane, at: number, snap = true): number =>
  snap || lane.kind !== "audio" ? snappedTo(lane.rate, at) : at;

export const gridFloor = (rate: Rate, at: number): number =>
  tick(frameContaining(flicks(at), rate), rate);

export const gridCeil = (rate: Rate, at: number): number => {
  const floor = gridFloor(rate, at);
  return floor === at ? floor : tick(frames(frameContaining(flicks(at), rate) + 1), rate);
};

/** `duration`, or `too_short` below one frame [timeline-E2]. */
export const longEnough = (clip: string, duration: number, rate: Rate): number => {
  if (duration < frameLength(rate)) {
    throw new EditRefused("too_short", clip, "nothing gets shorter than one frame");
  }
  return duration;
};

/** `end`, or `bad_argument` beyond the last tick. */
export const inTime = (clip: string, end: number): number => {
  if (end > TICK_MAX) throw new EditRefused("bad_argument", clip, "reaches beyond the last tick");
  return end;
};

/**
 * Stores a clip as what people see of it; answers the ids of its pieces in time order [timeline-E1].
 *
 *     | A         |          | A |   | A' |
 *         | B |        ->        | B |
 *
 * The first piece stays the clip itself, the others become copies. A clip that is all hidden stays.
 */
export const writeDown = (draft: Draft, clip: string): readonly string[] => {
  const [first, ...others] = draft.pieces(clip);
  if (first === undefined || (others.length === 0 && isWhole(first))) return [clip];
  const source = draft.record("clips", clip);
  setPiece(draft, clip, first.start, first.end, first.of);
  endFades(draft, clip, first);
  const copies = others.map((piece) => {
    const copy = copiedClip(draft, clip, { ...source, removed: null }, piece.start);
    setPiece(draft, copy, piece.start, piece.end, first.of);
    endFades(draft, copy, piece);
    return copy;
  });
  return [clip, ...copies];
};

/** A fade stands at the clip's own edge, so it goes with the edge that is hidden. */
const endFades = (draft: Draft, clip: string, { of, start, end }: Piece): void => {
  if (start !== of.start) draft.write("clips", clip, "fade_in", null);
  if (end !== of.end) draft.write("clips", clip, "fade_out", null);
};

/** Gives a clip the stretch [start, end) of the placement `of`: other edges, same pictures. */
export const setPiece = (
  draft: Draft,
  clip: string,
  start: number,
  end: number,
  of: Placed,
): void => {
  draft.place(clip, { start, duration: end - start });
  if (start !== of.start || (of.speed[0] < 0 && end !== of.end)) {
    draft.place(clip, { source_in: localIn(of, start) });
  }
};

/** The id of the clip that is exactly this piece, written down where needed [timeline-E1]. */
export const solid = (draft: Draft, piece: Piece): string => {
  if (isWhole(piece)) return piece.clip;
  const ids = writeDown(draft, piece.clip);
  return ids.find((name) => draft.where(name).start === piece.start) ?? piece.clip;
};

/**
 * Moves the head; the pictures stay where they are.
 *
 *     | A     |   ->     | A  |
 *     *->                *
 */
export const trimHead = (draft: Draft, clip: string, by: number): void => {
  const where = draft.where(clip);
  draft.place(clip, {
    start: where.start + by,
    duration: where.duration - by,
    source_in: localIn(where, where.start + by),
  });
};

/**
 * Moves the tail.
 *
 *     | A     |   ->   | A  |
 *          <-*              *
 */
export const trimTail = (draft: Draft, clip: string, by: number): void => {
  const where = draft.where(clip);
  keepSourceIn(draft, clip, where);
  draft.place(clip, { duration: where.duration + by });
};

/** Stores a `source_in` that only a default gives, before the asset or length it hangs on changes. */
export const keepSourceIn = (draft: Draft, clip: string, where: Placed): void => {
  if (where.speed[0] < 0 && (draft.record("clips", clip)["source_in"] ?? null) === null) {
    draft.place(clip, { source_in: where.sourceIn });
  }
};

/**
 * Cuts one clip at `at`, strictly inside it; answers the right half.
 *
 *     | A       |   ->   | A  | A' |
 *         *
 *
 * The right half has all keys, copies of the effects, the fade-out, the transition at the tail, and
 * the markers and cues from the cut on. New ids: the half, then its effects by (order, id).
 */
export const cut = (draft: Draft, clip: string, at: number): string => {
  const where = draft.where(clip);
  const inside = localIn(where, at);
  const right = copiedClip(draft, clip, draft.record("clips", clip), at);
  draft.place(right, { start: at, duration: where.end - at, source_in: inside });
  draft.write("clips", right, "fade_in", null);
  keepSourceIn(draft, clip, where);
  draft.place(clip, { duration: at - where.start });
  draft.write("clips", clip, "fade_out", null);
  for (const name of draft.ownedBy("transitions", "left", clip)) {
    draft.write("transitions", name, "left", right);
  }
  for (const [root, owner] of MOVES_WITH_CUT) {
    for (const name of draft.ownedBy(root, owner, clip)) {
      const local = integer(draft.record(root, name)["t"]) ?? 0;
      if (playsFrom(local, inside, where.speed[0])) draft.write(root, name, owner, right);
    }
  }
  return right;
};

/** Whether a local time plays at or after the cut. */
const playsFrom = (local: number, cutLocal: number, speedNum: number): boolean => {
  if (speedNum === 0) return false;
  return speedNum > 0 ? local >= cutLocal : local <= cutLocal;
};

/** A copy of a clip's record and of its effects, to be placed; its link waits for `settle`. */
export const copiedClip = (draft: Draft, clip: string, source: DocRecord, at: number): string => {
  const copy = draft.create("clips", { ...source, start: at });
  draft.halved(copy);
  copyEffects(draft, clip, copy);
  return copy;
};

export const copyEffects = (draft: Draft, owner: string, to: string): void => {
  for (const effect of draft.ownedBy("effects", "owner", owner)) {
    draft.create("effects", { ...draft.record("effects", effect), owner: to });
  }
};

/** Removes a clip with its effects, transitions and cues [timeline-W4]. */
export const removeClip = (draft: Draft, clip: string): void => {
  draft.remove("clips", clip);
  for (const [root, key] of GOES_WITH_CLIP) {
    for (const name of draft.ownedBy(root, key, clip)) draft.remove(root, name);
  }
};

/**
 * Takes away what a track shows inside [start, end): trims, splits or removes.
 *
 *     | A    | B | C    |   ->   | A |       | C |
 *         [start   end)
 */
export const clear = (draft: Draft, track: string, start: number, end: number): void => {
  for (const piece of draft.lane(track).within(start, end)) {
    const clip = solid(draft, piece);
    if (piece.end > end && piece.start < start) {
      cut(draft, clip, end);
      trimTail(draft, clip, start - end);
    } else if (piece.end > end) trimHead(draft, clip, end - piece.start);
    else if (piece.start < start) trimTail(draft, clip, start - piece.end);
    else removeClip(draft, clip);
  }
};

export const isFree = (lane: Lane, start: number, end: number): boolean =>
  lane.within(start, end).length === 0;

const gcd = (left: bigint, right: bigint): bigint =>
  right === 0n ? left : gcd(right, left % right);

const ceilDiv = (dividend: bigint, divisor: bigint): bigint => -floorDiv(-dividend, divisor);

const greater = (left: bigint, right: bigint): bigint => {
  if (left > right) return left;
  return right;
};

/**
 * The speed, within limits, at which `source` ticks last `length` ticks; both positive.
 *
 * @throws EditRefused `too_short` beyond 100 times
 */
export const speedFor = (source: bigint, length: bigint): Speed => {
  const shared = gcd(source, length);
  const num = source / shared;
  const den = length / shared;
  if (num > 100n * den) throw new EditRefused("too_short", "speed", "faster than 100 times");
  const scale = ceilDiv(greater(num, den), SPEED_TERM_MAX);
  if (scale <= 1n) return [Number(num), Number(den)];
  // Beyond the terms that a record may hold: the nearest with a denominator that fits.
  const near = den / scale > 1n ? den / scale : 1n;
  const rounded = (2n * num * near + den) / (2n * den);
  return reduced(Math.max(1, Number(rounded)), Number(near));
};

/** How far the head can go back before the source begins, in sequence ticks; null: no limit [timeline-E8]. */
export const headRoom = (draft: Draft, clip: string): number | null => {
  const { sourceIn, speed } = draft.where(clip);
  const sourceEnd = sourceEndOf(draft, clip);
  const [num, den] = speed;
  if (sourceEnd === null || num === 0) return null;
  return Math.max(0, mulDiv(num > 0 ? sourceIn : sourceEnd - sourceIn, den, Math.abs(num)));
};

/** How far the tail can go on before the source ends, in sequence ticks; null: no limit [timeline-E8]. */
export const tailRoom = (draft: Draft, clip: string): number | null => {
  const { sourceIn, duration, speed } = draft.where(clip);
  const sourceEnd = sourceEndOf(draft, clip);
  const [num, den] = speed;
  if (sourceEnd === null || num === 0) return null;
  const most = mulDiv(num > 0 ? sourceEnd - sourceIn : sourceIn, den, Math.abs(num));
  return Math.max(0, most - duration);
};

/** Where the source of a media clip ends; null for everything without an end, or unknown. */
export const sourceEndOf = (draft: Draft, clip: string): number | null =>
  draft.where(clip).kind === "media" ? (draft.facts(clip)?.duration ?? null) : null;
