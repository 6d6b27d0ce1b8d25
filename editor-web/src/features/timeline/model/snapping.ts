/** Snap points, gathered once when a drag begins, and the nearest of them while it goes on. */
import type { Flicks } from "@/timeline-core/time";
import { endOf, type TimelineView } from "./view-model";

export const SNAP_PIXELS = 8;

export type SnapExtras = {
  readonly playhead: Flicks;
  readonly rangeIn: Flicks | null;
  readonly rangeOut: Flicks | null;
};

/** Sorted times: zero, playhead, in and out, markers, and every edge but those of `moving`. */
export function snapPoints(
  view: TimelineView,
  moving: ReadonlySet<string>,
  extras: SnapExtras,
): readonly Flicks[] {
  const points = new Set<number>([0, extras.playhead]);
  if (extras.rangeIn !== null) points.add(extras.rangeIn);
  if (extras.rangeOut !== null) points.add(extras.rangeOut);
  for (const marker of view.markers) points.add(marker.at);
  for (const track of view.tracks) {
    for (const clip of track.clips) {
      if (moving.has(clip.id)) continue;
      points.add(clip.start);
      points.add(endOf(clip));
    }
  }
  return [...points].sort((left, right) => left - right) as Flicks[];
}

function nearestPoint(points: readonly Flicks[], at: number): Flicks | null {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((points[half] as number) < at) low = half + 1;
    else high = half;
  }
  const before = points[low - 1];
  const after = points[low];
  if (before === undefined) return after ?? null;
  if (after === undefined) return before;
  return at - before <= after - at ? before : after;
}

export type Snapped = { readonly by: Flicks; readonly line: Flicks | null };

/** The shift that puts one of `edges` (moved by `by`) on a snap point within `reach`, if any. */
export function snapShift(
  points: readonly Flicks[],
  edges: readonly Flicks[],
  by: number,
  reach: number,
): Snapped {
  let best: Snapped = { by: by as Flicks, line: null };
  let bestDistance = reach;
  for (const edge of edges) {
    const point = nearestPoint(points, edge + by);
    if (point === null) continue;
    const distance = Math.abs(point - (edge + by));
    if (distance > bestDistance || (distance === bestDistance && best.line !== null)) continue;
    bestDistance = distance;
    best = { by: (point - edge) as Flicks, line: point };
  }
  return best;
}
