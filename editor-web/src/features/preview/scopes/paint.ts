/** Scopes as pictures: counts become light on black, as bright as their share of what could be there. */
import { chromaOf, type Histogram, LEVELS } from "./measure";

const GRID = "#3a3f47";
const GAIN = 9; // a column of a picture is spread over many levels
const TARGETS = [
  [191, 0, 0],
  [191, 191, 0],
  [0, 191, 0],
  [0, 191, 191],
  [0, 0, 191],
  [191, 0, 191],
] as const; // the bars at 75 %

type Context = CanvasRenderingContext2D;

/** Counts as grey pixels; `most` is the count that is white. */
const lit = (counts: Uint32Array, most: number, placeOf: (index: number) => number): ImageData => {
  const size = counts.length / LEVELS;
  const image = new ImageData(size, LEVELS);
  for (let index = 0; index < counts.length; index += 1) {
    const light = Math.min(255, Math.sqrt((counts[index] ?? 0) / most) * 255);
    const at = placeOf(index) * 4;
    image.data[at] = light;
    image.data[at + 1] = light;
    image.data[at + 2] = light;
    image.data[at + 3] = 255;
  }
  return image;
};

const lines = (context: Context, shares: readonly number[]): void => {
  const { width, height } = context.canvas;
  context.fillStyle = GRID;
  for (const share of shares) context.fillRect(0, Math.round((height - 1) * (1 - share)), width, 1);
};

/** The canvas is as wide as the measured picture and 256 high; black is at the bottom. */
export const paintWaveform = (context: Context, counts: Uint32Array, rows: number): void => {
  const width = counts.length / LEVELS;
  const place = (index: number): number =>
    (LEVELS - 1 - (index % LEVELS)) * width + Math.floor(index / LEVELS);
  context.putImageData(lit(counts, rows / GAIN, place), 0, 0);
  lines(context, [0, 0.25, 0.5, 0.75, 1]);
};

/** 256 by 256: Cb to the right, Cr upwards, with the places of the colour bars. */
export const paintVectorscope = (context: Context, counts: Uint32Array, pixels: number): void => {
  const place = (index: number): number =>
    (LEVELS - 1 - Math.floor(index / LEVELS)) * LEVELS + (index % LEVELS);
  context.putImageData(lit(counts, pixels / 200, place), 0, 0);
  context.fillStyle = GRID;
  context.fillRect(0, 127, LEVELS, 1);
  context.fillRect(128, 0, 1, LEVELS);
  for (const [red, green, blue] of TARGETS) {
    const [cb, cr] = chromaOf(red, green, blue);
    context.strokeStyle = `rgb(${red} ${green} ${blue})`;
    context.strokeRect(cb - 5.5, LEVELS - 1 - cr - 5.5, 11, 11);
  }
};

/** 256 wide: red, green and blue added up as light, the highest column as high as the canvas. */
export const paintHistogram = (context: Context, counts: Histogram): void => {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = "source-over";
  context.fillStyle = "#000000";
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "lighter";
  const channels = [
    [counts.red, "#d04040"],
    [counts.green, "#40d040"],
    [counts.blue, "#4060d0"],
  ] as const;
  const most = Math.max(1, ...channels.flatMap(([levels]) => [...levels]));
  for (const [levels, color] of channels) {
    context.fillStyle = color;
    levels.forEach((count, level) => {
      const bar = Math.sqrt(count / most) * height;
      context.fillRect(level, height - bar, 1, bar);
    });
  }
  context.globalCompositeOperation = "source-over";
};
