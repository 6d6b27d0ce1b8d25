/**
 * The outline of a `mask`: the port of `exporter/outlines.py`. Lengths are canvas heights; `across` and
 * `down` are what one canvas height is as a share of the picture's sides.
 */
import type { Size } from "./placement";

export type Point = readonly [number, number];

export interface Outline {
  readonly shape: string;
  readonly points: readonly Point[];
  readonly across: number;
  readonly down: number;
  readonly invert: boolean;
}

const RADIUS_MIN = 1e-6;

/** How much the mask leaves of each pixel, 0..255: a picture of `width` x `height` with a margin around it. */
export const outlineAlpha = (
  outline: Outline,
  feather: number,
  { width, height }: Size,
  [marginX, marginY]: Point,
): Uint8ClampedArray => {
  const { across, down } = outline;
  const edge = Math.max(feather, 1 / (width * across), 1 / (height * down));
  const sign = outline.invert ? 1 : -1;
  const points = outline.points.map(([x, y]): Point => [x / across, y / down]);
  const away = distanceTo(outline.shape, points);
  const wide = width + 2 * marginX;
  const alpha = new Uint8ClampedArray(wide * (height + 2 * marginY));
  for (let at = 0; at < alpha.length; at += 1) {
    const x = ((at % wide) + 0.5 - marginX) / width / across;
    const y = (Math.floor(at / wide) + 0.5 - marginY) / height / down;
    alpha[at] = 255 * (0.5 + (sign * away(x, y)) / edge);
  }
  return alpha;
};

type Distance = (x: number, y: number) => number;

/** From a place to the outline, below 0 inside. */
export const distanceTo = (shape: string, points: readonly Point[]): Distance => {
  if (shape === "polygon") return toPolygon(points);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const middle: Point = [(left + right) / 2, (top + bottom) / 2];
  const half: Point = [(right - left) / 2, (bottom - top) / 2];
  return shape === "ellipse" ? toEllipse(middle, half) : toRectangle(middle, half);
};

const toRectangle =
  (middle: Point, half: Point): Distance =>
  (x, y) => {
    const across = Math.abs(x - middle[0]) - half[0];
    const down = Math.abs(y - middle[1]) - half[1];
    const outside = Math.sqrt(Math.max(across, 0) ** 2 + Math.max(down, 0) ** 2);
    return outside + Math.min(Math.max(across, down), 0);
  };

/** To first order, which is exact at the edge: the equation of the ellipse over its slope. */
const toEllipse = (middle: Point, half: Point): Distance => {
  const wide = Math.max(half[0], RADIUS_MIN);
  const high = Math.max(half[1], RADIUS_MIN);
  return (x, y) => {
    const [across, down] = [(x - middle[0]) / wide, (y - middle[1]) / high];
    const slope = 2 * Math.sqrt((across / wide) ** 2 + (down / high) ** 2);
    return (across ** 2 + down ** 2 - 1) / Math.max(slope, RADIUS_MIN);
  };
};

/** Inside is where a ray crosses an odd number of sides. */
const toPolygon =
  (points: readonly Point[]): Distance =>
  (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    let [ax, ay] = points[points.length - 1] as Point;
    for (const [bx, by] of points) {
      const [dx, dy] = [bx - ax, by - ay];
      const length = dx * dx + dy * dy;
      const along = length > 0 ? ((x - ax) * dx + (y - ay) * dy) / length : 0;
      const share = Math.max(0, Math.min(1, along));
      nearest = Math.min(nearest, (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2);
      if (ay > y !== by > y && x < ax + ((y - ay) * dx) / dy) inside = !inside;
      [ax, ay] = [bx, by];
    }
    return (inside ? -1 : 1) * Math.sqrt(nearest);
  };
