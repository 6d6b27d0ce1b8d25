import { describe, expect, it } from "vitest";
import { type Corners, covers, type Grip, type Held, moved, type Point, within } from "./geometry";

const full: Corners = [100, 100, 300, 100, 100, 200, 300, 200];
const size = { width: 1000, height: 500 };
const held = (grip: Grip, from: Point, values = {}): Held => ({
  grip,
  from,
  anchor: [200, 150],
  full,
  values: { x: -0.3, y: -0.2, scale_x: 1, scale_y: 2, rotation: 0, ...values },
  size,
});
const free = { snap: false, steps: false };

describe("hands on the picture", () => {
  it("editor-H1: move by shares of the canvas, with Shift in one direction only", () => {
    const grip = held({ kind: "move" }, [200, 150]);
    expect(moved(grip, [300, 160], free).values).toEqual({ x: -0.2, y: -0.18 });
    expect(moved(grip, [300, 160], { ...free, steps: true }).values).toEqual({ x: -0.2, y: -0.2 });
  });

  it("editor-H1: snap the middle and the edges to those of the canvas, and show the line", () => {
    const grip = held({ kind: "move" }, [200, 150]);
    const { values, guides } = moved(grip, [498, 170], { snap: true, steps: false });
    expect(values["x"]).toBe(0);
    expect(guides).toEqual([{ axis: "x", at: 500 }]);
    expect(moved(grip, [103, 150], { snap: true, steps: false }).guides).toContainEqual({
      axis: "x",
      at: 0,
    });
  });

  it("editor-H1: scale about the anchor and keep the proportions", () => {
    const grip = held({ kind: "scale", corner: 3 }, [300, 200]);
    expect(moved(grip, [400, 250], free).values).toEqual({ scale_x: 2, scale_y: 4 });
    expect(moved(grip, [200, 150], free).values["scale_x"]).toBe(0.01);
  });

  it("editor-H1: turn about the anchor, with Shift by 15 degrees", () => {
    const grip = held({ kind: "rotate" }, [200, 50]);
    expect(moved(grip, [300, 150], free).values).toEqual({ rotation: 90 });
    expect(moved(grip, [300, 140], { ...free, steps: true }).values).toEqual({ rotation: 90 });
    const over = held({ kind: "rotate" }, [100, 149], { rotation: 170 });
    expect(moved(over, [100, 151], free).values["rotation"]).toBeCloseTo(168.9, 1);
  });

  it("editor-H1: crop along the picture's own edges, never all of it", () => {
    const grip = held({ kind: "crop", edge: "l" }, [100, 150], { crop_r: 0.5 });
    expect(moved(grip, [150, 120], free).values).toEqual({ crop_l: 0.25 });
    expect(moved(grip, [900, 120], free).values).toEqual({ crop_l: 0.49 });
    expect(moved(held({ kind: "crop", edge: "b" }, [0, 0]), [0, 175], free).values).toEqual({
      crop_b: 0.25,
    });
  });

  it("editor-H1: find the picture under a point, turned as well", () => {
    const diamond: Corners = [0, -10, 10, 0, -10, 0, 0, 10];
    expect(covers(diamond, [0, 0])).toBe(true);
    expect(covers(diamond, [9, 9])).toBe(false);
    expect(within(full, 0.5, 1)).toEqual([200, 200]);
  });
});
