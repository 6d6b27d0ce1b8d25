import { describe, expect, it } from "vitest";
import type { Preset } from "@/lib/api/types";
import {
  type FilmChoice,
  type FilmPlaces,
  framesPerSecond,
  groupedByUse,
  isTooLong,
  orderOf,
} from "./film-choice";

const SECOND = 705_600_000;
const PLACES: FilmPlaces = {
  duration: 90 * SECOND,
  playhead: 7 * SECOND,
  from: 10 * SECOND,
  to: 30 * SECOND,
  ranged: true,
};
const PLAIN: FilmChoice = {
  preset: null,
  part: "whole",
  captions: "burn",
  fit: "contain",
  loudness: "timeline",
  poster: false,
};
const preset = (more: Partial<Preset> = {}): Preset => ({
  name: "source",
  title: "As the timeline",
  use: "watch",
  extension: ".mp4",
  has_picture: true,
  has_sound: true,
  still: false,
  seconds_max: null,
  width: 1920,
  height: 1080,
  fps_num: 30,
  fps_den: 1,
  reshapes: false,
  ...more,
});

describe("what is chosen in the export dialog is what is ordered", () => {
  it("editor-W30: sends nothing but the preset where nothing was chosen", () => {
    expect(orderOf(preset(), PLAIN, PLACES)).toEqual({ preset: "source" });
  });

  it("sends what was chosen, and no option that the file has no use for", () => {
    const wild = { ...PLAIN, captions: "soft", fit: "blur", loudness: -14, poster: true } as const;
    expect(orderOf(preset({ reshapes: true }), { ...wild, part: "range" }, PLACES)).toEqual({
      preset: "source",
      range: { start: 10 * SECOND, end: 30 * SECOND },
      captions: "soft",
      fit: "blur",
      loudness: -14,
      poster: 7 * SECOND,
    });
    const gif = preset({ name: "gif", has_sound: false });
    expect(orderOf(gif, { ...wild, poster: false }, PLACES)).toEqual({
      preset: "gif",
      captions: "soft",
    });
  });

  it("takes the frame at the playhead for a still", () => {
    const still = preset({ name: "frame-png", still: true, has_sound: false });
    expect(orderOf(still, { ...PLAIN, part: "range", poster: true }, PLACES)).toEqual({
      preset: "frame-png",
      range: { start: 7 * SECOND, end: 7 * SECOND + 1 },
    });
  });

  it("knows what is too long for a preset, and that a part of it may not be", () => {
    const gif = preset({ seconds_max: 60 });
    expect(isTooLong(gif, PLAIN, PLACES, SECOND)).toBe(true);
    expect(isTooLong(gif, { ...PLAIN, part: "range" }, PLACES, SECOND)).toBe(false);
  });

  it("groups presets by what they are for, and says rates as people do", () => {
    const groups = groupedByUse([preset({ use: "sound" }), preset(), preset({ name: "draft" })]);
    expect(groups.map((group) => [group.use, group.presets.length])).toEqual([
      ["watch", 2],
      ["sound", 1],
    ]);
    expect(framesPerSecond(30000, 1001)).toBe("29.97");
    expect(framesPerSecond(25, 2)).toBe("12.5");
    expect(framesPerSecond(24, 1)).toBe("24");
  });
});
