/** The overlay layer: everything that moves while the clips below stay as they are. */
import type { Flicks } from "@/timeline-core/time";
import { type Rows, RULER_HEIGHT, rowOf } from "../model/rows";
import type { ClipView } from "../model/view-model";
import { toX, type Viewport } from "../model/viewport";
import type { Box } from "./box";
import type { MediaSource } from "./media-source";
import { boxOf, isVisible, paintClip } from "./paint-clips";
import type { Theme } from "./theme";

export type Ghosts = {
  /** Where the clips of the drag stand now: veiled while their ghosts are elsewhere. */
  readonly before: readonly ClipView[];
  readonly after: readonly ClipView[];
};

export type Readout = { readonly x: number; readonly y: number; readonly lines: readonly string[] };

export type OverlayScene = {
  readonly rows: Rows;
  readonly viewport: Viewport;
  readonly theme: Theme;
  readonly media: MediaSource;
  readonly selection: readonly ClipView[];
  readonly selectedTransition: Box | null;
  readonly selectedGap: Box | null;
  readonly focused: ClipView | null;
  readonly hovered: ClipView | null;
  readonly ghosts: Ghosts | null;
  readonly dropBox: Box | null;
  readonly snapLine: Flicks | null;
  readonly bladeX: number | null;
  readonly marquee: Box | null;
  readonly playhead: Flicks;
  readonly range: { readonly in: Flicks | null; readonly out: Flicks | null };
  readonly readout: Readout | null;
  readonly refused: boolean;
};

/** The context's origin is the track area's top left; the ruler lies above it. */
export function paintOverlay(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { theme, viewport } = scene;
  context.save();
  context.beginPath();
  context.rect(0, 0, viewport.width, viewport.height);
  context.clip();
  paintRangeShade(context, scene);
  if (scene.hovered && !scene.ghosts) outlineHover(context, scene, scene.hovered);
  if (scene.selectedGap) paintGap(context, theme, scene.selectedGap);
  for (const clip of scene.selection) outlineSelected(context, scene, clip, theme.text);
  if (scene.selectedTransition) outline(context, scene.selectedTransition, theme.text, 2);
  if (scene.focused) outlineFocus(context, scene, scene.focused);
  if (scene.ghosts) paintGhosts(context, scene, scene.ghosts);
  if (scene.dropBox) paintDrop(context, theme, scene.dropBox);
  if (scene.marquee) paintMarquee(context, theme, scene.marquee);
  if (scene.bladeX !== null) line(context, scene.bladeX, 0, viewport.height, theme.warn);
  if (scene.snapLine !== null) paintSnapLine(context, scene, scene.snapLine);
  context.restore();
  paintPlayhead(context, scene);
  if (scene.readout) paintReadout(context, theme, viewport, scene.readout);
}

function line(
  context: CanvasRenderingContext2D,
  x: number,
  top: number,
  bottom: number,
  color: string,
): void {
  context.fillStyle = color;
  context.fillRect(Math.round(x), top, 1, bottom - top);
}

function paintRangeShade(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { range, viewport, theme } = scene;
  if (range.in === null && range.out === null) return;
  context.save();
  context.fillStyle = theme.canvas;
  context.globalAlpha = 0.45;
  if (range.in !== null) context.fillRect(0, 0, toX(viewport, range.in), viewport.height);
  if (range.out !== null) {
    const x = toX(viewport, range.out);
    context.fillRect(x, 0, Math.max(0, viewport.width - x), viewport.height);
  }
  context.restore();
}

function outline(
  context: CanvasRenderingContext2D,
  box: Box,
  color: string,
  width: number,
  inset = 0,
): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.roundRect(
    box.x + inset + width / 2,
    box.top + 1 + inset + width / 2,
    Math.max(1, box.width - 1 - inset * 2 - width),
    Math.max(1, box.height - 2 - inset * 2 - width),
    3,
  );
  context.stroke();
}

function outlineSelected(
  context: CanvasRenderingContext2D,
  scene: OverlayScene,
  clip: ClipView,
  color: string,
): void {
  const box = isVisible(scene.viewport, clip) ? boxOf(scene.rows, scene.viewport, clip) : null;
  if (!box) return;
  outline(context, box, color, 2);
  outline(context, box, scene.theme.canvas, 1, 2);
}

function outlineHover(
  context: CanvasRenderingContext2D,
  scene: OverlayScene,
  clip: ClipView,
): void {
  const box = boxOf(scene.rows, scene.viewport, clip);
  if (box) outline(context, box, scene.theme.dim, 1);
}

function outlineFocus(
  context: CanvasRenderingContext2D,
  scene: OverlayScene,
  clip: ClipView,
): void {
  const box = boxOf(scene.rows, scene.viewport, clip);
  if (box)
    outline(
      context,
      { ...box, x: box.x - 3, top: box.top - 3, width: box.width + 6, height: box.height + 6 },
      scene.theme.accent,
      2,
    );
}

function paintGap(context: CanvasRenderingContext2D, theme: Theme, box: Box): void {
  context.save();
  context.fillStyle = theme.hover;
  context.fillRect(box.x, box.top + 1, box.width, box.height - 2);
  context.setLineDash([4, 3]);
  outline(context, box, theme.text, 1);
  context.restore();
}

function paintGhosts(context: CanvasRenderingContext2D, scene: OverlayScene, ghosts: Ghosts): void {
  context.save();
  context.fillStyle = scene.theme.panel;
  for (const clip of ghosts.before) {
    const box = isVisible(scene.viewport, clip) ? boxOf(scene.rows, scene.viewport, clip) : null;
    if (!box) continue;
    context.globalAlpha = 0.78;
    context.fillRect(box.x, box.top, box.width, box.height);
  }
  for (const clip of ghosts.after) {
    const box = isVisible(scene.viewport, clip) ? boxOf(scene.rows, scene.viewport, clip) : null;
    if (!box) continue;
    context.globalAlpha = 0.94;
    paintClip(context, scene, clip, box);
    context.globalAlpha = 1;
    outline(context, box, scene.refused ? scene.theme.bad : scene.theme.accent, 2);
  }
  context.restore();
}

function paintDrop(context: CanvasRenderingContext2D, theme: Theme, box: Box): void {
  context.save();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.28;
  context.fillRect(box.x, box.top, box.width, box.height);
  context.globalAlpha = 1;
  outline(context, box, theme.accent, 2);
  context.restore();
}

function paintMarquee(context: CanvasRenderingContext2D, theme: Theme, box: Box): void {
  context.save();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.12;
  context.fillRect(box.x, box.top, box.width, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  context.strokeRect(box.x + 0.5, box.top + 0.5, box.width, box.height);
  context.restore();
}

function paintSnapLine(context: CanvasRenderingContext2D, scene: OverlayScene, at: Flicks): void {
  const x = Math.round(toX(scene.viewport, at));
  context.save();
  context.strokeStyle = scene.theme.warn;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x + 0.5, 0);
  context.lineTo(x + 0.5, scene.viewport.height);
  context.stroke();
  context.restore();
}

function paintPlayhead(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { viewport, theme, playhead } = scene;
  const x = Math.round(toX(viewport, playhead));
  if (x < -8 || x > viewport.width + 8) return;
  context.save();
  context.fillStyle = theme.text;
  context.fillRect(x, -10, 1, viewport.height + 10);
  context.beginPath();
  context.moveTo(x - 6, -RULER_HEIGHT + 10);
  context.lineTo(x + 7, -RULER_HEIGHT + 10);
  context.lineTo(x + 7, -RULER_HEIGHT + 18);
  context.lineTo(x + 0.5, -3);
  context.lineTo(x - 6, -RULER_HEIGHT + 18);
  context.closePath();
  context.fill();
  context.strokeStyle = theme.canvas;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

function paintReadout(
  context: CanvasRenderingContext2D,
  theme: Theme,
  viewport: Viewport,
  readout: Readout,
): void {
  context.save();
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  const width = Math.max(...readout.lines.map((text) => context.measureText(text).width)) + 16;
  const height = readout.lines.length * 16 + 8;
  const x = Math.min(Math.max(4, readout.x + 14), viewport.width - width - 4);
  const y = Math.min(Math.max(4, readout.y - height - 10), viewport.height - height - 4);
  context.fillStyle = theme.raised;
  context.strokeStyle = theme.divider;
  context.beginPath();
  context.roundRect(x + 0.5, y + 0.5, width, height, 4);
  context.fill();
  context.stroke();
  context.fillStyle = theme.text;
  for (const [index, text] of readout.lines.entries()) {
    context.fillText(text, x + 8, y + 12 + index * 16);
  }
  context.restore();
}

/** The stretch of one row between two times. */
export function rowBox(
  rows: Rows,
  viewport: Viewport,
  track: string,
  from: number,
  to: number,
): Box | null {
  const row = rowOf(rows, track);
  if (!row) return null;
  const x = toX(viewport, from);
  return { x, top: row.top - viewport.scrollY, width: toX(viewport, to) - x, height: row.height };
}
