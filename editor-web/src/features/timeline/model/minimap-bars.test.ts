import { describe, expect, it } from "vitest";
import { documentFromJson } from "@/timeline-core/model";
import { TICKS } from "@/timeline-core/time";
import { ViewBuilder } from "./build-view";
import { minimapBars } from "./minimap-bars";

const filmOf = (clips: number, seconds: number, gapAfter = -1) => {
  const records = Array.from({ length: clips }, (_, index) => [
    `c${String(index).padStart(5, "0")}`,
    {
      track: index % 2 === 0 ? "v1" : "a1",
      asset: "as",
      start:
        (Math.floor(index / 2) * seconds + (index > gapAfter && gapAfter >= 0 ? 60 : 0)) * TICKS,
      duration: seconds * TICKS,
    },
  ]);
  return new ViewBuilder().build(
    documentFromJson({
      meta: { main_sequence: "seq" },
      sequences: { seq: { fps_num: 30, fps_den: 1 } },
      tracks: {
        v1: { sequence: "seq", kind: "video", order: "a0" },
        a1: { sequence: "seq", kind: "audio", order: "a0" },
      },
      clips: Object.fromEntries(records),
    }),
    new Map(),
    null,
    () => "",
  );
};

describe("the minimap", () => {
  it("editor-G10: shows every clip of every track, wide ones each on their own", () => {
    const bars = minimapBars(filmOf(6, 10), 4 / TICKS);
    expect(bars.map(({ row, x, width }) => [row, x, width])).toEqual([
      [0, 0, 39],
      [0, 40, 39],
      [0, 80, 39],
      [1, 0, 39],
      [1, 40, 39],
      [1, 80, 39],
    ]);
    expect(bars.map(({ tone }) => tone)).toEqual([
      ...Array(3).fill("video"),
      ...Array(3).fill("audio"),
    ]);
  });

  it("editor-G10: joins what is too thin to be told apart, to the end of the film, but not over a gap", () => {
    const seconds = 1;
    const perTick = 1200 / (2_560 * TICKS);
    const whole = minimapBars(filmOf(5_000, seconds), perTick);
    expect(whole).toHaveLength(2);
    for (const { x, width } of whole) expect(x + width).toBeCloseTo(2_500 * TICKS * perTick);
    const apart = minimapBars(filmOf(5_000, seconds, 2_499), perTick);
    expect(apart).toHaveLength(4);
  });
});
