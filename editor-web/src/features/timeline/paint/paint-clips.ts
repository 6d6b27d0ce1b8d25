/** The clips layer: rows, clip bodies, filmstrips, waveforms, labels, transitions. */
import { type Flicks, TICKS } from "@/timeline-core/time";
import type { Row, Rows } from "../model/rows";
import { type ClipView, endOf, type TrackView, windowOf } from "../model/view-model";
import { toTime, toWidth, toX, type Viewport } from "../model/viewport";
import type { Box } from "./box";
import type { MediaSource } from "./media-source";
import { paintFilmstrip, paintWaveform } from "./paint-media";
import type { Theme } from "./theme";

const MERGE_BELOW = 3; // pixels: clips narrower than this become one block per run
const CONTENT_FROM = 8; // narrower clips are their colour alone
const LABEL_FROM = 26;
const FILMSTRIP_FROM = 24;
const LABEL_HEIGHT = 16;
const CORNER = 3;

export type ClipScene = {
  readonly rows: Rows;
  readonly viewport: Viewport;
  readonly theme: Theme;
  readonly media: MediaSource;
  /** How far a transition reaches over the head of a clip. */
  readonly blends?: ReadonlyMap<string, number>;
};

export function paintRows(context: CanvasRenderingContext2D, scene: ClipScene): void {
  const { theme, viewport } = scene;
  context.fillStyle = theme.canvas;
  context.fillRect(0, 0, viewport.width, viewport.height);
  for (const row of scene.rows.rows) {
    const top = row.top - viewport.scrollY;
    if (top > viewport.height || top + row.height < 0) continue;
    paintRow(context, scene, row, top);
  }
}

function paintRow(
  context: CanvasRenderingContext2D,
  scene: ClipScene,
  row: Row,
  top: number,
): void {
  const { theme, viewport } = scene;
  context.fillStyle = theme.panel;
  context.fillRect(0, top, viewport.width, row.height);
  const dimmed = !row.track.enabled || (row.track.muted && row.track.kind === "audio");
  context.globalAlpha = dimmed ? 0.4 : 1;
  const blends = new Map(
    row.track.transitions.flatMap((use): [string, number][] =>
      use.right ? [[use.right, use.outOffset]] : [],
    ),
  );
  paintTrackClips(context, { ...scene, blends }, row.track, top, row.height);
  for (const transition of row.track.transitions) {
    const from = toX(viewport, transition.at - transition.inOffset);
    const to = toX(viewport, transition.at + transition.outOffset);
    if (to < 0 || from > viewport.width) continue;
    paintTransition(context, theme, { from, to, top, height: row.height });
  }
  context.globalAlpha = 1;
  if (row.track.locked)
    paintLocked(context, theme, { top, height: row.height, width: viewport.width });
}

function paintTrackClips(
  context: CanvasRenderingContext2D,
  scene: ClipScene,
  track: TrackView,
  top: number,
  height: number,
): void {
  const { viewport } = scene;
  const [first, last] = windowOf(track.clips, viewport.from, toTime(viewport, viewport.width));
  let run: { from: number; to: number; clip: ClipView } | null = null;
  for (let index = first; index < last; index += 1) {
    const clip = track.clips[index] as ClipView;
    const x = toX(viewport, clip.start);
    const width = toWidth(viewport, clip.duration);
    if (x + width < 0) continue;
    if (width >= MERGE_BELOW) {
      run = closeRun(context, scene.theme, run, top, height);
      paintClip(context, scene, clip, { x, top, width, height });
    } else if (run && x - run.to < 1 && run.clip.tone === clip.tone) {
      run.to = Math.max(run.to, x + width);
    } else {
      closeRun(context, scene.theme, run, top, height);
      run = { from: x, to: x + Math.max(1, width), clip };
    }
  }
  closeRun(context, scene.theme, run, top, height);
}

/** A run of clips too narrow to tell apart is one block. */
function closeRun(
  context: CanvasRenderingContext2D,
  theme: Theme,
  run: { from: number; to: number; clip: ClipView } | null,
  top: number,
  height: number,
): null {
  if (run) {
    context.fillStyle = theme.body[run.clip.tone];
    context.fillRect(run.from, top + 1, Math.max(1, run.to - run.from), height - 2);
  }
  return null;
}

/** One clip with everything on it; also draws the ghosts of a drag. */
export function paintClip(
  context: CanvasRenderingContext2D,
  scene: ClipScene,
  clip: ClipView,
  box: Box,
): void {
  const { theme, viewport } = scene;
  const inner = {
    x: box.x,
    top: box.top + 1,
    width: Math.max(1, box.width - 1),
    height: box.height - 2,
  };
  if (inner.width < CONTENT_FROM) {
    paintNarrow(context, theme, clip, inner);
    return;
  }
  context.save();
  if (!clip.enabled) context.globalAlpha *= 0.45;
  context.beginPath();
  context.roundRect(
    inner.x,
    inner.top,
    inner.width,
    inner.height,
    Math.min(CORNER, inner.width / 2),
  );
  context.fillStyle = theme.body[clip.tone];
  context.fill();
  context.save();
  context.clip();
  paintContent(context, scene, clip, inner);
  if (clip.fadeIn > 0 || clip.fadeOut > 0) paintFades(context, viewport, clip, inner);
  const labelled = inner.width >= LABEL_FROM && (clip.cues.length === 0 || inner.height > 40);
  if (labelled) paintLabel(context, theme, clip, labelBox(scene, clip, inner), viewport.width);
  context.restore();
  context.lineWidth = 1;
  context.strokeStyle = theme.edge[clip.tone];
  context.beginPath();
  context.roundRect(
    inner.x + 0.5,
    inner.top + 0.5,
    Math.max(0, inner.width - 1),
    inner.height - 1,
    Math.min(CORNER, inner.width / 2),
  );
  context.stroke();
  context.restore();
}

/** Edge and body as two plain rectangles: of a thousand clips in view each is a few pixels wide. */
function paintNarrow(
  context: CanvasRenderingContext2D,
  theme: Theme,
  clip: ClipView,
  { x, top, width, height }: Box,
): void {
  const alpha = context.globalAlpha;
  if (!clip.enabled) context.globalAlpha = alpha * 0.45;
  context.fillStyle = theme.edge[clip.tone];
  context.fillRect(x, top, width, height);
  context.fillStyle = theme.body[clip.tone];
  context.fillRect(x + 1, top + 1, Math.max(0, width - 2), height - 2);
  context.globalAlpha = alpha;
}

function paintContent(
  context: CanvasRenderingContext2D,
  scene: ClipScene,
  clip: ClipView,
  inner: Box,
): void {
  const { viewport, media, theme } = scene;
  const labelled = inner.height > 40;
  const area = labelled
    ? { ...inner, top: inner.top + LABEL_HEIGHT, height: inner.height - LABEL_HEIGHT }
    : inner;
  if (clip.cues.length > 0) {
    paintCues(context, scene, clip, area);
    return;
  }
  if (clip.badge === "missing" || clip.badge === "failed") {
    paintHatch(context, theme.edge.missing, inner);
    return;
  }
  if (clip.asset === null || inner.width < FILMSTRIP_FROM) return;
  if (clip.tone === "audio") {
    paintWaveform(context, { viewport, media, clip, box: area, color: theme.edge.audio });
    return;
  }
  if (clip.kind !== "media" || !labelled) return;
  paintFilmstrip(context, { viewport, media, clip, box: area });
  if (inner.height >= 80 && clip.link !== "") {
    const wave = { ...area, top: area.top + area.height * 0.62, height: area.height * 0.38 };
    context.fillStyle = theme.body.audio;
    context.globalAlpha *= 0.75;
    context.fillRect(wave.x, wave.top, wave.width, wave.height);
    context.globalAlpha /= 0.75;
    paintWaveform(context, { viewport, media, clip, box: wave, color: theme.edge.audio });
  }
}

const CUE_LABEL_FROM = 24;

/** The lines of a captions clip, each where it is read. */
function paintCues(
  context: CanvasRenderingContext2D,
  { viewport, theme }: ClipScene,
  clip: ClipView,
  area: Box,
): void {
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  for (const cue of clip.cues) {
    const x = area.x + toWidth(viewport, cue.start - clip.sourceIn);
    const width = Math.max(1, toWidth(viewport, cue.duration) - 1);
    if (x + width < 0 || x > viewport.width) continue;
    context.fillStyle = theme.canvas;
    context.globalAlpha *= 0.42;
    context.beginPath();
    context.roundRect(x, area.top + 3, width, area.height - 6, 2);
    context.fill();
    context.globalAlpha /= 0.42;
    const left = Math.max(x, 0) + 5;
    const room = x + width - left - 4;
    if (room < CUE_LABEL_FROM) continue;
    context.fillStyle = theme.text;
    const line = cue.text.replaceAll("\n", " ");
    context.fillText(fitText(context, line, room), left, area.top + area.height / 2);
  }
}

/** A label begins beside a transition that lies over the clip's head. */
function labelBox({ viewport, blends }: ClipScene, clip: ClipView, inner: Box): Box {
  const covered = toWidth(viewport, blends?.get(clip.id) ?? 0);
  return { ...inner, x: inner.x + covered, width: inner.width - covered };
}

const BADGES = { missing: "⚠ ", failed: "⚠ ", pending: "… ", landed: "" } as const;

function paintLabel(
  context: CanvasRenderingContext2D,
  theme: Theme,
  clip: ClipView,
  inner: Box,
  screenWidth: number,
): void {
  const left = Math.max(inner.x, 0) + 6; // stays readable while the clip runs off the left
  const room = Math.min(inner.x + inner.width, screenWidth) - left - 4;
  if (room < 14) return;
  const thin = inner.height <= 40;
  if (thin && clip.tone === "audio") {
    context.fillStyle = theme.body.audio;
    context.globalAlpha *= 0.6;
    context.fillRect(inner.x, inner.top, Math.min(inner.width, room + 10), inner.height);
    context.globalAlpha /= 0.6;
  }
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  context.fillStyle = theme.text;
  const y = thin ? inner.top + inner.height / 2 : inner.top + LABEL_HEIGHT / 2 + 0.5;
  const badge = clip.badge ? BADGES[clip.badge] : "";
  const speed = clip.speed[0] === clip.speed[1] ? "" : `  ${speedLabel(clip.speed)}`;
  context.fillText(fitText(context, badge + clip.label + speed, room), left, y);
}

const speedLabel = ([num, den]: readonly [number, number]): string =>
  `${Math.round((num / den) * 100)}%`;

const widths = new Map<string, string>();

/** The text, shortened with an ellipsis where it does not fit; measured once per text and width. */
function fitText(context: CanvasRenderingContext2D, text: string, room: number): string {
  const bucket = Math.floor(room / 8) * 8;
  const key = `${bucket}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > 5_000) widths.clear();
  const fit = shortened(context, text, bucket);
  widths.set(key, fit);
  return fit;
}

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length;
  while (low < high) {
    const half = (low + high + 1) >> 1;
    const candidate = `${letters.slice(0, half).join("")}…`;
    if (context.measureText(candidate).width <= room) low = half;
    else high = half - 1;
  }
  return low === 0 ? "" : `${letters.slice(0, low).join("")}…`;
}

function paintFades(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  clip: ClipView,
  inner: Box,
): void {
  context.save();
  context.fillStyle = "#0b0c0e";
  context.globalAlpha = 0.5;
  const rise = toWidth(viewport, clip.fadeIn);
  const fall = toWidth(viewport, clip.fadeOut);
  const right = inner.x + inner.width;
  context.beginPath();
  context.moveTo(inner.x, inner.top + inner.height);
  context.lineTo(inner.x, inner.top);
  context.lineTo(inner.x + rise, inner.top);
  context.closePath();
  context.moveTo(right, inner.top + inner.height);
  context.lineTo(right, inner.top);
  context.lineTo(right - fall, inner.top);
  context.closePath();
  context.fill();
  context.restore();
}

function paintHatch(context: CanvasRenderingContext2D, color: string, inner: Box): void {
  context.save();
  context.strokeStyle = color;
  context.globalAlpha = 0.35;
  context.lineWidth = 2;
  context.beginPath();
  const from = Math.max(inner.x, -inner.height);
  const to = Math.min(inner.x + inner.width, 8_192);
  for (let x = from - inner.height; x < to; x += 10) {
    context.moveTo(x, inner.top + inner.height);
    context.lineTo(x + inner.height, inner.top);
  }
  context.stroke();
  context.restore();
}

function paintTransition(
  context: CanvasRenderingContext2D,
  theme: Theme,
  at: { readonly from: number; readonly to: number; readonly top: number; readonly height: number },
): void {
  const width = Math.max(2, at.to - at.from);
  const height = Math.round(at.height * 0.5);
  context.save();
  context.beginPath();
  context.roundRect(at.from, at.top + 1, width, height, CORNER);
  context.globalAlpha *= 0.82;
  context.fillStyle = theme.raised;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = theme.dim;
  context.lineWidth = 1;
  context.stroke();
  if (width >= 12) {
    context.beginPath();
    context.moveTo(at.from + 2, at.top + height - 1);
    context.lineTo(at.to - 2, at.top + 3);
    context.moveTo(at.from + 2, at.top + 3);
    context.lineTo(at.to - 2, at.top + height - 1);
    context.stroke();
  }
  context.restore();
}

function paintLocked(
  context: CanvasRenderingContext2D,
  theme: Theme,
  at: { readonly top: number; readonly height: number; readonly width: number },
): void {
  context.save();
  context.beginPath();
  context.rect(0, at.top, at.width, at.height);
  context.clip();
  context.strokeStyle = theme.canvas;
  context.globalAlpha = 0.55;
  context.lineWidth = 3;
  context.beginPath();
  for (let x = -at.height; x < at.width; x += 12) {
    context.moveTo(x, at.top + at.height);
    context.lineTo(x + at.height, at.top);
  }
  context.stroke();
  context.restore();
}

/** The rectangle of a clip on screen, for ghosts, outlines and the read-only test hook. */
export function boxOf(rows: Rows, viewport: Viewport, clip: ClipView): Box | null {
  const row = rows.rows.find((candidate) => candidate.track.id === clip.track);
  if (!row) return null;
  return {
    x: toX(viewport, clip.start),
    top: row.top - viewport.scrollY,
    width: toWidth(viewport, clip.duration),
    height: row.height,
  };
}

export const isVisible = (viewport: Viewport, clip: { start: Flicks; duration: Flicks }): boolean =>
  endOf(clip) >= viewport.from &&
  clip.start <= viewport.from + (viewport.width / viewport.pixelsPerSecond) * TICKS;
