/** Filmstrips and waveforms: what a clip shows and how it sounds, at the zoom of the moment. */
import { type Flicks, TICKS } from "@/timeline-core/time";
import { levelFor } from "../model/peaks";
import type { ClipView } from "../model/view-model";
import { toTime, type Viewport } from "../model/viewport";
import type { Box } from "./box";
import type { MediaSource } from "./media-source";

type MediaScene = {
  readonly viewport: Viewport;
  readonly media: MediaSource;
  readonly clip: ClipView;
  readonly box: Box;
};

const sourceSecond = (clip: ClipView, at: Flicks): number =>
  (clip.sourceIn + ((at - clip.start) * clip.speed[0]) / clip.speed[1]) / TICKS;

export function paintFilmstrip(context: CanvasRenderingContext2D, scene: MediaScene): void {
  const { viewport, media, clip, box } = scene;
  if (clip.asset === null) return;
  const tile = Math.round(box.height * media.aspect(clip.asset));
  if (tile < 8) return;
  // Tiles are counted from the clip's head, so that scrolling does not make them swim.
  const first = Math.max(0, Math.floor(-box.x / tile));
  const last = Math.ceil(Math.min(box.width, viewport.width - box.x) / tile);
  for (let index = first; index < last; index += 1) {
    const x = box.x + index * tile;
    const middle = toTime(viewport, x + tile / 2);
    const picture = media.thumbnail(clip.asset, sourceSecond(clip, middle));
    if (!picture) continue;
    context.drawImage(
      picture.sheet,
      picture.x,
      0,
      picture.width,
      picture.height,
      x,
      box.top,
      tile,
      box.height,
    );
  }
}

export function paintWaveform(
  context: CanvasRenderingContext2D,
  scene: MediaScene & { readonly color: string },
): void {
  const { viewport, media, clip, box } = scene;
  const peaks = clip.asset === null ? null : media.peaks(clip.asset);
  if (!peaks) return;
  const speed = Math.abs(clip.speed[0] / clip.speed[1]);
  const perPixel = speed / viewport.pixelsPerSecond;
  const level = levelFor(peaks, perPixel);
  const rate = peaks.levels[level]?.rate ?? 1;
  const middle = box.top + box.height / 2;
  const half = box.height / 2 - 1;
  const from = Math.max(0, Math.floor(box.x));
  const to = Math.min(viewport.width, box.x + box.width);
  context.fillStyle = scene.color;
  context.beginPath();
  for (let x = from; x < to; x += 1) {
    const second = sourceSecond(clip, toTime(viewport, x));
    const first = Math.floor(second * rate);
    const [low, high] = peaks.reach(
      level,
      first,
      Math.max(first + 1, Math.ceil((second + perPixel) * rate)),
    );
    const top = middle - high * half;
    context.rect(x, top, 1, Math.max(1, middle - low * half - top));
  }
  context.fill();
}
