/** The ruler layer: ticks and timecodes, the in/out range, markers. */
import { type Flicks, type Rate, TICKS, tick, timecode } from "@/timeline-core/time";
import { RULER_HEIGHT } from "../model/rows";
import type { MarkerView, PinView, TimelineView } from "../model/view-model";
import { toTime, toX, type Viewport } from "../model/viewport";
import type { Theme } from "./theme";

const LABEL_ROOM = 92; // pixels a timecode and its air need
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];

export type RulerStep = { readonly labelFrames: number; readonly minor: number };

/** How far labels stand apart in frames, and into how many parts minor ticks divide that. */
export function rulerStep(pixelsPerSecond: number, rate: Rate): RulerStep {
  const perSecond = Math.round(rate.num / rate.den);
  const frames = [1, 2, 5, 10, Math.round(perSecond / 2)].filter((step) => step < perSecond);
  const pixelsPerFrame = (pixelsPerSecond * rate.den) / rate.num;
  for (const step of frames) {
    if (step * pixelsPerFrame >= LABEL_ROOM)
      return { labelFrames: step, minor: step === 1 ? 1 : step };
  }
  for (const seconds of SECONDS) {
    if (seconds * perSecond * pixelsPerFrame >= LABEL_ROOM) {
      return { labelFrames: seconds * perSecond, minor: minorOf(seconds) };
    }
  }
  return { labelFrames: 28_800 * perSecond, minor: 8 };
}

const minorOf = (seconds: number): number => {
  if (seconds === 1) return 10;
  if (seconds % 60 === 0 && seconds > 60) return seconds % 300 === 0 ? 5 : 4;
  return seconds % 5 === 0 ? 5 : seconds === 60 ? 6 : 4;
};

export type RulerScene = {
  readonly view: TimelineView;
  readonly viewport: Viewport;
  readonly theme: Theme;
  readonly pins: readonly PinView[];
  readonly range: { readonly in: Flicks | null; readonly out: Flicks | null };
};

export function paintRuler(context: CanvasRenderingContext2D, scene: RulerScene): void {
  const { viewport, theme } = scene;
  context.fillStyle = theme.raised;
  context.fillRect(0, 0, viewport.width, RULER_HEIGHT);
  paintRange(context, scene);
  paintTicks(context, scene);
  for (const marker of scene.view.markers) paintMarker(context, scene, marker);
  for (const pin of scene.pins) paintPin(context, scene, pin);
  context.fillStyle = theme.divider;
  context.fillRect(0, RULER_HEIGHT - 1, viewport.width, 1);
}

function paintTicks(
  context: CanvasRenderingContext2D,
  { viewport, view, theme }: RulerScene,
): void {
  const { labelFrames, minor } = rulerStep(viewport.pixelsPerSecond, view.rate);
  const labelTicks = (labelFrames * TICKS * view.rate.den) / view.rate.num;
  const first = Math.max(0, Math.floor(viewport.from / labelTicks));
  const end = toTime(viewport, viewport.width);
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  for (let label = first; label * labelTicks <= end; label += 1) {
    const at = tick((label * labelFrames) as Parameters<typeof tick>[0], view.rate);
    const x = Math.round(toX(viewport, at));
    context.fillStyle = theme.divider;
    for (let part = 1; part < minor; part += 1) {
      const minorX = Math.round(toX(viewport, at + (labelTicks * part) / minor));
      context.fillRect(minorX, RULER_HEIGHT - 6, 1, 5);
    }
    context.fillStyle = theme.faint;
    context.fillRect(x, RULER_HEIGHT - 10, 1, 9);
    context.fillText(timecode(at, view.rate, { startTc: view.startTc }), x + 5, 10);
  }
}

function paintRange(
  context: CanvasRenderingContext2D,
  { viewport, theme, range }: RulerScene,
): void {
  if (range.in === null && range.out === null) return;
  const from = range.in === null ? 0 : Math.max(0, toX(viewport, range.in));
  const to =
    range.out === null ? viewport.width : Math.min(viewport.width, toX(viewport, range.out));
  if (to <= from) return;
  context.save();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.22;
  context.fillRect(from, 0, to - from, RULER_HEIGHT - 1);
  context.globalAlpha = 1;
  if (range.in !== null) bracket(context, toX(viewport, range.in), 1);
  if (range.out !== null) bracket(context, toX(viewport, range.out), -1);
  context.restore();
}

function bracket(context: CanvasRenderingContext2D, x: number, side: 1 | -1): void {
  const left = side === 1 ? x : x - 2;
  context.fillRect(left, 2, 2, RULER_HEIGHT - 5);
  context.fillRect(side === 1 ? x : x - 6, 2, 6, 2);
  context.fillRect(side === 1 ? x : x - 6, RULER_HEIGHT - 5, 6, 2);
}

export const MARKER_WIDTH = 10;
const CHAPTER_LETTERS = 24; // a chapter says its name; more would lie over the next one

function paintMarker(
  context: CanvasRenderingContext2D,
  { viewport, theme }: RulerScene,
  marker: MarkerView,
): void {
  const x = toX(viewport, marker.at);
  const end = toX(viewport, marker.at + marker.duration);
  if (end < -MARKER_WIDTH || x > viewport.width + MARKER_WIDTH) return;
  const color = /^#[0-9a-f]{6}$/i.test(marker.color) ? marker.color : theme.warn;
  context.fillStyle = color;
  if (marker.kind === "chapter" && marker.name !== "") {
    context.font = `12px ${theme.font}`;
    context.textBaseline = "alphabetic";
    context.fillText(marker.name.slice(0, CHAPTER_LETTERS), x + 8, RULER_HEIGHT - 4);
  }
  if (marker.duration > 0) {
    context.globalAlpha = 0.35;
    context.fillRect(x, RULER_HEIGHT - 12, end - x, 11);
    context.globalAlpha = 1;
  }
  context.beginPath();
  context.moveTo(x - 5, RULER_HEIGHT - 13);
  context.lineTo(x + 5, RULER_HEIGHT - 13);
  context.lineTo(x + 5, RULER_HEIGHT - 6);
  context.lineTo(x, RULER_HEIGHT - 1);
  context.lineTo(x - 5, RULER_HEIGHT - 6);
  context.closePath();
  context.fill();
  context.strokeStyle = theme.canvas;
  context.lineWidth = 1;
  context.stroke();
}

export const PIN_RADIUS = 5;
export const PIN_MIDDLE = 7; // pixels from the top of the ruler: above the markers

/** A speech bubble at the top; a range is a line from it. */
function paintPin(
  context: CanvasRenderingContext2D,
  { viewport, theme }: RulerScene,
  pin: PinView,
): void {
  const x = toX(viewport, pin.at);
  const end = toX(viewport, pin.at + pin.duration);
  if (end < -PIN_RADIUS || x > viewport.width + PIN_RADIUS) return;
  context.fillStyle = pin.shown ? theme.text : theme.accent;
  if (pin.duration > 0) context.fillRect(x, PIN_MIDDLE - 1, end - x, 2);
  context.beginPath();
  context.arc(x, PIN_MIDDLE, PIN_RADIUS, 0, 2 * Math.PI);
  context.moveTo(x - 2, PIN_MIDDLE + 3);
  context.lineTo(x, PIN_MIDDLE + 9);
  context.lineTo(x + 3, PIN_MIDDLE + 3);
  context.closePath();
  context.fill();
  context.strokeStyle = theme.canvas;
  context.lineWidth = 1;
  context.stroke();
}
