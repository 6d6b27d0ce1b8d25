/**
 * Where a picture stands: size, fit, crop, anchor, place and rotation -> sequence pixels.
 *
 * The port of `timeline/geometry.py` for an output of the sequence's own size; `placement.test.ts`
 * holds its numbers. What only the exporter needs (cutting hugely enlarged pictures) is not here.
 */
import type { Props } from "@/timeline-core/resolved";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Left, top, width, height. */
export type Box = readonly [number, number, number, number];

/** Corners (left top, right top, left bottom, right bottom), each x then y. */
export type Quad = readonly [number, number, number, number, number, number, number, number];

/** A picture in its own pixels, and where it lies in the frame that fit, anchor and crop speak of. */
export interface Subject extends Size {
  readonly frame: Size;
  readonly x: number;
  readonly y: number;
  /** Own pixels that make one unit of the frame. */
  readonly pixel: number;
  readonly isText: boolean;
  /** The font size that a text was drawn with where it is animated, else 0. */
  readonly fontSize: number;
  /** Video is cut on even pixels, where its chroma has edges. */
  readonly cropsEven: boolean;
}

export interface Placed {
  readonly crop: Box;
  readonly flipH: boolean;
  readonly flipV: boolean;
  readonly quad: Quad;
}

const TEXT_MARGIN = 0.05; // canvas heights between a text at the top or bottom and the edge
const UPRIGHT = 1e-6; // pixels of slant that still count as upright

export const numberOf = (props: Props, key: string, fallback: number): number => {
  const value = props[key];
  return typeof value === "number" ? value : fallback;
};

export const textOf = (props: Props, key: string, fallback: string): string => {
  const value = props[key];
  return typeof value === "string" ? value : fallback;
};

/** A picture that is its own frame. */
export const wholePicture = (size: Size, cropsEven: boolean): Subject => ({
  width: size.width,
  height: size.height,
  frame: size,
  x: 0,
  y: 0,
  pixel: 1,
  isText: false,
  fontSize: 0,
  cropsEven,
});

/** A sequence is drawn in even pixels, as a film is. */
export const evenSize = ({ width, height }: Size): Size => ({
  width: width - (width % 2),
  height: height - (height % 2),
});

/**
 * Where `subject` goes on a canvas; null where nothing is left of it. An upright picture that does
 * not move stands on whole pixels.
 */
export const placed = (
  props: Props,
  subject: Subject,
  canvas: Size,
  { moves = false, shift = [0, 0] as readonly [number, number] } = {},
): Placed | null => {
  const crop = cropOf(props, subject);
  if (crop[2] < 1 || crop[3] < 1) return null;
  const flipH = props["flip_h"] === true;
  const flipV = props["flip_v"] === true;
  const exact = quadOf(props, subject, crop, flipH, flipV, canvas).map(
    (value, index) => value + (shift[index % 2] ?? 0),
  ) as unknown as Quad;
  const quad = moves ? exact : snapped(exact);
  return quad === null ? null : { crop, flipH, flipV, quad };
};

/** Whole pixels where the quad stands upright, null where none is left of it. */
const snapped = (quad: Quad): Quad | null => {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = quad;
  const slant = Math.max(
    Math.abs(x0 - x2),
    Math.abs(x1 - x3),
    Math.abs(y0 - y1),
    Math.abs(y2 - y3),
  );
  if (slant > UPRIGHT || x1 < x0 || y2 < y0) return quad;
  const [left, top, right, bottom] = [x0, y0, x3, y3].map((value) =>
    Math.floor(rounded(value) + 0.5),
  ) as [number, number, number, number];
  if (right - left < 1 || bottom - top < 1) return null;
  return [left, top, right, top, left, bottom, right, bottom];
};

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Half to even, as Python rounds. */
const halfEven = (value: number): number => {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
};

const cropOf = (props: Props, { width, height, cropsEven }: Subject): Box => {
  const cut = (key: string, length: number): number =>
    halfEven(Math.min(1, numberOf(props, key, 0)) * length);
  let left = cut("crop_l", width);
  let top = cut("crop_t", height);
  let right = width - cut("crop_r", width);
  let bottom = height - cut("crop_b", height);
  if (cropsEven) {
    left -= left % 2;
    top -= top % 2;
    right = Math.min(right + (((right % 2) + 2) % 2), width);
    bottom = Math.min(bottom + (((bottom % 2) + 2) % 2), height);
  }
  return [left, top, Math.max(0, right - left), Math.max(0, bottom - top)];
};

const quadOf = (
  props: Props,
  subject: Subject,
  crop: Box,
  flipH: boolean,
  flipV: boolean,
  canvas: Size,
): number[] => {
  const [a, b, c, d, e, f] = matrixOf(props, subject, canvas);
  const left = flipH ? subject.width - crop[0] - crop[2] : crop[0];
  const top = flipV ? subject.height - crop[1] - crop[3] : crop[1];
  const x0 = subject.x + left / subject.pixel;
  const y0 = subject.y + top / subject.pixel;
  const x1 = x0 + crop[2] / subject.pixel;
  const y1 = y0 + crop[3] / subject.pixel;
  return [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ].flatMap(([x = 0, y = 0]) => [a * x + c * y + e, b * x + d * y + f]);
};

/** Frame units -> pixels: a, b, c, d, e, f of x' = a x + c y + e, y' = b x + d y + f. */
const matrixOf = (
  props: Props,
  subject: Subject,
  canvas: Size,
): readonly [number, number, number, number, number, number] => {
  const [fitX, fitY] = grownScale(props, subject, canvas);
  const scaleX = fitX * numberOf(props, "scale_x", 1);
  const scaleY = fitY * numberOf(props, "scale_y", 1);
  const turn = (numberOf(props, "rotation", 0) * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const [a, b, c, d] = [scaleX * cosine, scaleX * sine, -scaleY * sine, scaleY * cosine];
  const anchorX = numberOf(props, "anchor_x", 0.5) * subject.frame.width;
  const anchorY = numberOf(props, "anchor_y", 0.5) * subject.frame.height;
  const atX = (0.5 + numberOf(props, "x", 0)) * canvas.width;
  const atY = restOf(props, subject, canvas);
  return [a, b, c, d, atX - a * anchorX - c * anchorY, atY - b * anchorX - d * anchorY];
};

/** Where the anchor stands, from the top: texts may rest at the top or the bottom. */
const restOf = (props: Props, subject: Subject, canvas: Size): number => {
  const middle = (0.5 + numberOf(props, "y", 0)) * canvas.height;
  if (!subject.isText) return middle;
  const slack = (canvas.height - subject.frame.height) / 2 - TEXT_MARGIN * canvas.height;
  const valign = textOf(props, "valign", "middle");
  if (valign === "top") return middle - slack;
  return valign === "bottom" ? middle + slack : middle;
};

const grownScale = (props: Props, subject: Subject, canvas: Size) => {
  if (subject.fontSize <= 0) return fittedScale(props, subject, canvas);
  const grown = numberOf(props, "font_size", 0) / subject.fontSize;
  return [grown, grown] as const;
};

/** How many canvas pixels a unit of the picture's frame takes where its scale is 1. */
export const fittedScale = (
  props: Props,
  { frame, isText }: Subject,
  canvas: Size,
): readonly [number, number] => {
  if (isText) return [1, 1] as const;
  const across = canvas.width / frame.width;
  const down = canvas.height / frame.height;
  switch (textOf(props, "fit", "contain")) {
    case "none":
      return [1, 1] as const;
    case "fill":
      return [across, down] as const;
    case "cover":
      return [Math.max(across, down), Math.max(across, down)] as const;
    default:
      return [Math.min(across, down), Math.min(across, down)] as const;
  }
};
