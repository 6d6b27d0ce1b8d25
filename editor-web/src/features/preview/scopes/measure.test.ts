import { describe, expect, it } from "vitest";
import { chromaOf, histogram, LEVELS, lumaRange, vectorscope, waveform } from "./measure";

const picture = (...colors: readonly (readonly [number, number, number])[]): Uint8ClampedArray =>
  Uint8ClampedArray.from(colors.flatMap((color) => [...color, 255]));

const BLACK = [0, 0, 0] as const;
const GREY = [128, 128, 128] as const;
const WHITE = [255, 255, 255] as const;
const RED = [255, 0, 0] as const;

const places = (counts: Uint32Array): readonly (readonly [number, number])[] =>
  [...counts.entries()].filter(([, count]) => count > 0);

describe("scopes", () => {
  it("editor-V14: the histogram counts each channel and luma by level", () => {
    const found = histogram(picture(BLACK, GREY, RED, RED));
    expect(places(found.red)).toEqual([
      [0, 1],
      [128, 1],
      [255, 2],
    ]);
    expect(places(found.green)).toEqual([
      [0, 3],
      [128, 1],
    ]);
    expect(places(found.blue)).toEqual([
      [0, 3],
      [128, 1],
    ]);
    expect(places(found.luma)).toEqual([
      [0, 1],
      [54, 2],
      [128, 1],
    ]);
  });

  it("editor-V14: luma is told in percent", () => {
    expect(lumaRange(histogram(picture(GREY, GREY)))).toEqual([50, 50]);
    expect(lumaRange(histogram(picture(BLACK, WHITE)))).toEqual([0, 100]);
    expect(lumaRange(histogram(picture()))).toEqual([0, 0]);
  });

  it("editor-V14: the waveform counts luma by column", () => {
    const counts = waveform(picture(BLACK, WHITE, GREY, WHITE), 2);
    expect(places(counts)).toEqual([
      [0, 1],
      [128, 1],
      [LEVELS + 255, 2],
    ]);
  });

  it("editor-V14: the vectorscope has grey in the middle and colours where BT.709 puts them", () => {
    expect(chromaOf(...GREY)).toEqual([128, 128]);
    expect(chromaOf(...RED)).toEqual([99, 255]);
    expect(chromaOf(0, 0, 255)).toEqual([255, 116]);
    expect(chromaOf(0, 255, 0)).toEqual([30, 12]);
    expect(places(vectorscope(picture(GREY, WHITE, RED)))).toEqual([
      [128 * LEVELS + 128, 2],
      [255 * LEVELS + 99, 1],
    ]);
  });
});
