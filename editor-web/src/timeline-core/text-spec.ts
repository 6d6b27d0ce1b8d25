/**
 * What a drawn text is: its spec, and how large to draw it.
 *
 * The spec is canonical JSON of whole numbers and text only, so that both languages build the same
 * bytes and so the same key. Lengths are millionths of the canvas height (`box_width`: of its width;
 * `line_height`: of the size), rounded half up.
 */
import { compareText } from "./diagnostics";
import type { Json } from "./model";
import type { Props } from "./resolved";
import { TEXT_STYLE } from "./schema";

export type TextSpec = Readonly<Record<string, Json>>;

/** The size of a canvas in pixels. */
export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** What a spec says beyond text and style. */
export interface TextDrawing extends CanvasSize {
  readonly rasterScale: number;
  /** The sha256 of the font files of the family, in any order. */
  readonly fonts: readonly string[];
  /** The word being said, as [start, end) in code points. */
  readonly highlight: readonly [number, number] | null;
}

const SPEC_VERSION = 1;
const RASTERISER = "skia-144.1/1"; // raised whenever the same spec would be drawn differently
const MILLION = 1_000_000;
const TEXT_MAX = 5000;
const LENGTHS = [
  "font_size",
  "line_height",
  "letter_spacing",
  "padding",
  "outline_width",
  "shadow_x",
  "shadow_y",
  "shadow_blur",
  "box_width",
];
const PLAIN = ["font", "font_weight", "italic", "align"];
const COLORS = ["color_fg", "color_bg", "outline_color", "shadow_color"];

/**
 * The spec of one bitmap. `style` holds text style keys of the document, missing ones have their
 * defaults; others are ignored. A text is cut at 5000 code points.
 */
export const drawnTextSpec = (text: string, style: Props, drawing: TextDrawing): TextSpec => {
  const value = (name: string): Json => style[name] ?? TEXT_STYLE.get(name)?.default ?? null;
  const length = (name: string): number => {
    const given = value(name);
    return typeof given === "number" ? millionths(given) : 0;
  };
  return {
    version: SPEC_VERSION,
    rasteriser: RASTERISER,
    text: [...text].slice(0, TEXT_MAX).join(""),
    width: drawing.width,
    height: drawing.height,
    raster_scale: drawing.rasterScale,
    fonts: [...drawing.fonts].sort(compareText),
    highlight: drawing.highlight,
    ...Object.fromEntries(PLAIN.map((name) => [name, value(name)])),
    ...Object.fromEntries(LENGTHS.map((name) => [name, length(name)])),
    ...Object.fromEntries(COLORS.map((name) => [name, fullColor(String(value(name)))])),
  };
};

/** Rounded half up: the same in both languages. */
const millionths = (value: number): number => Math.floor(value * MILLION + 0.5);

/** `#rrggbbaa`, lower case. */
const fullColor = (color: string): string => {
  const lowered = color.toLowerCase();
  return lowered.length === 9 ? lowered : `${lowered}ff`;
};

/** Sorted keys, no spaces, nothing escaped that need not be: equal specs have equal text. */
export const canonicalSpec = (spec: TextSpec): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(spec).sort(([left], [right]) => compareText(left, right))),
  );

/** How much larger than the sequence a text is drawn: the smallest of 1, 2, 4 that needs no enlarging. */
export const rasterScale = (
  largestScale: number,
  outputHeight: number,
  sequenceHeight: number,
): number => {
  const needed = (largestScale * outputHeight) / sequenceHeight;
  return [1, 2].find((scale) => scale >= needed) ?? 4;
};

/** Where word `index` stands in the text of its cue, as [start, end) in code points; null where it does not. */
export const wordRange = (
  text: string,
  words: readonly string[],
  index: number,
): readonly [number, number] | null => {
  let at = 0;
  for (const [number, word] of words.entries()) {
    const start = word === "" ? -1 : text.indexOf(word, at);
    if (number === index) {
      if (start < 0) return null;
      const before = [...text.slice(0, start)].length;
      return [before, before + [...word].length];
    }
    if (start >= 0) at = start + word.length;
  }
  return null;
};

/** Equal for equal specs; the name of a bitmap in this tab. */
export const textSpecKey = canonicalSpec;
