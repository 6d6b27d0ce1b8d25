/** Keys, masks, mosaics and sharpening as arithmetic: what the film's filters do, in the browser [export-X70]. */
import { describe, expect, it } from "vitest";
import { chromaOf } from "@/timeline-core/grade";
import { keyCube, lookUp, spillCube } from "./cube";
import { distanceTo, outlineAlpha } from "./outline";
import { inBlocks, sharpen, thin } from "./pixels";

const key = (tolerance: number, softness: number, spill = 0) => {
  const [blue, red] = chromaOf("#00ff00");
  return { blue, red, tolerance, softness, spill };
};

const looked = (cube: Float32Array, ...color: readonly number[]): readonly number[] => {
  const pixels = Uint8ClampedArray.from([...color, 255]);
  lookUp(pixels, cube);
  return [...pixels.slice(0, 3)];
};

describe("keys of a colour", () => {
  it("leave what is far from it, in shades between tolerance and softness", () => {
    const cube = keyCube(key(0.2, 0.2));
    expect(looked(cube, 0, 255, 0)).toEqual([0, 0, 0]);
    expect(looked(cube, 128, 128, 128)).toEqual([255, 255, 255]);
    // Green of half the light has half the chroma, 0.298.
    const [shade] = looked(cube, 0, 128, 0);
    expect(Math.abs((shade ?? 0) - (255 * (0.298 - 0.2)) / 0.2)).toBeLessThan(4);
  });

  it("take their own share out of what is left, and keep its luma", () => {
    const cube = spillCube(key(0, 0, 1));
    const [red, green, blue] = looked(cube, 100, 180, 100) as [number, number, number];
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(1);
    expect(looked(cube, 180, 80, 150)).toEqual([180, 80, 150]);
  });
});

describe("outlines", () => {
  const corners = [
    [1, 0],
    [3, 2],
  ] as const;

  it("say how far it is to the nearest side, below 0 inside", () => {
    const shapes = [
      distanceTo("rectangle", corners),
      distanceTo("polygon", [corners[0], [3, 0], corners[1], [1, 2]]),
    ];
    for (const away of shapes) {
      expect(away(2, 1)).toBeCloseTo(-1);
      expect(away(5, 1)).toBeCloseTo(2);
      expect(away(0, 3)).toBeCloseTo(Math.SQRT2);
    }
    const round = distanceTo("ellipse", corners);
    expect(round(1, 1)).toBeCloseTo(0);
    expect(round(2, 0.01)).toBeCloseTo(-0.01, 3);
  });

  it("fade by half a feather on both sides, and are at least one pixel soft", () => {
    const half = { shape: "rectangle", points: [[-1, -1] as const, [0.5, 2] as const] };
    const outline = { ...half, across: 1 / 2, down: 1, invert: false };
    const row = (feather: number, invert = false) => [
      ...outlineAlpha({ ...outline, invert }, feather, { width: 8, height: 4 }, [0, 0]).slice(0, 8),
    ];
    expect(row(0)).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
    expect(row(0, true)).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
    expect(row(0.5)[3]).toBe(191);
    expect(row(0.5)[4]).toBe(64);
  });
});

describe("arithmetic on pixels", () => {
  it("puts the mean of a block into it, weighed by what is seen", () => {
    const data = Uint8ClampedArray.from([100, 0, 0, 255, 200, 0, 0, 255, 7, 7, 7, 255, 9, 9, 9, 0]);
    inBlocks({ data, width: 4, height: 1 }, 2, 1);
    expect([...data]).toEqual([150, 0, 0, 255, 150, 0, 0, 255, 7, 7, 7, 128, 7, 7, 7, 128]);
  });

  it("moves a colour away from its surroundings, alpha aside", () => {
    const data = Uint8ClampedArray.from([100, 100, 250, 40]);
    sharpen(data, Uint8ClampedArray.from([90, 110, 200, 255]), 2);
    expect([...data]).toEqual([120, 80, 255, 40]);
  });

  it("leaves as much as the shade says of what there was", () => {
    const data = Uint8ClampedArray.from([1, 2, 3, 200]);
    thin(data, Uint8ClampedArray.from([51]), 1);
    expect(data[3]).toBe(40);
  });
});
