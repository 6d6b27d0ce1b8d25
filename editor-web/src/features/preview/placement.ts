/** Where a layer's picture lands on the canvas; the same geometry as the exporter's planner. */
import type { Props } from "@/timeline-core/resolved";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `matrix` maps the unit square of the uncropped picture to canvas pixels (a b c d e f). */
export interface Placement {
  readonly matrix: DOMMatrix2DInit;
  /** What is kept of the picture, as fractions. */
  readonly crop: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
}

export const numberOf = (props: Props, key: string, fallback: number): number => {
  const value = props[key];
  return typeof value === "number" ? value : fallback;
};

export const textOf = (props: Props, key: string, fallback: string): string => {
  const value = props[key];
  return typeof value === "string" ? value : fallback;
};

/** The size of a picture on the canvas before its scale, by `fit`. */
export const fitted = (picture: Size, canvas: Size, fit: string): Size => {
  const across = canvas.width / picture.width;
  const down = canvas.height / picture.height;
  switch (fit) {
    case "fill":
      return canvas;
    case "none":
      return picture;
    case "cover":
      return scaled(picture, Math.max(across, down));
    default:
      return scaled(picture, Math.min(across, down));
  }
};

const scaled = ({ width, height }: Size, by: number): Size => ({
  width: width * by,
  height: height * by,
});

/** `base` is the picture's size before its scale, in canvas pixels. */
export const placement = (props: Props, base: Size, canvas: Size): Placement => {
  const angle = (numberOf(props, "rotation", 0) * Math.PI) / 180;
  const width = base.width * numberOf(props, "scale_x", 1);
  const height = base.height * numberOf(props, "scale_y", 1);
  const flipH = props["flip_h"] === true;
  const flipV = props["flip_v"] === true;
  const anchorX = numberOf(props, "anchor_x", 0.5);
  const anchorY = numberOf(props, "anchor_y", 0.5);
  const x = canvas.width * (0.5 + numberOf(props, "x", 0));
  const y = canvas.height * (0.5 + numberOf(props, "y", 0));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  // unit -> flipped unit -> pixels around the anchor -> turned -> placed
  const across = (flipH ? -1 : 1) * width;
  const down = (flipV ? -1 : 1) * height;
  const left = ((flipH ? 1 : 0) - anchorX) * width;
  const top = ((flipV ? 1 : 0) - anchorY) * height;
  return {
    matrix: {
      a: cos * across,
      b: sin * across,
      c: -sin * down,
      d: cos * down,
      e: x + cos * left - sin * top,
      f: y + sin * left + cos * top,
    },
    crop: {
      left: numberOf(props, "crop_l", 0),
      top: numberOf(props, "crop_t", 0),
      right: numberOf(props, "crop_r", 0),
      bottom: numberOf(props, "crop_b", 0),
    },
  };
};
