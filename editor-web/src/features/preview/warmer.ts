/** Gets ready what comes next: the stream of a clip before its cut, texts before they are shown. */
import { layers } from "@/timeline-core/layers";
import type { Layer, OnFrames, SequenceView, Span, TrackView } from "@/timeline-core/resolved";
import { type Flicks, type Frames, TICKS } from "@/timeline-core/time";
import type { Surrounding } from "./compositor";
import type { Motion, PictureSupply } from "./picture-supply";
import { evenSize } from "./placement";

const STREAM_TICKS = TICKS; // the next clip is opened one second before its cut
const TEXT_TICKS = 4 * TICKS; // a bitmap takes a round trip and some milliseconds of drawing

export class Warmer {
  readonly #pictures: PictureSupply;
  #frames: OnFrames | null = null;
  /** Output frames at which something new begins, already evaluated. */
  #known = new Map<number, readonly Layer[]>();

  constructor(pictures: PictureSupply) {
    this.#pictures = pictures;
  }

  setFrames(frames: OnFrames): void {
    this.#frames = frames;
    this.#known = new Map();
  }

  /** To be called with each draw. */
  warm(playhead: Flicks, motion: Motion): void {
    const view = this.#frames?.resolved.sequences.get(this.#frames.resolved.sequence);
    if (!view || motion === "backward") return;
    for (const track of view.tracks) {
      if (track.kind === "audio" || !track.active) continue;
      for (const span of upcoming(track, playhead))
        this.#warmSpan(view, track, span, playhead, motion);
    }
  }

  #warmSpan(
    view: SequenceView,
    track: TrackView,
    span: Span,
    playhead: Flicks,
    motion: Motion,
  ): void {
    if (!span.active || span.start_frame === undefined) return;
    if (track.kind === "caption") {
      for (const cue of span.cues)
        if (cue.start_frame !== undefined && isNear(cue.start, playhead, TEXT_TICKS))
          this.#warmAt(view, cue.start_frame, "texts");
      return;
    }
    const blend = view.transitions.find(
      (use) => use.track === track.id && use.right === span.clip && use.at === span.start,
    );
    const first = blend?.start_frame ?? span.start_frame;
    const begins = span.start - (blend?.in_offset ?? 0);
    if (span.kind === "title" && isNear(begins, playhead, TEXT_TICKS))
      this.#warmAt(view, first, "texts");
    if (motion === "forward" && isNear(begins, playhead, STREAM_TICKS))
      this.#warmAt(view, first, "streams");
  }

  #warmAt(view: SequenceView, n: Frames, what: "texts" | "streams"): void {
    if (!this.#frames) return;
    const found = this.#known.get(n) ?? layers(this.#frames, n);
    this.#known.set(n, found);
    this.#warmLayers(found, { path: "", canvas: view, output: evenSize(view) }, what);
  }

  #warmLayers(found: readonly Layer[], where: Surrounding, what: "texts" | "streams"): void {
    for (const layer of found) {
      if (layer.layers) {
        const [width, height] = layer.size ?? [where.canvas.width, where.canvas.height];
        const path = `${where.path}${layer.clip}/`;
        this.#warmLayers(layer.layers, { ...where, path, canvas: { width, height } }, what);
      } else if (what === "streams" && layer.kind === "media") {
        this.#pictures.warm(layer, where);
      } else if (what === "texts" && (layer.kind === "title" || layer.kind === "captions")) {
        this.#pictures.text(layer, where);
      }
    }
  }
}

const isNear = (at: number, playhead: number, reach: number): boolean =>
  at > playhead && at <= playhead + reach;

/** The spans of a track that are under way or begin within reach, by binary search. */
function* upcoming(track: TrackView, playhead: number): Generator<Span> {
  let low = 0;
  let high = track.spans.length;
  while (low < high) {
    const center = Math.floor((low + high) / 2);
    const span = track.spans[center] as Span;
    if (span.start + span.duration <= playhead) low = center + 1;
    else high = center;
  }
  for (let index = low; index < track.spans.length; index += 1) {
    const span = track.spans[index] as Span;
    // One more second: a transition begins before its span.
    if (span.start > playhead + TEXT_TICKS + TICKS) return;
    yield span;
  }
}
