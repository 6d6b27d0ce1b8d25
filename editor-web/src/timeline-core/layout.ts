/**
 * Where clips stand: missing lengths from the source, and what of each is visible [timeline-R4].
 *
 *     clip 2         +-----+                 clips of one track may overlap, because a merge
 *     clip 1   +--------------+              keeps every edit; the later head wins
 *              | 1   |  2  |1 |              and the spans are disjoint
 */
import { compareText } from "./diagnostics";
import type { AssetFacts } from "./media";
import { type ClipRecord, fitsTheClock, type Speed } from "./reading";
import { CLIP_DURATION_DEFAULT } from "./schema";
import { mulDiv, type Rate, TICKS } from "./time";

/** A clip with its place: nothing is missing any more. */
export interface PlacedClip {
  readonly clip: ClipRecord;
  readonly start: number;
  readonly duration: number;
  readonly end: number;
  readonly sourceIn: number;
}

/** One visible stretch of a placed clip. */
export interface Visible {
  readonly placed: PlacedClip;
  readonly start: number;
  readonly end: number;
}

/** The place of a clip whose source is that long; null where it leaves the clock [timeline-R3]. */
export const placedClip = (clip: ClipRecord, sourceDuration: number | null): PlacedClip | null => {
  const sourceIn = clip.sourceIn ?? (clip.speed[0] < 0 ? (sourceDuration ?? 0) : 0);
  const duration = clip.duration ?? durationLeft(sourceIn, sourceDuration, clip.speed);
  if (!fitsTheClock(clip.start, duration, sourceIn, clip.speed)) return null;
  return { clip, start: clip.start, duration, end: clip.start + duration, sourceIn };
};

/** What is left of the source at this speed, 5 s where that is nothing or unknown. */
const durationLeft = (
  sourceIn: number,
  sourceDuration: number | null,
  [num, den]: Speed,
): number => {
  if (sourceDuration === null || num === 0) return CLIP_DURATION_DEFAULT;
  const left = num > 0 ? sourceDuration - sourceIn : sourceIn;
  const duration = mulDiv(left, den, Math.abs(num));
  return duration >= 1 ? duration : CLIP_DURATION_DEFAULT;
};

const byHead = (left: PlacedClip, right: PlacedClip): number =>
  left.start - right.start || compareText(left.clip.id, right.clip.id);

/** Disjoint, sorted stretches that cover what the clips cover; the greatest (start, id) wins. */
export const visibleParts = (clips: readonly PlacedClip[]): readonly Visible[] => {
  const parts: Visible[] = [];
  const beneath: PlacedClip[] = []; // what has begun, the winner last
  let now = 0;
  const advance = (until: number): void => {
    for (let top = beneath.at(-1); top !== undefined && now < until; top = beneath.at(-1)) {
      const end = Math.min(top.end, until);
      if (end > now) {
        parts.push({ placed: top, start: now, end });
        now = end;
      }
      if (top.end <= now) beneath.pop();
    }
  };
  for (const clip of [...clips].sort(byHead)) {
    advance(clip.start);
    now = clip.start;
    beneath.push(clip);
  }
  advance(Number.POSITIVE_INFINITY);
  return parts;
};

/** Whether source ticks `low`..`high` leave the asset by more than a frame of the timeline. */
export const beyondSource = (
  low: number,
  high: number,
  facts: AssetFacts | undefined,
  speed: Speed,
  rate: Rate,
): boolean => {
  if (facts === undefined || facts.duration === null) return false;
  const over = BigInt(Math.max(-low, high - facts.duration));
  const [num, den] = speed[0] === 0 ? [1, 1] : [Math.abs(speed[0]), speed[1]];
  return over * BigInt(den) * BigInt(rate.num) > BigInt(TICKS) * BigInt(rate.den) * BigInt(num);
};

/** Whether the stretches [start, end] leave no hole in [0, duration). */
export const covers = (
  stretches: readonly (readonly [number, number])[],
  duration: number,
): boolean => {
  let reached = 0;
  for (const [start, end] of [...stretches].sort(([left], [right]) => left - right)) {
    if (start > reached) return false;
    reached = Math.max(reached, end);
  }
  return reached >= duration;
};
