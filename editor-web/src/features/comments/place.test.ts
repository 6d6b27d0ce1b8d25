import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flicks, TICKS } from "@/timeline-core/time";
import { anchorOf, mentionAt, mentioned, momentOf, placeOf } from "./place";

const open = { sequence: "seq", main: "seq" };
const clip = {
  id: "c",
  start: 10 * TICKS,
  duration: 4 * TICKS,
  sourceIn: 2 * TICKS,
  speed: [2, 1] as const,
};
const at = (t: number, part = {}) => ({ sequence: null, clip: null, t, duration: 0, ...part });

describe("where a comment stands", () => {
  it("editor-M1: stands at its time of its own sequence only", () => {
    expect(placeOf(at(5), open, () => null)).toEqual({ at: 5, duration: 0 });
    expect(placeOf(at(5, { sequence: "other" }), open, () => null)).toBeNull();
  });

  it("editor-M1: moves with its clip, and is gone where the clip shows it no more", () => {
    const pinned = at(4 * TICKS, { clip: "c", duration: TICKS });
    expect(placeOf(pinned, open, () => clip)).toEqual({ at: 11 * TICKS, duration: TICKS / 2 });
    const moved = { ...clip, start: 20 * TICKS };
    expect(placeOf(pinned, open, () => moved)?.at).toBe(21 * TICKS);
    expect(placeOf(pinned, open, () => ({ ...clip, sourceIn: 5 * TICKS }))).toBeNull();
    expect(placeOf(pinned, open, () => null)).toBeNull();
  });

  it("editor-M1: is found again where it was put, at any speed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3999 }), fc.constantFrom(1, 2, -1), (ms, num) => {
        const here = { ...clip, sourceIn: 50 * TICKS, speed: [num, 1] as const };
        const place = { at: flicks(here.start + (ms * TICKS) / 1000), duration: flicks(0) };
        const anchor = anchorOf(place, "seq", here);
        expect(placeOf(anchor, open, () => here)?.at).toBe(place.at);
      }),
    );
  });

  it("editor-M1: is about the range around the playhead, else about its moment", () => {
    const range = { from: flicks(2), to: flicks(8) };
    expect(momentOf(flicks(5), range)).toEqual({ at: 2, duration: 6 });
    expect(momentOf(flicks(9), range)).toEqual({ at: 9, duration: 0 });
    expect(momentOf(flicks(5), { from: flicks(2), to: null })).toEqual({ at: 5, duration: 0 });
  });
});

describe("mentions", () => {
  it("editor-M2: are sought after an @ at the beginning of a word", () => {
    expect(mentionAt("Look, @an", 9)).toEqual({ from: 6, sought: "an" });
    expect(mentionAt("ana@mail", 8)).toBeNull();
    expect(mentionAt("@", 1)).toEqual({ from: 0, sought: "" });
  });

  it("editor-M2: name everybody whose name stands in the text, once", () => {
    const people = [
      { id: "1", name: "Ana Ray" },
      { id: "2", name: "Bea" },
    ];
    expect(mentioned("@Ana Ray and @Ana Ray, not Bea", people)).toEqual(["1"]);
  });
});
