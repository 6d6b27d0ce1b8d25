/** What lies under a pointer. Order: transition, edge, body, gap, empty track, nothing. */
import type { Flicks } from "@/timeline-core/time";
import { type Rows, rowAt } from "./rows";
import {
  type ClipView,
  endOf,
  gapAt,
  type TrackView,
  type TransitionView,
  windowOf,
} from "./view-model";
import { toSpan, toTime, toWidth, type Viewport } from "./viewport";

export const EDGE_ZONE = 6; // pixels inside a clip that take its edge
export const ROLL_ZONE = 4; // both edges this near the pointer are one cut
const NARROW_CLIP = 18; // below this a clip has no edges to grab, unless selected
const TRANSITION_TOP = 0.5; // a transition takes the upper half of its row

export type Edge = "head" | "tail";

export type Hit =
  | {
      readonly kind: "transition";
      readonly transition: TransitionView;
      readonly part: "body" | Edge;
    }
  | { readonly kind: "edge"; readonly clip: ClipView; readonly edge: Edge }
  | { readonly kind: "roll"; readonly left: ClipView; readonly right: ClipView }
  | { readonly kind: "body"; readonly clip: ClipView }
  | {
      readonly kind: "gap";
      readonly track: TrackView;
      readonly start: Flicks;
      readonly end: Flicks;
    }
  | { readonly kind: "empty"; readonly track: TrackView | null };

type Near = { readonly clip: ClipView; readonly distance: number };

/** `x`, `y` are pixels in the track area; `y` is already scrolled content. */
export function hitTest(
  rows: Rows,
  viewport: Viewport,
  point: { readonly x: number; readonly y: number },
  selected: ReadonlySet<string>,
): Hit {
  const row = rowAt(rows, point.y);
  if (!row) return { kind: "empty", track: null };
  const at = toTime(viewport, point.x);
  const within = (point.y - row.top) / row.height;
  return (
    hitTransition(row.track, viewport, at, within) ??
    hitClip(row.track, viewport, at, selected) ??
    hitGap(row.track, at)
  );
}

function hitTransition(
  track: TrackView,
  viewport: Viewport,
  at: Flicks,
  within: number,
): Hit | null {
  if (within > TRANSITION_TOP) return null;
  const edge = toSpan(viewport, EDGE_ZONE);
  for (const transition of track.transitions) {
    const from = transition.at - transition.inOffset;
    const to = transition.at + transition.outOffset;
    if (at < from || at > to || toWidth(viewport, to - from) < 10) continue;
    const part = at - from <= edge ? "head" : to - at <= edge ? "tail" : "body";
    return { kind: "transition", transition, part };
  }
  return null;
}

function hitClip(
  track: TrackView,
  viewport: Viewport,
  at: Flicks,
  selected: ReadonlySet<string>,
): Hit | null {
  const reach = toSpan(viewport, EDGE_ZONE);
  const [first, last] = windowOf(track.clips, at - reach, at + reach);
  let head: Near | null = null;
  let tail: Near | null = null;
  let body: ClipView | null = null;
  for (let index = first; index < last; index += 1) {
    const clip = track.clips[index] as ClipView;
    if (clip.start <= at && endOf(clip) > at) body = clip;
    if (toWidth(viewport, clip.duration) < NARROW_CLIP && !selected.has(clip.id)) continue;
    head = nearer(head, clip, Math.abs(at - clip.start), reach);
    tail = nearer(tail, clip, Math.abs(at - endOf(clip)), reach);
  }
  return (
    edgeHit(head, tail, body, toSpan(viewport, ROLL_ZONE)) ??
    (body ? { kind: "body", clip: body } : null)
  );
}

function nearer(best: Near | null, clip: ClipView, distance: number, reach: number): Near | null {
  if (distance > reach || (best && best.distance < distance)) return best;
  return { clip, distance };
}

function edgeHit(
  head: Near | null,
  tail: Near | null,
  body: ClipView | null,
  roll: number,
): Hit | null {
  const onCut =
    head &&
    tail &&
    head.clip.start === endOf(tail.clip) &&
    Math.max(head.distance, tail.distance) <= roll;
  if (onCut) return { kind: "roll", left: tail.clip, right: head.clip };
  // Inside a clip its own edge wins; outside, the edge that is nearer.
  if (body && head?.clip.id === body.id) return { kind: "edge", clip: body, edge: "head" };
  if (body && tail?.clip.id === body.id) return { kind: "edge", clip: body, edge: "tail" };
  if (body) return null;
  if (head && (!tail || head.distance <= tail.distance))
    return { kind: "edge", clip: head.clip, edge: "head" };
  return tail ? { kind: "edge", clip: tail.clip, edge: "tail" } : null;
}

function hitGap(track: TrackView, at: Flicks): Hit {
  const gap = gapAt(track, at);
  return gap ? { kind: "gap", track, ...gap } : { kind: "empty", track };
}

/** The clips that a marquee touches; coordinates as in `hitTest`. */
export function clipsTouching(
  rows: Rows,
  viewport: Viewport,
  box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number },
): readonly string[] {
  const from = toTime(viewport, Math.min(box.x0, box.x1));
  const to = toTime(viewport, Math.max(box.x0, box.x1));
  const top = Math.min(box.y0, box.y1);
  const bottom = Math.max(box.y0, box.y1);
  const touched: string[] = [];
  for (const row of rows.rows) {
    if (row.top > bottom || row.top + row.height < top) continue;
    const [first, last] = windowOf(row.track.clips, from, to);
    for (const clip of row.track.clips.slice(first, last)) {
      if (clip.start < to && endOf(clip) > from) touched.push(clip.id);
    }
  }
  return touched;
}
