/** Colours and blurs as arithmetic: what the film's filters do, in the browser [export-X36]. */
import { describe, expect, it } from "vitest";
import { gradeOf } from "@/timeline-core/grade";
import { blurPixels } from "./blur";
import { gradeCube, lookUp, lutCube, SIDE } from "./cube";

const looked = (cube: Float32Array, ...color: readonly number[]): readonly number[] => {
  const pixels = Uint8ClampedArray.from([...color, 255]);
  lookUp(pixels, cube);
  return [...pixels];
};

/** A table that changes nothing, as the server keeps it. */
const plainTable = (): Uint16Array => {
  const table = new Uint16Array(3 * SIDE ** 3);
  for (let index = 0; index < SIDE ** 3; index += 1) {
    const places = [index % SIDE, Math.floor(index / SIDE) % SIDE, Math.floor(index / SIDE ** 2)];
    for (const [axis, place] of places.entries())
      table[3 * index + axis] = Math.round((place / (SIDE - 1)) * 65_535);
  }
  return table;
};

describe("cubes of colours", () => {
  it("leave every colour alone where nothing is asked for", () => {
    const cubes = [gradeCube(gradeOf({})), lutCube(plainTable(), 1)];
    for (const cube of cubes)
      for (const color of [
        [0, 0, 0],
        [255, 255, 255],
        [1, 128, 254],
        [200, 3, 77],
        [13, 240, 121],
        [90, 91, 92],
      ])
        expect(looked(cube, ...color)).toEqual([...color, 255]);
  });

  it("agree with the numbers of the grade away from its ends", () => {
    const cube = gradeCube(gradeOf({ contrast: 0.5, saturation: 0.5, exposure_stops: 0.2 }));
    const { gain } = gradeOf({ exposure_stops: 0.2 });
    const color = [180, 40, 90];
    const moved = color.map((one, axis) => ((one / 255) * (gain[axis] ?? 1) - 0.5) * 0.5 + 0.5);
    const luma = 0.2126 * (moved[0] ?? 0) + 0.7152 * (moved[1] ?? 0) + 0.0722 * (moved[2] ?? 0);
    const expected = moved.map((one) => 255 * (luma + (one - luma) * 0.5));
    for (const [axis, value] of looked(cube, ...color)
      .slice(0, 3)
      .entries())
      expect(Math.abs(value - (expected[axis] ?? 0))).toBeLessThanOrEqual(0.51);
  });

  it("mix a table in, and leave what is clear alone", () => {
    const inverted = plainTable().map((value) => 65_535 - value);
    expect(looked(lutCube(inverted, 1), 10, 20, 250)).toEqual([245, 235, 5, 255]);
    expect(looked(lutCube(inverted, 0.25), 10, 20, 250)).toEqual([69, 74, 189, 255]);
    const clear = Uint8ClampedArray.from([9, 9, 9, 0]);
    lookUp(clear, lutCube(inverted, 1));
    expect([...clear]).toEqual([9, 9, 9, 0]);
  });
});

describe("the blur of browsers whose canvases have none", () => {
  const [width, height] = [96, 8];
  const stripes = (alphaLeft: number): ImageData["data"] => {
    const data = new Uint8ClampedArray(4 * width * height);
    for (let at = 0; at < width * height; at += 1) {
      const isRight = at % width >= width / 2;
      data.set(isRight ? [255, 255, 255, 255] : [0, 0, 0, alphaLeft], 4 * at);
    }
    return data;
  };

  it("is nearly a Gaussian, and edges go on", () => {
    const data = stripes(255);
    blurPixels({ data, width, height }, [5, 5]);
    expect(data[0]).toBeLessThanOrEqual(1);
    expect(data[4 * (width - 1)]).toBeGreaterThanOrEqual(254);
    const values = Array.from({ length: width }, (_, x) => data[4 * x] ?? 0);
    const slopes = values.slice(1).map((value, x) => value - (values[x] ?? 0));
    const total = slopes.reduce((sum, slope) => sum + slope, 0);
    const spread = slopes.reduce((sum, slope, x) => sum + slope * (x + 1 - width / 2) ** 2, 0);
    expect(Math.sqrt(spread / total)).toBeCloseTo(5, 0);
  });

  it("lets clear pixels give no colour", () => {
    const data = stripes(0);
    blurPixels({ data, width, height }, [4, 4]);
    const middle = 4 * (width / 2 - 2);
    expect(data[middle + 3]).toBeGreaterThan(50);
    expect(data[middle + 3]).toBeLessThan(200);
    expect(data[middle]).toBeGreaterThanOrEqual(250);
  });
});
