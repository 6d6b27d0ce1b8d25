/**
 * Colours looked up in a cube: the port of `exporter/cubes.py`, with the arithmetic of the filter
 * that draws films (tetrahedral). A cube lists 33 x 33 x 33 colours, 0..255, red changing fastest.
 */
import { BLUE_SCALE, type Grade, LUMA, RED_SCALE } from "@/timeline-core/grade";

export type Cube = Float32Array;

export const SIDE = 33;
const LAST = SIDE - 1;
const COLORS = SIDE ** 3;
const FULL = 65_535;
const SOFTNESS_MIN = 1 / 255; // a hard edge is one step wide

/** What `color` makes of every colour. */
export const gradeCube = ({ gain, contrast, saturation }: Grade): Cube => {
  const cube = new Float32Array(3 * COLORS);
  const moved = gain.map((one) => (at: number) => ((at / LAST) * one - 0.5) * contrast + 0.5);
  const [ofRed, ofGreen, ofBlue] = moved as [Curve, Curve, Curve];
  forEachColor((index, r, g, b) => {
    const [red, green, blue] = [ofRed(r), ofGreen(g), ofBlue(b)];
    const luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
    cube[index] = shown(luma + (red - luma) * saturation);
    cube[index + 1] = shown(luma + (green - luma) * saturation);
    cube[index + 2] = shown(luma + (blue - luma) * saturation);
  });
  return cube;
};

/** What a `chroma_key` asks for at one frame; `blue` and `red` are the chroma of its colour. */
export interface KeyNumbers {
  readonly blue: number;
  readonly red: number;
  readonly tolerance: number;
  readonly softness: number;
  readonly spill: number;
}

/** How much of every colour a key leaves, as grey: by its distance from the key's chroma. */
export const keyCube = ({ blue, red, tolerance, softness }: KeyNumbers): Cube =>
  cubeOf((color) => {
    const [, ofBlue, ofRed] = lumaAndChroma(color);
    const away = Math.sqrt((ofBlue - blue) ** 2 + (ofRed - red) ** 2);
    const left = (away - tolerance) / Math.max(softness, SOFTNESS_MIN);
    return [left, left, left];
  });

/** What is left of every colour when its share along the key's chroma is taken out; luma stays. */
export const spillCube = ({ blue, red, spill }: KeyNumbers): Cube =>
  cubeOf((color) => {
    const [luma, ofBlue, ofRed] = lumaAndChroma(color);
    const share = (spill * Math.max(ofBlue * blue + ofRed * red, 0)) / (blue ** 2 + red ** 2 || 1);
    const [reds, blues] = [
      luma + RED_SCALE * (ofRed - share * red),
      luma + BLUE_SCALE * (ofBlue - share * blue),
    ];
    return [reds, (luma - LUMA[0] * reds - LUMA[2] * blues) / LUMA[1], blues];
  });

type Color = readonly [number, number, number];

const cubeOf = (change: (color: Color) => Color): Cube => {
  const cube = new Float32Array(3 * COLORS);
  forEachColor((index, red, green, blue) => {
    const made = change([red / LAST, green / LAST, blue / LAST]);
    for (const [axis, value] of made.entries()) cube[index + axis] = shown(value);
  });
  return cube;
};

/** Luma, and how blue and how red a colour is against it (BT.709). */
const lumaAndChroma = ([red, green, blue]: Color): Color => {
  const luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
  return [luma, (blue - luma) / BLUE_SCALE, (red - luma) / RED_SCALE];
};

/** A look-up table as the server keeps it (16-bit numbers), mixed with what was there. */
export const lutCube = (table: Uint16Array, mix: number): Cube => {
  const cube = new Float32Array(3 * COLORS);
  forEachColor((index, ...places) => {
    for (const [axis, place] of places.entries()) {
      const before = (place / LAST) * 255;
      cube[index + axis] = before + (((table[index + axis] ?? 0) / FULL) * 255 - before) * mix;
    }
  });
  return cube;
};

/** For each of the 256 values of a channel: in which step of the cube it lies, and how far inside. */
const STEP = Uint8Array.from({ length: 256 }, (_, value) =>
  Math.min(Math.floor((value * LAST) / 255), LAST - 1),
);
const SHARE = Float32Array.from(
  { length: 256 },
  (_, value) => (value * LAST) / 255 - (STEP[value] ?? 0),
);

/**
 * Replaces every colour of RGBA pixels, alpha aside: inside of a cell of the cube by that one of its
 * six tetrahedra which holds the place. Plain variables, because it runs for every pixel.
 */
export const lookUp = (pixels: Uint8ClampedArray, cube: Cube): void => {
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] === 0) continue;
    const red = pixels[at] as number;
    const green = pixels[at + 1] as number;
    const blue = pixels[at + 2] as number;
    const r = SHARE[red] as number;
    const g = SHARE[green] as number;
    const b = SHARE[blue] as number;
    const from =
      R * (STEP[red] as number) + G * (STEP[green] as number) + B * (STEP[blue] as number);
    // The two corners between the first and the last, and the three shares in falling order.
    let one = R;
    let two = R + G;
    let most = r;
    let middle = g;
    let least = b;
    if (r > g) {
      if (b >= r) {
        one = B;
        two = B + R;
        most = b;
        middle = r;
        least = g;
      } else if (b >= g) {
        two = R + B;
        middle = b;
        least = g;
      }
    } else if (b > g) {
      one = B;
      two = B + G;
      most = b;
      least = r;
    } else {
      one = G;
      most = g;
      two = b > r ? G + B : G + R;
      middle = Math.max(b, r);
      least = Math.min(b, r);
    }
    const first = 1 - most;
    const second = most - middle;
    const third = middle - least;
    for (let channel = 0; channel < 3; channel += 1) {
      const place = from + channel;
      pixels[at + channel] =
        (cube[place] as number) * first +
        (cube[place + one] as number) * second +
        (cube[place + two] as number) * third +
        (cube[place + END] as number) * least;
    }
  }
};

type Curve = (at: number) => number;

const shown = (value: number): number => Math.max(0, Math.min(1, value)) * 255;

const forEachColor = (
  visit: (index: number, red: number, green: number, blue: number) => void,
): void => {
  let index = 0;
  for (let blue = 0; blue < SIDE; blue += 1)
    for (let green = 0; green < SIDE; green += 1)
      for (let red = 0; red < SIDE; red += 1, index += 3) visit(index, red, green, blue);
};

const R = 3;
const G = 3 * SIDE;
const B = 3 * SIDE * SIDE;
const END = R + G + B;
