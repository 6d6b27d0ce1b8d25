/** Which text a layer shows, and how its bitmap is to be drawn: as `exporter/texts.py` asks for it. */
import type { CueSpan, Layer, OnFrames, Props, Span } from "@/timeline-core/resolved";
import {
  type CanvasSize,
  drawnTextSpec,
  rasterScale,
  type TextSpec,
  wordRange,
} from "@/timeline-core/text-spec";

export interface WantedText {
  readonly text: string;
  readonly style: Props;
  /** The largest scale that the clip ever has. */
  readonly scale: number;
  /** The font size that is drawn where it is animated, else 0. */
  readonly fontSize: number;
  readonly highlight: readonly [number, number] | null;
}

const SLATE_STYLE: Props = { font_size: 0.045, color_fg: "#d8dade" };
const NAME_SHOWN = 120;
const MOVING_KEYS = new Set([
  "x",
  "y",
  "scale_x",
  "scale_y",
  "rotation",
  "anchor_x",
  "anchor_y",
  "font_size",
]);

/** The clips of a timeline by id, with what their layers do not tell. */
export class SpanIndex {
  readonly #spans = new Map<string, Span>();

  constructor(frames: OnFrames) {
    for (const view of frames.resolved.sequences.values())
      for (const track of view.tracks)
        for (const span of track.spans)
          if (!this.#spans.has(span.clip) || span.kind === "captions") this.#add(span);
  }

  span(clip: string): Span | undefined {
    return this.#spans.get(clip);
  }

  /** Whether the clip's place changes while it is shown. */
  moves(clip: string): boolean {
    const curves = this.#spans.get(clip)?.curves ?? {};
    return Object.entries(curves).some(([key, keys]) => MOVING_KEYS.has(key) && keys.length > 1);
  }

  /** A clip that is covered in its middle has two spans, and its cues stand in either. */
  #add(span: Span): void {
    const known = this.#spans.get(span.clip);
    this.#spans.set(span.clip, known ? { ...span, cues: [...known.cues, ...span.cues] } : span);
  }
}

/** The text of a title or cue layer; null where it shows none. */
export const wantedText = (layer: Layer, span: Span | undefined): WantedText | null => {
  if (!span) return null;
  if (layer.kind === "title") return titleText(span);
  const cue = span.cues.find(({ id }) => id === layer.cue);
  return layer.kind === "captions" && cue ? cueText(cue, span, layer.word) : null;
};

/** The words on the plate of media that is not there. */
export const slateText = (name: string, reason: string, span: Span | undefined): WantedText => ({
  text: `${[...name].slice(0, NAME_SHOWN).join("")}\n${reason}`,
  style: SLATE_STYLE,
  scale: span ? scaleOf(span) : 1,
  fontSize: 0,
  highlight: null,
});

/** `sequence` is the one that the text stands in, `outputHeight` that of the whole picture. */
export const specOf = (
  wanted: WantedText,
  sequence: CanvasSize,
  outputHeight: number,
  fonts: readonly string[],
): TextSpec =>
  drawnTextSpec(wanted.text, wanted.style, {
    width: sequence.width,
    height: sequence.height,
    rasterScale: rasterScale(wanted.scale, outputHeight, sequence.height),
    fonts,
    highlight: wanted.highlight,
  });

const titleText = (span: Span): WantedText | null => {
  const text = span.props["text"];
  if (typeof text !== "string" || text.trim() === "") return null;
  const fontSize = span.curves["font_size"] ? largest(span, "font_size", 0) : 0;
  const style = fontSize > 0 ? { ...span.props, font_size: fontSize } : span.props;
  return { text, style, scale: scaleOf(span), fontSize, highlight: null };
};

const cueText = (cue: CueSpan, span: Span, word: number | undefined): WantedText | null => {
  if (cue.text.trim() === "") return null;
  const words = cue.words.map(([, , said]) => said);
  return {
    text: cue.text,
    style: { ...span.props, ...cue.props },
    scale: scaleOf(span),
    fontSize: 0,
    highlight: word === undefined ? null : wordRange(cue.text, words, word),
  };
};

const scaleOf = (span: Span): number =>
  Math.max(largest(span, "scale_x", 1), largest(span, "scale_y", 1));

const largest = (span: Span, key: string, fallback: number): number => {
  const keys = span.curves[key];
  const values = keys ? keys.map((one) => one[1]) : [span.props[key] ?? fallback];
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length > 0 ? Math.max(...numbers) : fallback;
};
