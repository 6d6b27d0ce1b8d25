/**
 * What scopes count of a picture: RGBA bytes as a canvas gives them, gamma-encoded RGB with BT.709
 * weights, as films are written.
 */

export const LEVELS = 256;

/** BT.709 luma of 8-bit RGB, 0 to 255. */
const lumaOf = (red: number, green: number, blue: number): number =>
  0.2126 * red + 0.7152 * green + 0.0722 * blue;

export interface Histogram {
  /** How many pixels have each of the 256 levels. */
  readonly luma: Uint32Array;
  readonly red: Uint32Array;
  readonly green: Uint32Array;
  readonly blue: Uint32Array;
}

export const histogram = (pixels: Uint8ClampedArray): Histogram => {
  const counts = {
    luma: new Uint32Array(LEVELS),
    red: new Uint32Array(LEVELS),
    green: new Uint32Array(LEVELS),
    blue: new Uint32Array(LEVELS),
  };
  const add = (into: Uint32Array, level: number): void => {
    into[level] = (into[level] ?? 0) + 1;
  };
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    add(counts.red, red);
    add(counts.green, green);
    add(counts.blue, blue);
    add(counts.luma, Math.round(lumaOf(red, green, blue)));
  }
  return counts;
};

/** For each column of a picture `width` wide, how many of its pixels have each luma: column * 256 + level. */
export const waveform = (pixels: Uint8ClampedArray, width: number): Uint32Array => {
  const counts = new Uint32Array(width * LEVELS);
  for (let at = 0; at < pixels.length; at += 4) {
    const level = Math.round(lumaOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0));
    const place = ((at >> 2) % width) * LEVELS + level;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
};

/** Place of a colour on the vectorscope: Cb to the right and Cr upwards, 0 to 255, grey at 128, 128. */
export const chromaOf = (red: number, green: number, blue: number): readonly [number, number] => {
  const luma = lumaOf(red, green, blue);
  const bounded = (value: number): number => Math.min(LEVELS - 1, Math.round(value));
  return [bounded((blue - luma) / 1.8556 + 128), bounded((red - luma) / 1.5748 + 128)];
};

/** How many pixels have each chroma: Cr * 256 + Cb. */
export const vectorscope = (pixels: Uint8ClampedArray): Uint32Array => {
  const counts = new Uint32Array(LEVELS * LEVELS);
  for (let at = 0; at < pixels.length; at += 4) {
    const [cb, cr] = chromaOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    const place = cr * LEVELS + cb;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
};

/** The lowest and the highest luma of a picture in percent, whole; 0 and 0 of none. */
export const lumaRange = ({ luma }: Histogram): readonly [number, number] => {
  const lowest = luma.findIndex((count) => count > 0);
  const highest = luma.findLastIndex((count) => count > 0);
  const percent = (level: number): number => Math.round((100 * Math.max(0, level)) / (LEVELS - 1));
  return [percent(lowest), percent(highest)];
};
