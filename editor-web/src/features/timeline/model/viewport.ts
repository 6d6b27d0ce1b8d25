/** Where the timeline looks: time to pixels and back, zoom that keeps a point under the hand. */
import { type Flicks, TICKS } from "@/timeline-core/time";

export type Viewport = {
  /** Time at the left edge; never below zero. */
  readonly from: Flicks;
  readonly pixelsPerSecond: number;
  readonly width: number;
  readonly height: number;
  readonly scrollY: number;
};

export const PIXELS_PER_SECOND_MIN = 0.05; // seven hours on one screen
export const FRAME_PIXELS_MAX = 40; // wider frames show nothing new

export const toX = (view: Viewport, at: number): number =>
  ((at - view.from) / TICKS) * view.pixelsPerSecond;

export const toTime = (view: Viewport, x: number): Flicks =>
  Math.round(view.from + (x / view.pixelsPerSecond) * TICKS) as Flicks;

export const toSpan = (view: Viewport, pixels: number): Flicks =>
  Math.round((pixels / view.pixelsPerSecond) * TICKS) as Flicks;

export const toWidth = (view: Viewport, span: number): number =>
  (span / TICKS) * view.pixelsPerSecond;

export function clampZoom(pixelsPerSecond: number, framesPerSecond: number): number {
  const most = FRAME_PIXELS_MAX * framesPerSecond;
  return Math.min(most, Math.max(PIXELS_PER_SECOND_MIN, pixelsPerSecond));
}

/** Zooms by a factor and keeps the time under `x` where it is. */
export function zoomedAt(
  view: Viewport,
  factor: number,
  x: number,
  framesPerSecond: number,
): Viewport {
  const pixelsPerSecond = clampZoom(view.pixelsPerSecond * factor, framesPerSecond);
  const under = view.from + (x / view.pixelsPerSecond) * TICKS;
  const from = Math.max(0, Math.round(under - (x / pixelsPerSecond) * TICKS)) as Flicks;
  return { ...view, pixelsPerSecond, from };
}

/** The whole film with a little air at its end. */
export function fitted(view: Viewport, duration: Flicks, framesPerSecond: number): Viewport {
  const seconds = Math.max(1, duration / TICKS);
  const room = Math.max(80, view.width - 48);
  const pixelsPerSecond = clampZoom(room / seconds, framesPerSecond);
  return { ...view, from: 0 as Flicks, pixelsPerSecond };
}

export const scrolledTo = (view: Viewport, from: number): Viewport => ({
  ...view,
  from: Math.max(0, Math.round(from)) as Flicks,
});

/** While playing, the view turns the page by 80 % when the playhead leaves it. */
export function pagedTo(view: Viewport, at: Flicks): Viewport {
  const x = toX(view, at);
  if (x >= 0 && x <= view.width - 8) return view;
  return scrolledTo(view, at - toSpan(view, view.width * 0.1));
}

/** Moves only as far as needed to show a time with some air around it. */
export function revealing(view: Viewport, at: Flicks): Viewport {
  const x = toX(view, at);
  const air = Math.min(64, view.width / 8);
  if (x < air) return scrolledTo(view, at - toSpan(view, air));
  if (x > view.width - air) return scrolledTo(view, at - toSpan(view, view.width - air));
  return view;
}
